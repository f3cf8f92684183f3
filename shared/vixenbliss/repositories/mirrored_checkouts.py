"""What the mirrors read and write of checkouts. Global, as Stripe's events are."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, select, update

from vixenbliss.database import Connection
from vixenbliss.models.checkouts import Checkout, CheckoutMode, CheckoutStatus

_LOCK = (
    select(
        Checkout.id,
        Checkout.workspace_id,
        Checkout.avatar_id,
        Checkout.customer_id,
        Checkout.mode,
        Checkout.product_id,
        Checkout.status,
    )
    .where(Checkout.id == bindparam("id"))
    .with_for_update()
)
_OWNER = select(Checkout.customer_id).where(Checkout.id == bindparam("id"))
_END = (
    update(Checkout)
    .where(Checkout.id == bindparam("id_"))
    .values(
        status=bindparam("status_"),
        ended_at=func.coalesce(Checkout.ended_at, func.now()),
        stripe_session_id=func.coalesce(
            Checkout.stripe_session_id, bindparam("session_id")
        ),
    )
)


@dataclass(frozen=True, slots=True)
class HeldCheckout:
    """A checkout that nobody else changes until the transaction ends."""

    id: UUID
    workspace_id: UUID
    avatar_id: UUID | None
    customer_id: UUID
    mode: CheckoutMode
    product_id: UUID | None
    status: CheckoutStatus


class MirroredCheckoutRepository:
    """Checkouts, as far as Stripe's word changes them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock(self, checkout_id: UUID) -> HeldCheckout | None:
        """Return a checkout, held until the transaction ends."""
        row = await self._connection.one(_LOCK, id=checkout_id)
        return HeldCheckout(**row) if row else None

    async def owner(self, checkout_id: UUID) -> UUID | None:
        """Return whose a checkout is; None if there is none, or not yet."""
        row = await self._connection.one(_OWNER, id=checkout_id)
        return row["customer_id"] if row else None

    async def end(
        self, checkout_id: UUID, status: CheckoutStatus, session_id: str
    ) -> None:
        """Record how a checkout has ended, and by which session."""
        await self._connection.run(
            _END, id_=checkout_id, status_=status, session_id=session_id
        )
