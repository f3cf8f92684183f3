"""What has been silent for too long is put on its way again.

Nothing here does the work: it writes the message that should have come, and the worker
finds out whether it is needed. So it may be wrong without harm.
"""

from dataclasses import dataclass
from datetime import timedelta

from vixenbliss.database import transaction
from vixenbliss.jobs.messages import finish, generate, moderate
from vixenbliss.log import log
from vixenbliss.models.content_jobs import JobStatus
from vixenbliss.repositories.idempotency import IdempotencyRepository
from vixenbliss.repositories.job_claims import JobClaimRepository
from vixenbliss.repositories.judgements import JudgementRepository
from vixenbliss.services.outbox import Outbox

LIMIT = 500
PATIENCE = timedelta(minutes=3)
_TO_BE_SENT = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.RETRYING)


@dataclass(frozen=True, slots=True)
class Swept:
    """How much was found."""

    jobs: int
    decisions: int
    idempotency_keys: int


async def sweep() -> Swept:
    """Wake silent jobs and decisions, and forget idempotency keys that have run out.

    Two sweeps at once find different rows.
    """
    async with transaction() as connection:
        silent = await JobClaimRepository(connection).check_silent(
            limit=LIMIT, patience=PATIENCE
        )
        decisions = await JudgementRepository(connection).check_silent(
            limit=LIMIT, patience=PATIENCE
        )
        await Outbox(connection).send(
            *(
                generate(job_id, f"silent-{until}")
                if status in _TO_BE_SENT
                else finish(job_id, f"silent-{until}")
                for job_id, status, until in silent
            ),
            *(moderate(id_, f"silent-{until}") for id_, until in decisions),
        )
        forgotten = await IdempotencyRepository(connection).forget_expired()
    swept = Swept(len(silent), len(decisions), forgotten)
    if silent or decisions:
        log.warning("silence ended", jobs=swept.jobs, decisions=swept.decisions)
    return swept
