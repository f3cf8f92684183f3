"""Ending jobs that somebody no longer wants."""

from collections.abc import Sequence

from vixenbliss.database import Connection
from vixenbliss.jobs.messages import finish
from vixenbliss.repositories.budgets import BudgetRepository
from vixenbliss.repositories.content_jobs import ContentJobRepository, LockedJob
from vixenbliss.services.outbox import Outbox


async def cancel(connection: Connection, jobs: Sequence[LockedJob]) -> None:
    """End locked jobs, give their holds back, and call their providers off.

    Calling off is best effort and happens from the queue; whatever a provider still
    delivers is not taken in.

    Raises:
        InvalidStateError: one of them has ended already.
    """
    if not jobs:
        return
    budgets = BudgetRepository(connection)
    for job in jobs:
        await budgets.settle(job.id, spent_micros=0)
    await ContentJobRepository(connection).cancel(jobs)
    called = [finish(job.id, "cancelled") for job in jobs if job.provider_job_id]
    await Outbox(connection).send(*called)
