"""Every statement that writes orders, their lines and their payments.

Global: the mirrors serve every workspace. Whoever writes has locked the customer.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Text,
    bindparam,
    case,
    exists,
    func,
    insert,
    select,
    update,
)

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.catalogue import Price, Product
from vixenbliss.models.disputes import Dispute, DisputeStatus
from vixenbliss.models.orders import (
    Order,
    OrderLine,
    OrderReason,
    OrderStatus,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)

_HELD = select(
    Order.id,
    Order.workspace_id,
    Order.avatar_id,
    Order.customer_id,
    Order.status,
    Order.total_minor,
    Order.tax_minor,
    Order.currency,
    Order.checkout_id,
).with_for_update()
_LOCK_OF_CHECKOUT = _HELD.where(Order.checkout_id == bindparam("checkout_id"))
_LOCK_OF_INVOICE = _HELD.where(Order.stripe_invoice_id == bindparam("invoice_id"))
_ADD = insert(Order).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    avatar_id=bindparam("avatar_id"),
    customer_id=bindparam("customer_id"),
    subscription_id=bindparam("subscription_id"),
    stripe_invoice_id=bindparam("stripe_invoice_id"),
    reason=bindparam("reason"),
    subtotal_minor=bindparam("subtotal_minor"),
    discount_minor=bindparam("discount_minor"),
    tax_minor=bindparam("tax_minor"),
    total_minor=bindparam("total_minor"),
    currency=bindparam("currency"),
)
_ADD_LINE = insert(OrderLine).from_select(
    ["order_id", "product_id", "price_id", "label", "quantity", "total_minor"],
    select(
        bindparam("order_id", type_=Order.id.type),
        Price.product_id,
        Price.id,
        func.left(
            func.coalesce(
                func.nullif(bindparam("label", type_=Text()), ""), Product.name, "-"
            ),
            255,
        ),
        bindparam("quantity", type_=OrderLine.quantity.type),
        bindparam("total_minor", type_=OrderLine.total_minor.type),
    ).select_from(
        select(bindparam("stripe_price_id", type_=Text()).label("wanted"))
        .subquery("line")
        .outerjoin(Price, Price.stripe_price_id == bindparam("stripe_price_id"))
        .outerjoin(Product, Product.id == Price.product_id)
    ),
)
_TOTAL = (
    update(Order)
    .where(Order.id == bindparam("id_"))
    .values(
        subtotal_minor=bindparam("subtotal_minor_"),
        discount_minor=bindparam("discount_minor_"),
        tax_minor=bindparam("tax_minor_"),
        total_minor=bindparam("total_minor_"),
    )
)
# A payment may be heard of before its invoice, and our clock stands in till then.
_paid_at = func.coalesce(
    bindparam("paid_at_", type_=DateTime(timezone=True)), Order.paid_at, func.now()
)
_PAID = (
    update(Order)
    .where(Order.id == bindparam("id_"), Order.paid_at.is_distinct_from(_paid_at))
    .values(paid_at=_paid_at)
)
_VOID = (
    update(Order)
    .where(Order.id == bindparam("id_"), Order.status == OrderStatus.PENDING)
    .values(status=OrderStatus.VOID)
)
_paid = (
    select(func.coalesce(func.sum(Payment.amount_minor), 0))
    .where(Payment.order_id == Order.id, Payment.status == PaymentStatus.SUCCEEDED)
    .scalar_subquery()
)
_refunded = (
    select(func.coalesce(func.sum(Refund.amount_minor), 0))
    .where(Refund.order_id == Order.id, Refund.status == RefundStatus.SUCCEEDED)
    .scalar_subquery()
)


def _disputed(*statuses: DisputeStatus) -> ColumnElement[bool]:
    return exists().where(Dispute.order_id == Order.id, Dispute.status.in_(statuses))


_STANDING = (
    select(
        Order.workspace_id,
        Order.status,
        Order.total_minor,
        Order.refunded_minor,
        Order.paid_at,
        _paid.label("payments_minor"),
        _refunded.label("refunds_minor"),
        _disputed(DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW).label(
            "is_disputed"
        ),
        _disputed(DisputeStatus.LOST).label("is_lost"),
    )
    .where(Order.id == bindparam("id"))
    .with_for_update(of=Order)
)
_WRITE_STANDING = (
    update(Order)
    .where(Order.id == bindparam("id_"))
    .values(
        status=bindparam("status_"),
        refunded_minor=bindparam("refunded_minor_"),
        paid_at=case(
            (
                bindparam("is_paid", type_=Boolean()),
                func.coalesce(Order.paid_at, func.now()),
            ),
            else_=Order.paid_at,
        ),
    )
)


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """An order that nobody else changes until the transaction ends."""

    id: UUID
    workspace_id: UUID
    avatar_id: UUID | None
    customer_id: UUID
    checkout_id: UUID | None
    status: OrderStatus
    total_minor: int
    tax_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Totals:
    """What an order comes to; the discount is whatever makes it add up."""

    subtotal_minor: int
    tax_minor: int
    total_minor: int

    @property
    def discount_minor(self) -> int:
        """What was taken off; less than nothing where a tax is in the subtotal."""
        return self.subtotal_minor + self.tax_minor - self.total_minor


@dataclass(frozen=True, slots=True)
class NewLine:
    """What an invoice says was sold, by Stripe's name for its price."""

    stripe_price_id: str | None
    label: str
    quantity: int
    total_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order of one invoice of a subscription."""

    workspace_id: UUID
    avatar_id: UUID | None
    customer_id: UUID
    subscription_id: UUID
    stripe_invoice_id: str
    reason: OrderReason
    currency: str


@dataclass(frozen=True, slots=True)
class OrderStanding:
    """All that an order's status follows from."""

    workspace_id: UUID
    status: OrderStatus
    total_minor: int
    refunded_minor: int
    paid_at: datetime | None
    payments_minor: int
    """What has been paid, in all."""
    refunds_minor: int
    """What has been given back, in all."""
    is_disputed: bool
    is_lost: bool


class OrderRepository:
    """Orders, as the mirrors write them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock_of_checkout(self, checkout_id: UUID) -> HeldOrder | None:
        """Return a checkout's order, held until the transaction ends."""
        row = await self._connection.one(_LOCK_OF_CHECKOUT, checkout_id=checkout_id)
        return HeldOrder(**row) if row else None

    async def lock_of_invoice(self, invoice_id: str) -> HeldOrder | None:
        """Return an invoice's order, held until the transaction ends."""
        row = await self._connection.one(_LOCK_OF_INVOICE, invoice_id=invoice_id)
        return HeldOrder(**row) if row else None

    async def add(
        self, order: NewOrder, totals: Totals, lines: Sequence[NewLine]
    ) -> HeldOrder:
        """Insert an invoice's order with its lines, and return it, pending."""
        order_id = new_id()
        await self._connection.run(
            _ADD,
            id=order_id,
            **asdict(order),
            **asdict(totals),
            discount_minor=totals.discount_minor,
        )
        for line in lines:
            await self._connection.run(_ADD_LINE, order_id=order_id, **asdict(line))
        return HeldOrder(
            id=order_id,
            workspace_id=order.workspace_id,
            avatar_id=order.avatar_id,
            customer_id=order.customer_id,
            checkout_id=None,
            status=OrderStatus.PENDING,
            total_minor=totals.total_minor,
            tax_minor=totals.tax_minor,
            currency=order.currency,
        )

    async def total(self, order_id: UUID, totals: Totals) -> None:
        """Replace what an order comes to."""
        await self._connection.run(
            _TOTAL,
            id_=order_id,
            subtotal_minor_=totals.subtotal_minor,
            discount_minor_=totals.discount_minor,
            tax_minor_=totals.tax_minor,
            total_minor_=totals.total_minor,
        )

    async def mark_paid(self, order_id: UUID, at: datetime | None) -> None:
        """Record since when an order is paid, if that is news; None if nobody said."""
        await self._connection.run(_PAID, id_=order_id, paid_at_=at)

    async def void(self, order_id: UUID) -> None:
        """Record that nobody will pay an order that is pending."""
        await self._connection.run(_VOID, id_=order_id)

    async def standing(self, order_id: UUID) -> OrderStanding:
        """Return what an order's status follows from; the order is held."""
        row = await self._connection.one(_STANDING, id=order_id)
        return OrderStanding(**dict(row or {}))

    async def write_standing(
        self, order_id: UUID, status: OrderStatus, refunded_minor: int
    ) -> None:
        """Replace what follows from an order's payments, refunds and disputes."""
        await self._connection.run(
            _WRITE_STANDING,
            id_=order_id,
            status_=status,
            refunded_minor_=refunded_minor,
            is_paid=status not in (OrderStatus.PENDING, OrderStatus.VOID),
        )
