"""Every statement by which refunds are written as Stripe has them. Global."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.orders import Refund, RefundReason, RefundStatus

_LOCK = (
    select(
        Refund.id,
        Refund.stripe_refund_id,
        Refund.status,
        Refund.balance_transaction_id,
        Refund.failure_balance_transaction_id,
    )
    .where(
        or_(
            Refund.stripe_refund_id == bindparam("stripe_refund_id"),
            and_(
                Refund.id == bindparam("named"),
                Refund.payment_id == bindparam("payment_id"),
                Refund.stripe_refund_id.is_(None),
            ),
        )
    )
    .order_by(Refund.stripe_refund_id.asc().nulls_last())
    .limit(1)
    .with_for_update()
)
_ADOPT = insert(Refund).values(
    id=bindparam("id"),
    order_id=bindparam("order_id"),
    payment_id=bindparam("payment_id"),
    stripe_refund_id=bindparam("stripe_refund_id"),
    amount_minor=bindparam("amount_minor"),
    currency=bindparam("currency"),
    reason=bindparam("reason"),
    revoke_access=bindparam("revoke_access"),
)
_WRITE = (
    update(Refund)
    .where(Refund.id == bindparam("id_"))
    .values(
        stripe_refund_id=bindparam("stripe_refund_id"),
        status=bindparam("status"),
        error_code=bindparam("error_code"),
        check_at=None,
    )
)
_BOOKED = select(func.coalesce(func.sum(Refund.amount_minor), 0).label("minor")).where(
    Refund.order_id == bindparam("order_id"),
    Refund.id != bindparam("except_"),
    Refund.balance_transaction_id.is_not(None),
    Refund.failure_balance_transaction_id.is_(None),
)
_HELD = select(func.coalesce(func.sum(Refund.amount_minor), 0).label("minor")).where(
    Refund.order_id == bindparam("order_id"),
    Refund.status.in_((RefundStatus.PENDING, RefundStatus.SUCCEEDED)),
)
_WENT = (
    update(Refund)
    .where(Refund.id == bindparam("id_"))
    .values(balance_transaction_id=bindparam("transaction_id"))
)
_CAME_BACK = (
    update(Refund)
    .where(Refund.id == bindparam("id_"))
    .values(failure_balance_transaction_id=bindparam("transaction_id"))
)


@dataclass(frozen=True, slots=True)
class MirroredRefund:
    """A refund as we have it, held until the transaction ends."""

    id: UUID
    stripe_refund_id: str | None
    status: RefundStatus
    balance_transaction_id: str | None = None
    failure_balance_transaction_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptedRefund:
    """A refund that was not made by us, as it is about to be stored."""

    order_id: UUID
    payment_id: UUID
    stripe_refund_id: str
    amount_minor: int
    currency: str
    reason: RefundReason
    revoke_access: bool


class RefundMirrorRepository:
    """Refunds, by Stripe's names for them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock(
        self, stripe_refund_id: str, *, named: UUID | None, payment_id: UUID
    ) -> MirroredRefund | None:
        """Return a refund that Stripe knows by this id, or the one that it names.

        Only one that has no id of Stripe's yet, and is of this payment, can be named.
        """
        row = await self._connection.one(
            _LOCK, stripe_refund_id=stripe_refund_id, named=named, payment_id=payment_id
        )
        return MirroredRefund(**row) if row else None

    async def adopt(self, new: AdoptedRefund) -> MirroredRefund:
        """Store a refund that somebody has made past us, as pending."""
        refund_id = new_id()
        await self._connection.run(
            _ADOPT,
            id=refund_id,
            order_id=new.order_id,
            payment_id=new.payment_id,
            stripe_refund_id=new.stripe_refund_id,
            amount_minor=new.amount_minor,
            currency=new.currency,
            reason=new.reason,
            revoke_access=new.revoke_access,
        )
        return MirroredRefund(refund_id, new.stripe_refund_id, RefundStatus.PENDING)

    async def write(
        self,
        refund: MirroredRefund,
        *,
        stripe_refund_id: str,
        status: RefundStatus,
        error_code: str | None,
    ) -> None:
        """Write what Stripe says of a locked refund; nobody has to ask for it again."""
        await self._connection.run(
            _WRITE,
            id_=refund.id,
            stripe_refund_id=stripe_refund_id,
            status=status,
            error_code=error_code,
        )

    async def held_minor(self, order_id: UUID) -> int:
        """Return how much of an order has been given back, or is on its way."""
        row = await self._connection.one(_HELD, order_id=order_id)
        return int(row["minor"]) if row else 0

    async def booked_minor(self, order_id: UUID, *, besides: UUID) -> int:
        """Return how much of an order the books have as given back by other refunds."""
        row = await self._connection.one(_BOOKED, order_id=order_id, except_=besides)
        return int(row["minor"]) if row else 0

    async def went(self, refund_id: UUID, transaction_id: str) -> None:
        """Record by which movement a refund's money went."""
        await self._connection.run(_WENT, id_=refund_id, transaction_id=transaction_id)

    async def came_back(self, refund_id: UUID, transaction_id: str) -> None:
        """Record by which movement a failed refund's money came back."""
        await self._connection.run(
            _CAME_BACK, id_=refund_id, transaction_id=transaction_id
        )
