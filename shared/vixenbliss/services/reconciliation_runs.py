"""How a reconciliation begins, is held, is left to somebody else, and ends."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from vixenbliss.database import Connection, transaction
from vixenbliss.errors import LeaseLostError, ProviderError
from vixenbliss.jobs.messages import Queue, reconcile
from vixenbliss.log import log
from vixenbliss.repositories.dead_letters import Burial, DeadLetterRepository
from vixenbliss.repositories.reconciliation_rescues import (
    ReconciliationRescueRepository,
)
from vixenbliss.repositories.reconciliations import (
    PATIENCE,
    ClaimedRun,
    ReconciliationRepository,
)
from vixenbliss.services.outbox import Outbox
from vixenbliss.settings import Settings


async def begin_due(settings: Settings) -> int:
    """Begin to reconcile the day that is due; return how many were begun.

    Two clocks that strike at once begin one. Where there is no key, there is nobody to
    reconcile with.
    """
    if not settings.stripe_api_key.versions():
        return 0
    async with transaction() as connection:
        return await _begin(connection)


async def _begin(connection: Connection) -> int:
    run_id = await ReconciliationRepository(connection).begin_due()
    if run_id is None:
        return 0
    await Outbox(connection).send(reconcile(run_id, "begun"))
    return 1


@asynccontextmanager
async def holding(run: ClaimedRun) -> AsyncGenerator[Connection]:
    """Open a transaction in which a run is ours.

    Raises:
        LeaseLostError: it is no longer.
    """
    async with transaction() as connection:
        await ReconciliationRepository(connection).hold(run)
        yield connection


async def leave(
    run: ClaimedRun, pause: timedelta = timedelta(0), *, tries: int = 0
) -> None:
    """Have somebody go on with a run, after a pause."""
    try:
        async with holding(run) as connection:
            runs = ReconciliationRepository(connection)
            await runs.leave(run, check_in=pause + PATIENCE, tries=tries)
            await Outbox(connection).send(reconcile(run.id, f"on-{run.fence}", pause))
    except LeaseLostError:
        log.warning("lease lost", reconciliation_id=str(run.id))


async def fail(run: ClaimedRun, error: ProviderError) -> None:
    """End a run that comes to nothing, with a dead letter that says why."""
    try:
        async with holding(run) as connection:
            rescues = ReconciliationRescueRepository(connection)
            await rescues.give_up(run.id, code=error.code)
            await DeadLetterRepository(connection).add(
                Burial(
                    queue=Queue.RECONCILE,
                    dedupe_key=f"{run.id}-{run.fence}",
                    code=error.code,
                    reason=": ".join(filter(None, (error.reason, error.words))),
                    subject_id=run.id,
                )
            )
    except LeaseLostError:
        log.warning("lease lost", reconciliation_id=str(run.id))
        return
    log.error("reconciliation failed", reconciliation_id=str(run.id), code=error.code)


async def end(connection: Connection, run: ClaimedRun) -> None:
    """End a run, and begin with the next day if that is over, too."""
    differences = await ReconciliationRepository(connection).end(run)
    day = run.day.isoformat()
    log.info("reconciled", reconciliation_id=str(run.id), day=day)
    if differences:
        log.error(
            "reconciliation difference",
            reconciliation_id=str(run.id),
            day=day,
            count=differences,
        )
    if run.requested_by is None:
        await _begin(connection)
