"""Every statement by which disputes are written as Stripe has them. Global."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, bindparam, case, func, null
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.disputes import Dispute, DisputeStatus
from vixenbliss.repositories.charges import ChargedPayment

_new = insert(Dispute).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    order_id=bindparam("order_id"),
    payment_id=bindparam("payment_id"),
    stripe_dispute_id=bindparam("stripe_dispute_id"),
    amount_minor=bindparam("amount_minor"),
    currency=bindparam("currency"),
    reason=bindparam("reason"),
    status=bindparam("status"),
    evidence_due_at=bindparam("evidence_due_at"),
    submitted_at=case(
        (bindparam("is_submitted", type_=Boolean()), func.now()), else_=null()
    ),
    opened_at=bindparam("opened_at"),
)
_WRITE = _new.on_conflict_do_update(
    index_elements=["stripe_dispute_id"],
    set_={
        "amount_minor": _new.excluded.amount_minor,
        "reason": _new.excluded.reason,
        "status": _new.excluded.status,
        "evidence_due_at": _new.excluded.evidence_due_at,
        "submitted_at": func.coalesce(Dispute.submitted_at, _new.excluded.submitted_at),
        "updated_at": func.now(),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDispute:
    """A dispute, or a warning of one, in our words."""

    stripe_dispute_id: str
    amount_minor: int
    currency: str
    reason: str | None
    status: DisputeStatus
    opened_at: datetime
    evidence_due_at: datetime | None = None
    is_submitted: bool = False
    """Whether the bank has been sent evidence, by us or past us."""


class DisputeMirrorRepository:
    """Disputes, by Stripe's names for them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def write(self, charged: ChargedPayment, seen: SeenDispute) -> None:
        """Store a dispute of a payment whose customer is held, or what is new of it."""
        await self._connection.run(
            _WRITE,
            id=new_id(),
            workspace_id=charged.workspace_id,
            order_id=charged.order_id,
            payment_id=charged.id,
            stripe_dispute_id=seen.stripe_dispute_id,
            amount_minor=seen.amount_minor,
            currency=seen.currency,
            reason=seen.reason[:60] if seen.reason else None,
            status=seen.status,
            evidence_due_at=seen.evidence_due_at,
            is_submitted=seen.is_submitted,
            opened_at=seen.opened_at,
        )
