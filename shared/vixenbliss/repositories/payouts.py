"""Every statement on payouts."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.payouts import Payout, PayoutStatus

_insert = insert(Payout)
_KEEP = _insert.on_conflict_do_update(
    index_elements=["stripe_payout_id"],
    set_={
        name: _insert.excluded[name]
        for name in (
            "amount_minor",
            "currency",
            "status",
            "balance_transaction_id",
            "failure_code",
            "arrival_at",
        )
    }
    | {"updated_at": func.now()},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutRow:
    """A payout, as it was seen."""

    stripe_payout_id: str
    amount_minor: int
    currency: str
    status: PayoutStatus
    balance_transaction_id: str | None
    failure_code: str | None
    arrival_at: datetime | None


class PayoutRepository:
    """The payouts of the platform's account; global."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def keep(self, payout: PayoutRow) -> None:
        """Write a payout as it was seen last; it stays held by the transaction."""
        await self._connection.run(_KEEP.values(id=new_id(), **asdict(payout)))
