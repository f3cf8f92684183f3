"""Every query by which somebody's money is held, or found by Stripe's name for them.

Global: a customer buys in every workspace.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, select, update

from vixenbliss.database import Connection
from vixenbliss.models.customers import Customer
from vixenbliss.models.orders import Order, Payment
from vixenbliss.models.subscriptions import Subscription

_COLUMNS = (Customer.id, Customer.user_id, Customer.stripe_customer_id)
_LOCK = select(*_COLUMNS).where(Customer.id == bindparam("id")).with_for_update()
_LOCK_BY_STRIPE = (
    select(*_COLUMNS)
    .where(Customer.stripe_customer_id == bindparam("stripe_customer_id"))
    .with_for_update()
)
_LOCK_OF_SUBSCRIPTION = (
    select(*_COLUMNS)
    .join(Subscription, Subscription.customer_id == Customer.id)
    .where(Subscription.stripe_subscription_id == bindparam("subscription"))
    .with_for_update(of=Customer)
)
_LOCK_OF_PAYMENT = (
    select(*_COLUMNS)
    .join(Order, Order.customer_id == Customer.id)
    .join(Payment, Payment.order_id == Order.id)
    .where(Payment.transaction_id == bindparam("intent"))
    .with_for_update(of=Customer)
)
_BURY = (
    update(Customer)
    .where(Customer.id == bindparam("id_"), Customer.deleted_at.is_(None))
    .values(deleted_at=func.now(), generation=Customer.generation + 1)
)


@dataclass(frozen=True, slots=True)
class HeldCustomer:
    """A customer about whose money nobody else writes until the transaction ends."""

    id: UUID
    user_id: int
    stripe_customer_id: str | None


class CustomerRepository:
    """The customers; whoever writes about somebody's money locks them first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock(self, customer_id: UUID) -> HeldCustomer | None:
        """Return a customer, held until the transaction ends."""
        row = await self._connection.one(_LOCK, id=customer_id)
        return HeldCustomer(**row) if row else None

    async def lock_by_stripe(self, name: str | None) -> HeldCustomer | None:
        """Return the customer whom Stripe knows by a name, held likewise."""
        if name is None:
            return None
        row = await self._connection.one(_LOCK_BY_STRIPE, stripe_customer_id=name)
        return HeldCustomer(**row) if row else None

    async def lock_of_subscription(
        self, name: str | None, subscription: str
    ) -> HeldCustomer | None:
        """Return the customer of that name, or else whose the subscription is by now.

        Who was deleted at Stripe and bought again goes by another name; what ended with
        the old one is still told under that.
        """
        found = await self.lock_by_stripe(name)
        if found:
            return found
        row = await self._connection.one(
            _LOCK_OF_SUBSCRIPTION, subscription=subscription
        )
        return HeldCustomer(**row) if row else None

    async def lock_of_payment(
        self, name: str | None, intent: str
    ) -> HeldCustomer | None:
        """Return the customer of that name, or else whose the payment is, likewise."""
        found = await self.lock_by_stripe(name)
        if found:
            return found
        row = await self._connection.one(_LOCK_OF_PAYMENT, intent=intent)
        return HeldCustomer(**row) if row else None

    async def mark_deleted(self, customer_id: UUID) -> None:
        """Record that Stripe has the customer no more; once.

        What is still told about what they have bought finds them by the old name, and
        by our rows once they have bought again and are made anew, under the next
        generation's key.
        """
        await self._connection.run(_BURY, id_=customer_id)
