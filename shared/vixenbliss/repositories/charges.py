"""Whose a payment at Stripe is. Global: the mirrors serve every workspace."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, or_, select

from vixenbliss.database import Connection
from vixenbliss.models.customers import Customer
from vixenbliss.models.orders import Order, OrderStatus, Payment, PaymentStatus

_FIND = (
    select(
        Payment.id,
        Payment.amount_minor,
        Payment.order_id,
        Order.workspace_id,
        Order.avatar_id,
        Order.customer_id,
        Order.status,
        Order.total_minor,
        Order.tax_minor,
        Order.currency,
    )
    .join(Order, Order.id == Payment.order_id)
    .where(
        or_(
            Payment.transaction_id == bindparam("intent_id"),
            Payment.charge_id == bindparam("charge_id"),
        ),
        # Before that, what the order comes to is not for certain.
        Payment.status == PaymentStatus.SUCCEEDED,
    )
    .order_by(Payment.transaction_id != bindparam("intent_id"), Payment.id)
    .limit(1)
)
_IS_OURS = select(Customer.id).where(Customer.stripe_customer_id == bindparam("id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargedPayment:
    """A payment that has succeeded, and the order that it is for."""

    id: UUID
    amount_minor: int
    order_id: UUID
    workspace_id: UUID
    avatar_id: UUID | None
    customer_id: UUID
    status: OrderStatus
    total_minor: int
    tax_minor: int
    currency: str


class ChargeRepository:
    """Payments, by Stripe's names for them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(
        self, intent_id: str | None, charge_id: str | None
    ) -> ChargedPayment | None:
        """Return what has been paid by an intent or a charge; None if nothing has."""
        row = await self._connection.one(
            _FIND, intent_id=intent_id, charge_id=charge_id
        )
        return ChargedPayment(**row) if row else None

    async def is_customer(self, stripe_customer_id: str | None) -> bool:
        """Tell whether a customer of Stripe's is one of our users."""
        row = await self._connection.one(_IS_OURS, id=stripe_customer_id)
        return row is not None
