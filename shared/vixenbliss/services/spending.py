"""What making content costs: counted in the avatar's month, and in the books.

Both are written in one transaction, and only when a job's own count changes; so the
entries on ``generation_cost`` are at any time what the jobs have cost.
"""

from uuid import UUID

from vixenbliss.database import Connection
from vixenbliss.models.ledger import AccountCode, TransactionKind
from vixenbliss.repositories.budgets import BudgetRepository, Counted
from vixenbliss.repositories.ledger import Leg, Posting
from vixenbliss.services.ledger import Ledger

CONTENT_JOB = "content_job"


class Spending:
    """Holds that become costs, or are given back."""

    def __init__(self, connection: Connection) -> None:
        self._budgets = BudgetRepository(connection)
        self._ledger = Ledger(connection)

    async def settle(self, job_id: UUID, *, spent_micros: int) -> None:
        """Turn a job's hold into what its last try has cost, which may be nothing.

        The first settlement of a job stands; a second one changes nothing.
        """
        counted = await self._budgets.settle(job_id, spent_micros=spent_micros)
        await self._post(counted, source_id=str(job_id))

    async def settle_unseen(self, job_id: UUID) -> None:
        """Settle a job of which nobody knows what it has cost, at its estimate."""
        counted = await self._budgets.settle_unseen(job_id)
        await self._post(counted, source_id=str(job_id))

    async def spend(self, job_id: UUID, amount_micros: int) -> None:
        """Count what a try has cost that brought nothing; the hold is for the next."""
        if not amount_micros:
            return
        counted = await self._budgets.spend(job_id, amount_micros)
        attempt = counted.attempts if counted else 0
        await self._post(counted, source_id=f"{job_id}:{attempt}")

    async def forgive(self, job_id: UUID) -> None:
        """Give back what a job was counted at unseen; its provider has not done it."""
        counted = await self._budgets.forgive(job_id)
        await self._post(counted, source_id=str(job_id))

    async def _post(self, counted: Counted | None, *, source_id: str) -> None:
        if counted and counted.amount_micros:
            await self._ledger.post(_posting(counted, source_id))


def _posting(counted: Counted, source_id: str) -> Posting:
    """Return what a job's cost means in the books; a return is the same, backwards."""
    micros, currency = counted.amount_micros, counted.currency
    return Posting(
        workspace_id=counted.workspace_id,
        kind=TransactionKind.GENERATION
        if micros > 0
        else TransactionKind.GENERATION_RETURN,
        source_type=CONTENT_JOB,
        source_id=source_id,
        occurred_at=counted.counted_at,
        legs=(
            Leg(AccountCode.GENERATION_COST, micros, currency, counted.avatar_id),
            Leg(AccountCode.PROVIDER_PAYABLE, -micros, currency),
        ),
    )
