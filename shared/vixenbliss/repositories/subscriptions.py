"""Every query on subscriptions, as those see them who pay, and who are paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    bindparam,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import SubscriptionNotFoundError
from vixenbliss.models.catalogue import Interval, Price, Product
from vixenbliss.models.customers import Customer
from vixenbliss.models.subscriptions import LIVE, Subscription, SubscriptionStatus
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.subscriptions import SubscriptionRead

type Column = ColumnElement[Any] | InstrumentedAttribute[Any]

_Pending = aliased(Price, name="pending_price")


def _price(of: type[Price]) -> ColumnElement[Any]:
    parts = (of.id, of.amount_minor, of.currency, of.interval)
    return func.jsonb_build_object(*(part for c in parts for part in (c.key, c)))


_COLUMNS: tuple[Column, ...] = (
    Subscription.id,
    Subscription.workspace_id,
    Subscription.avatar_id,
    Customer.user_id,
    Subscription.product_id,
    Product.name.label("product_name"),
    _price(Price).label("price"),
    case((_Pending.id.is_not(None), _price(_Pending))).label("pending_price"),
    Subscription.status,
    Subscription.current_period_start,
    Subscription.current_period_end,
    Subscription.trial_end,
    Subscription.cancel_at_period_end,
    Subscription.canceled_at,
    Subscription.ended_at,
    Subscription.grace_until,
    Subscription.created_at,
)
_SOURCES = (
    Subscription.__table__.join(
        Customer.__table__, Customer.id == Subscription.customer_id
    )
    .join(Product.__table__, Product.id == Subscription.product_id)
    .join(Price.__table__, Price.id == Subscription.price_id)
    .outerjoin(_Pending, _Pending.id == Subscription.pending_price_id),
)
_own = Customer.user_id == MEMBER.c.user_id
_ours = Subscription.workspace_id == MEMBER.c.workspace_id
_this = Subscription.id == bindparam("id")


def _listed(whose: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return page_seen_by_member(
        _COLUMNS,
        whose,
        wish(Subscription.status, "status"),
        wish(Subscription.product_id, "product_id"),
        order_by=(Subscription.created_at.desc(), Subscription.id.desc()),
        sources=_SOURCES,
    )


def _seen(
    columns: Sequence[Column], whose: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    rows = select(*columns).select_from(*_SOURCES).where(whose, _this)
    return seen_by_member(rows.correlate(MEMBER))


_LIST_OWN = _listed(_own)
_LIST_OURS = _listed(_ours)
_READ_OWN = _seen(_COLUMNS, _own)
_READ_OURS = _seen(_COLUMNS, _ours)
_READ = select(*_COLUMNS).select_from(*_SOURCES).where(_this)
_STANDING: tuple[Column, ...] = (
    Subscription.id,
    Subscription.workspace_id,
    Subscription.avatar_id,
    Subscription.customer_id,
    Customer.stripe_customer_id,
    Subscription.product_id,
    Subscription.price_id,
    Subscription.pending_price_id,
    Price.amount_minor,
    Price.currency,
    Price.interval,
    Subscription.stripe_subscription_id,
    Subscription.stripe_item_id,
    Subscription.status,
    Subscription.current_period_end,
    Subscription.cancel_at_period_end,
)
_FIND_OWN = _seen(_STANDING, _own)
_FIND_OURS = _seen(_STANDING, _ours)
_LOCK = (
    select(*_STANDING)
    .select_from(*_SOURCES)
    .where(_this)
    .with_for_update(of=Subscription)
)
_HAS_OTHER = select(Subscription.id).where(
    Subscription.customer_id == bindparam("customer_id"),
    or_(
        Subscription.product_id == bindparam("product_id"),
        Subscription.pending_price_id.in_(
            select(Price.id).where(Price.product_id == bindparam("product_id"))
        ),
    ),
    Subscription.id != bindparam("id"),
    Subscription.status.in_(LIVE),
)
_IS_PAID_TO = select(Subscription.id).where(
    Subscription.workspace_id == bindparam("workspace_id"),
    Subscription.avatar_id == bindparam("avatar_id"),
    Subscription.status.in_(LIVE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """How a subscription stands, for somebody who wants it changed."""

    id: UUID
    workspace_id: UUID
    avatar_id: UUID | None
    customer_id: UUID
    stripe_customer_id: str | None
    product_id: UUID
    price_id: UUID
    pending_price_id: UUID | None
    amount_minor: int
    currency: str
    interval: Interval
    stripe_subscription_id: str
    stripe_item_id: str
    status: SubscriptionStatus
    current_period_end: datetime
    cancel_at_period_end: bool


class SubscriptionRepository:
    """Subscriptions: a fan's own; or, to whoever names a workspace, all of its."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[SubscriptionRead]:
        """Return the subscriptions that match, newest first."""
        statement = _LIST_OWN if caller.workspace_id is None else _LIST_OURS
        return await read_page(
            self._connection, caller, statement, page, SubscriptionRead, **filters
        )

    async def get(self, caller: Caller, subscription_id: UUID) -> SubscriptionRead:
        """Return a subscription that is the caller's to see.

        Raises:
            SubscriptionNotFoundError: none of that id is.
        """
        statement = _READ_OWN if caller.workspace_id is None else _READ_OURS
        row = await self._one(caller, statement, subscription_id)
        return SubscriptionRead.model_validate(dict(row))

    async def find(self, caller: Caller, subscription_id: UUID) -> Membership:
        """Return how a subscription stands that is the caller's to see.

        Raises:
            SubscriptionNotFoundError: none of that id is.
        """
        statement = _FIND_OWN if caller.workspace_id is None else _FIND_OURS
        row = await self._one(caller, statement, subscription_id)
        return _membership(row)

    async def _one(
        self,
        caller: Caller,
        statement: Select[*tuple[Any, ...]],
        subscription_id: UUID,
    ) -> RowMapping:
        rows = await read(self._connection, caller, statement, id=subscription_id)
        if not rows:
            raise SubscriptionNotFoundError
        return rows[0]

    async def lock(self, subscription_id: UUID) -> Membership:
        """Return how a subscription stands, held; its customer is held already."""
        (row,) = await self._connection.all(_LOCK, id=subscription_id)
        return _membership(row)

    async def read(self, subscription_id: UUID) -> SubscriptionRead:
        """Return a subscription that was just changed."""
        (row,) = await self._connection.all(_READ, id=subscription_id)
        return SubscriptionRead.model_validate(dict(row))

    async def has_another(self, membership: Membership, product_id: UUID) -> bool:
        """Tell whether the customer has, or will have, a product by another one."""
        row = await self._connection.one(
            _HAS_OTHER,
            id=membership.id,
            customer_id=membership.customer_id,
            product_id=product_id,
        )
        return row is not None

    async def is_paid_to(self, member: Member, avatar_id: UUID) -> bool:
        """Tell whether anybody is subscribed to what an avatar sells."""
        row = await self._connection.one(
            _IS_PAID_TO, workspace_id=member.workspace_id, avatar_id=avatar_id
        )
        return row is not None


def _membership(row: RowMapping) -> Membership:
    return Membership(**{name: row[name] for name in Membership.__slots__})
