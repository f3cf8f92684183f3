"""Every statement for reconciliations that are stuck, or have failed; global."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select, update

from vixenbliss.database import Connection
from vixenbliss.models.reconciliations import Reconciliation, ReconciliationStatus
from vixenbliss.repositories.reconciliations import PATIENCE

_is_running = Reconciliation.status == literal_column("'running'")
_LOCK = (
    select(Reconciliation.status)
    .where(Reconciliation.id == bindparam("id"))
    .with_for_update()
)
_WAKE = (
    update(Reconciliation)
    .where(Reconciliation.id == bindparam("id_"), _is_running)
    .values(check_at=func.now())
)
_GIVE_UP = (
    update(Reconciliation)
    .where(Reconciliation.id == bindparam("id_"), _is_running)
    .values(
        status=ReconciliationStatus.FAILED,
        fence=Reconciliation.fence + 1,
        lease_until=None,
        check_at=None,
        finished_at=func.now(),
        error_code=bindparam("code"),
    )
)
_REOPEN = (
    update(Reconciliation)
    .where(
        Reconciliation.id == bindparam("id_"),
        Reconciliation.status == ReconciliationStatus.FAILED,
    )
    .values(
        status=ReconciliationStatus.RUNNING,
        attempts=0,
        error_code=None,
        finished_at=None,
        check_at=func.now() + PATIENCE,
    )
)
_silent = (
    select(Reconciliation.id)
    .where(_is_running, Reconciliation.check_at <= func.now())
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_CHECK_SILENT = (
    update(Reconciliation)
    .where(Reconciliation.id.in_(_silent))
    .values(check_at=func.now() + PATIENCE)
    .returning(Reconciliation.id, Reconciliation.check_at)
)


class ReconciliationRescueRepository:
    """Reconciliations that somebody else than their worker looks after."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock(self, run_id: UUID) -> ReconciliationStatus | None:
        """Return how a reconciliation stands, held until the transaction ends."""
        row = await self._connection.one(_LOCK, id=run_id)
        return ReconciliationStatus(row["status"]) if row else None

    async def wake(self, run_id: UUID) -> None:
        """Have the sweep look at a reconciliation."""
        await self._connection.run(_WAKE, id_=run_id)

    async def give_up(self, run_id: UUID, *, code: str) -> None:
        """End a reconciliation that comes to nothing, whoever works on it."""
        await self._connection.run(_GIVE_UP, id_=run_id, code=code)

    async def reopen(self, run_id: UUID) -> bool:
        """Let a failed reconciliation go on where it was; False if it has not failed.

        Raises:
            ConstraintViolatedError: another one is running.
        """
        return bool(await self._connection.run(_REOPEN, id_=run_id))

    async def check_silent(self) -> list[tuple[UUID, datetime]]:
        """Return who has been silent for too long, with when it is looked at again."""
        rows = await self._connection.all(_CHECK_SILENT)
        return [(row["id"], row["check_at"]) for row in rows]
