"""Every query on checkouts, as those begin and see them who pay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    RowMapping,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import CheckoutNotFoundError
from vixenbliss.models.catalogue import Price
from vixenbliss.models.checkouts import Checkout, CheckoutMode, CheckoutStatus
from vixenbliss.models.customers import Customer
from vixenbliss.models.orders import Order, OrderLine, OrderStatus
from vixenbliss.models.subscriptions import (
    LIVE,
    ChangeStatus,
    Subscription,
    SubscriptionChange,
)
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.terms import among, before_now, from_now
from vixenbliss.schemas.checkouts import CheckoutRead

_STORED = (
    Checkout.id,
    Checkout.workspace_id,
    Checkout.customer_id,
    Checkout.mode,
    Checkout.product_id,
    Checkout.lines,
    Checkout.currency,
    Checkout.success_url,
    Checkout.cancel_url,
    Checkout.request_sha256,
    Checkout.stripe_session_id,
    Checkout.url,
    Checkout.status,
    Checkout.expires_at,
)
_is_open = Checkout.status == CheckoutStatus.OPEN
_BY_KEY = select(*_STORED).where(
    Checkout.customer_id == bindparam("customer_id"),
    Checkout.client_key == bindparam("client_key"),
)
_OPEN_OF = select(*_STORED).where(
    Checkout.customer_id == bindparam("customer_id"),
    Checkout.product_id == bindparam("product_id"),
    _is_open,
)
_ADD = (
    insert(Checkout)
    .values(
        id=bindparam("id"),
        workspace_id=bindparam("workspace_id"),
        avatar_id=bindparam("avatar_id"),
        customer_id=bindparam("customer_id"),
        mode=bindparam("mode"),
        product_id=bindparam("product_id"),
        lines=bindparam("lines"),
        amount_minor=bindparam("amount_minor"),
        currency=bindparam("currency"),
        message=bindparam("message"),
        success_url=bindparam("success_url"),
        cancel_url=bindparam("cancel_url"),
        client_key=bindparam("client_key"),
        request_sha256=bindparam("request_sha256"),
        expires_at=func.date_trunc("second", from_now("lasts")),  # as Stripe counts
    )
    .returning(*_STORED)
)
_ADD_ORDER = insert(Order).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    avatar_id=bindparam("avatar_id"),
    customer_id=bindparam("customer_id"),
    checkout_id=bindparam("checkout_id"),
    reason=bindparam("reason"),
    subtotal_minor=bindparam("amount_minor"),
    total_minor=bindparam("amount_minor"),
    currency=bindparam("currency"),
)
_ADD_LINE = insert(OrderLine).values(
    order_id=bindparam("order_id"),
    product_id=bindparam("product_id"),
    price_id=bindparam("price_id"),
    label=bindparam("label"),
    quantity=bindparam("quantity"),
    total_minor=bindparam("total_minor"),
)
_KEEP = (
    update(Checkout)
    .where(Checkout.id == bindparam("id_"), Checkout.stripe_session_id.is_(None))
    .values(stripe_session_id=bindparam("session_id"), url=bindparam("url_"))
)
_FIND = select(*_STORED).where(Checkout.id == bindparam("id"))
_has_no_page = and_(_is_open, Checkout.stripe_session_id.is_(None))
_is_of_pageless = (
    Order.checkout_id
    == select(Checkout.id)
    .where(Checkout.id == bindparam("checkout"), _has_no_page)
    .scalar_subquery()
)
_VOID_PAGELESS = (
    update(Order)
    .where(_is_of_pageless, Order.status == OrderStatus.PENDING)
    .values(status=OrderStatus.VOID)
    .returning(Order.id)
)
_FORGET_ORDER = delete(Order).where(_is_of_pageless)
_FORGET = delete(Checkout).where(Checkout.id == bindparam("checkout"), _has_no_page)
_END = (
    update(Checkout)
    .where(among(Checkout.id, "ids"), _is_open)
    .values(status=CheckoutStatus.EXPIRED, ended_at=func.now())
)
_VOID = (
    update(Order)
    .where(among(Order.checkout_id, "ids"), Order.status == OrderStatus.PENDING)
    .values(status=OrderStatus.VOID)
    .returning(Order.id)
)
# Customers first, as whoever writes about somebody's money does.
_LOCK_FORGOTTEN = (
    select(Checkout.id)
    .join(Customer, Customer.id == Checkout.customer_id)
    .where(_has_no_page, Checkout.expires_at <= func.now())
    .order_by(Customer.id, Checkout.id)
    .limit(bindparam("limit"))
    .with_for_update(of=Customer, skip_locked=True)
)
_wanted = bindparam("product_id", type_=Uuid())
_of_wanted = select(Price.id).where(Price.product_id == _wanted)
_changes_to_it = select(SubscriptionChange.id).where(
    SubscriptionChange.subscription_id == Subscription.id,
    SubscriptionChange.price_id.in_(_of_wanted),
)
_is_customers = Subscription.customer_id == bindparam("customer_id")
# To be renewed as one, or just being changed into one, is to be subscribed as well.
_is_subscribed = select(Subscription.id).where(
    _is_customers,
    Subscription.status.in_(LIVE),
    or_(
        Subscription.product_id == _wanted,
        Subscription.pending_price_id.in_(_of_wanted),
        _changes_to_it.where(
            SubscriptionChange.status == ChangeStatus.PENDING
        ).exists(),
    ),
)
# What has been changed into another membership since was subscribed to all the same.
_was_subscribed = (
    select(Subscription.id)
    .outerjoin(Checkout, Checkout.id == Subscription.checkout_id)
    .where(
        _is_customers,
        or_(
            Subscription.product_id == _wanted,
            Checkout.product_id == _wanted,
            _changes_to_it.where(
                SubscriptionChange.status == ChangeStatus.DONE
            ).exists(),
        ),
    )
)
# Paid for, and Stripe has not told us yet of what it has become.
_is_under_way = select(Checkout.id).where(
    Checkout.customer_id == bindparam("customer_id"),
    Checkout.product_id == bindparam("product_id"),
    Checkout.status == CheckoutStatus.COMPLETED,
    Checkout.ended_at > before_now("told_within"),
    ~select(Subscription.id).where(Subscription.checkout_id == Checkout.id).exists(),
)
_is_at_the_till = select(Checkout.id).where(
    Checkout.customer_id == bindparam("customer_id"),
    Checkout.product_id == _wanted,
    _is_open,
    Checkout.expires_at > func.now(),
)
_HISTORY = select(
    or_(
        _is_subscribed.exists(),
        _is_under_way.exists(),
    ).label("is_live"),
    _was_subscribed.exists().label("was_there"),
    _is_under_way.exists().label("is_under_way"),
    _is_at_the_till.exists().label("is_at_the_till"),
)
TOLD_WITHIN = timedelta(days=1)
"""How long Stripe's word may take; by then the reconciliation has brought it."""
_DETAIL = seen_by_member(
    select(
        Checkout.id.label("checkout_id"),
        Checkout.status,
        Checkout.mode,
        Checkout.amount_minor,
        Checkout.currency,
        case((_is_open, Checkout.url)).label("url"),
        Checkout.expires_at,
        Checkout.created_at,
        Order.id.label("order_id"),
        Subscription.id.label("subscription_id"),
    )
    .join(Customer, Customer.id == Checkout.customer_id)
    .outerjoin(Order, Order.checkout_id == Checkout.id)
    .outerjoin(Subscription, Subscription.checkout_id == Checkout.id)
    .where(Checkout.id == bindparam("id"), Customer.user_id == MEMBER.c.user_id)
    .correlate(MEMBER)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheckout:
    """A checkout: all that Stripe is told, and what it has answered."""

    id: UUID
    workspace_id: UUID
    customer_id: UUID
    mode: CheckoutMode
    product_id: UUID | None
    lines: Mapping[str, Any]
    currency: str
    success_url: str
    cancel_url: str
    request_sha256: bytes
    stripe_session_id: str | None
    url: str | None
    status: CheckoutStatus
    expires_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether nobody has heard that it is over."""
        return self.status is CheckoutStatus.OPEN


@dataclass(frozen=True, slots=True)
class History:
    """What a customer has to do with a membership."""

    is_live: bool
    was_there: bool
    is_under_way: bool
    """Whether it is paid for by a checkout, and not there yet."""
    is_at_the_till: bool
    """Whether a page is open on which it may be paid for."""


class CheckoutRepository:
    """The checkouts of all customers; whoever writes has locked the customer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def read(self, caller: Caller, checkout_id: UUID) -> CheckoutRead:
        """Return the caller's checkout.

        Raises:
            CheckoutNotFoundError: the caller has none of that id.
        """
        rows = await read(self._connection, caller, _DETAIL, id=checkout_id)
        if not rows:
            raise CheckoutNotFoundError
        return CheckoutRead.model_validate(dict(rows[0]))

    async def find(self, checkout_id: UUID) -> StoredCheckout | None:
        """Return a checkout, if it is there still."""
        return _stored(await self._connection.one(_FIND, id=checkout_id))

    async def by_key(self, customer_id: UUID, key: str) -> StoredCheckout | None:
        """Return what the customer began under a key of their own."""
        row = await self._connection.one(
            _BY_KEY, customer_id=customer_id, client_key=key
        )
        return _stored(row)

    async def open_of(
        self, customer_id: UUID, product_id: UUID
    ) -> StoredCheckout | None:
        """Return the one open checkout of a membership that a customer may have."""
        row = await self._connection.one(
            _OPEN_OF, customer_id=customer_id, product_id=product_id
        )
        return _stored(row)

    async def history(self, customer_id: UUID, product_id: UUID) -> History:
        """Return whether the customer is, or has ever been, subscribed to a product.

        Whoever is about to be, by a change or a payment under way, is.
        """
        (row,) = await self._connection.all(
            _HISTORY,
            customer_id=customer_id,
            product_id=product_id,
            told_within=TOLD_WITHIN,
        )
        return History(**row)

    async def add(self, checkout_id: UUID, columns: dict[str, Any]) -> StoredCheckout:
        """Insert a checkout, the intent to sell."""
        (row,) = await self._connection.all(_ADD, id=checkout_id, **columns)
        return StoredCheckout(**row)

    async def add_order(
        self, order_id: UUID, columns: dict[str, Any], lines: Sequence[dict[str, Any]]
    ) -> None:
        """Insert the order that a checkout becomes when it is paid."""
        await self._connection.run(_ADD_ORDER, id=order_id, **columns)
        for line in lines:
            await self._connection.run(_ADD_LINE, order_id=order_id, **line)

    async def keep_session(self, checkout_id: UUID, session_id: str, url: str) -> None:
        """Keep where one pays; the first word stays."""
        await self._connection.run(
            _KEEP, id_=checkout_id, session_id=session_id, url_=url
        )

    async def void_pageless(self, checkout_id: UUID) -> Sequence[UUID]:
        """End the order of a checkout of which Stripe has nothing; return its id."""
        rows = await self._connection.all(_VOID_PAGELESS, checkout=checkout_id)
        return [row["id"] for row in rows]

    async def forget(self, checkout_id: UUID) -> None:
        """Delete a checkout, and its order, of which Stripe certainly has nothing."""
        await self._connection.run(_FORGET_ORDER, checkout=checkout_id)
        await self._connection.run(_FORGET, checkout=checkout_id)

    async def expire(self, *checkout_ids: UUID) -> Sequence[UUID]:
        """End open checkouts that nobody can pay any more; return the void orders."""
        await self._connection.run(_END, ids=list(checkout_ids))
        rows = await self._connection.all(_VOID, ids=list(checkout_ids))
        return [row["id"] for row in rows]

    async def lock_forgotten(self, *, limit: int) -> Sequence[UUID]:
        """Return checkouts whose time is over and that never had a page.

        Their customers are held until the transaction ends.
        """
        rows = await self._connection.all(_LOCK_FORGOTTEN, limit=limit)
        return [row["id"] for row in rows]


def _stored(row: RowMapping | None) -> StoredCheckout | None:
    if row is None:
        return None
    return StoredCheckout(**{f.name: row[f.name] for f in fields(StoredCheckout)})
