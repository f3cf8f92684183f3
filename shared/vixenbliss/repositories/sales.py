"""Every query by which people look at orders: fans at theirs, members at all.

A caller who names no workspace asks as a fan, whatever workspaces they are in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Select,
    UnaryExpression,
    bindparam,
    func,
    join,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import KeyedColumnElement

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import OrderNotFoundError
from vixenbliss.models.customers import Customer
from vixenbliss.models.orders import (
    Order,
    OrderLine,
    Payment,
    PaymentStatus,
    Refund,
)
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.orders import OrderRead, OrderWithParts, RefundRead

MOST = 200
"""How many lines, payments and refunds of an order are shown with it."""

type Column = InstrumentedAttribute[Any]
type Statement = Select[*tuple[Any, ...]]

_COLUMNS = (
    Order.id,
    Order.number,
    Order.workspace_id,
    Order.avatar_id,
    Order.customer_id,
    Order.subscription_id,
    Order.reason,
    Order.status,
    Order.subtotal_minor,
    Order.discount_minor,
    Order.tax_minor,
    Order.total_minor,
    Order.refunded_minor,
    Order.currency,
    Order.paid_at,
    Order.created_at,
)
_LINE = (
    OrderLine.product_id,
    OrderLine.price_id,
    OrderLine.label,
    OrderLine.quantity,
    OrderLine.total_minor,
)
_PAYMENT = (
    Payment.id,
    Payment.status,
    Payment.amount_minor,
    Payment.currency,
    Payment.decline_code,
    Payment.receipt_url,
    Payment.created_at,
)
_REFUND = (
    Refund.id,
    Refund.order_id,
    Refund.amount_minor,
    Refund.currency,
    Refund.reason,
    Refund.revoke_access,
    Refund.status,
    Refund.error_code,
    Refund.created_at,
)

_sold = join(Order, Customer, Customer.id == Order.customer_id)
_is_a_fans = Customer.user_id == MEMBER.c.user_id
_is_the_workspaces = Order.workspace_id == MEMBER.c.workspace_id
_since = bindparam("since", type_=DateTime(timezone=True), value=None)
_until = bindparam("until", type_=DateTime(timezone=True), value=None)


@dataclass(frozen=True, slots=True)
class _Window:
    """Which of an order's rows are shown: the first ones, or a page of the last."""

    is_newest_first: bool
    limit: ColumnElement[int]
    offset: ColumnElement[int]

    def order(self, by: Column | KeyedColumnElement[Any]) -> UnaryExpression[Any]:
        return by.desc() if self.is_newest_first else by.asc()


_FIRST = _Window(
    is_newest_first=False, limit=literal(MOST, Integer()), offset=literal(0, Integer())
)
_PAGE = _Window(
    is_newest_first=True,
    limit=bindparam("_limit", type_=Integer()),
    offset=bindparam("_offset", type_=Integer()),
)


def _parts(
    columns: Sequence[Column],
    of_order: ColumnElement[bool],
    *,
    by: Column,
    window: _Window = _FIRST,
) -> ColumnElement[Any]:
    """Return an order's rows of another table as a JSON list, in the window's order."""
    rows = (
        select(*columns, by.label("_by"))
        .where(of_order)
        .order_by(window.order(by))
        .limit(window.limit)
        .offset(window.offset)
        .correlate(Order)
        .lateral(f"some_{by.class_.__tablename__}")
    )
    named = [part for column in columns for part in (column.key, rows.c[column.key])]
    listed = func.jsonb_agg(
        aggregate_order_by(func.jsonb_build_object(*named), window.order(rows.c["_by"]))
    )
    return (
        select(func.coalesce(listed, literal_column("'[]'::jsonb"), type_=JSONB))
        .select_from(rows)
        .correlate(Order)
        .scalar_subquery()
    )


_receipt_url = (
    select(Payment.receipt_url)
    .where(Payment.order_id == Order.id, Payment.status == PaymentStatus.SUCCEEDED)
    .order_by(Payment.created_at.desc(), Payment.id.desc())
    .limit(1)
    .correlate(Order)
    .scalar_subquery()
)
_of_refunds = Refund.order_id == Order.id
_PARTS = {
    "lines": _parts(_LINE, OrderLine.order_id == Order.id, by=OrderLine.id),
    "payments": _parts(_PAYMENT, Payment.order_id == Order.id, by=Payment.id),
    "refunds": _parts(_REFUND, _of_refunds, by=Refund.id),
    "receipt_url": _receipt_url,
}
AS_JSON = func.jsonb_build_object(
    *(part for column in _COLUMNS for part in (column.key, column)),
    *(part for named in _PARTS.items() for part in named),
    type_=JSONB,
)
"""An order with its parts, for statements that show it beside something else."""
_counted = select(func.count()).where(_of_refunds).correlate(Order).scalar_subquery()


def _list(whose: ColumnElement[bool]) -> Statement:
    return page_seen_by_member(
        _COLUMNS,
        whose,
        wish(Order.status, "status"),
        wish(Order.avatar_id, "avatar_id"),
        or_(_since.is_(None), Order.created_at >= _since),
        or_(_until.is_(None), Order.created_at < _until),
        order_by=(Order.created_at.desc(), Order.id.desc()),
        sources=[_sold],
    )


def _get(whose: ColumnElement[bool]) -> Statement:
    return seen_by_member(
        select(*_COLUMNS, *(part.label(name) for name, part in _PARTS.items()))
        .select_from(_sold)
        .where(whose, Order.id == bindparam("id"))
        .correlate(MEMBER)
    )


def _refunds(whose: ColumnElement[bool]) -> Statement:
    """Return the statement for a page of an order's refunds; no row for no order."""
    found = _parts(_REFUND, _of_refunds, by=Refund.id, window=_PAGE)
    return seen_by_member(
        select(found.label("refunds"), _counted.label("total"))
        .select_from(_sold)
        .where(whose, Order.id == bindparam("id"))
        .correlate(MEMBER)
    )


_LIST = (_list(_is_a_fans), _list(_is_the_workspaces))
_GET = (_get(_is_a_fans), _get(_is_the_workspaces))
_REFUNDS = (_refunds(_is_a_fans), _refunds(_is_the_workspaces))


def _asked_by(caller: Caller, pair: tuple[Statement, Statement]) -> Statement:
    """Return a fan's statement, or the workspace's that the caller names."""
    return pair[caller.workspace_id is not None]


class SaleRepository:
    """Orders, to be looked at."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[OrderRead]:
        """Return the orders that match, newest first."""
        statement = _asked_by(caller, _LIST)
        return await read_page(
            self._connection, caller, statement, page, OrderRead, **filters
        )

    async def get(self, caller: Caller, order_id: UUID) -> OrderWithParts:
        """Return an order with its lines, payments and refunds.

        Raises:
            OrderNotFoundError: it is not the caller's to see.
        """
        statement = _asked_by(caller, _GET)
        rows = await read(self._connection, caller, statement, id=order_id)
        if not rows:
            raise OrderNotFoundError
        return OrderWithParts.model_validate(dict(rows[0]))

    async def refunds(
        self, caller: Caller, order_id: UUID, page: PageQuery
    ) -> Listing[RefundRead]:
        """Return what was given back of an order, newest first.

        Raises:
            OrderNotFoundError: it is not the caller's to see.
        """
        statement = _asked_by(caller, _REFUNDS)
        window = {"_limit": page.per_page, "_offset": (page.page - 1) * page.per_page}
        rows = await read(self._connection, caller, statement, id=order_id, **window)
        if not rows:
            raise OrderNotFoundError
        refunds = [RefundRead.model_validate(told) for told in rows[0]["refunds"]]
        return page.listing(refunds, rows[0]["total"])
