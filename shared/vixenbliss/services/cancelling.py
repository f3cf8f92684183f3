"""Ending jobs that somebody no longer wants."""

from collections.abc import Sequence

from vixenbliss.database import Connection
from vixenbliss.jobs.messages import finish
from vixenbliss.repositories.content_jobs import ContentJobRepository, LockedJob
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.spending import Spending


async def cancel(connection: Connection, jobs: Sequence[LockedJob]) -> None:
    """End locked jobs, give their holds back, and call their providers off.

    Calling off is best effort and happens from the queue; whatever a provider still
    delivers is not taken in. So what was sent counts at its estimate until the provider
    has been seen to have stopped.

    Raises:
        InvalidStateError: one of them has ended already.
    """
    if not jobs:
        return
    spending = Spending(connection)
    for job in jobs:
        await spending.settle_unseen(job.id)
    await ContentJobRepository(connection).cancel(jobs)
    running = [job for job in jobs if job.is_at_replicate]
    await Outbox(connection).send(*(finish(job.id, "cancelled") for job in running))
