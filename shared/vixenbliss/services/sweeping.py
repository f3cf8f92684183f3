"""What has been silent for too long is put on its way again.

Nothing here does the work: it writes the message that should have come, and the worker
finds out whether it is needed. So it may be wrong without harm.
"""

from dataclasses import dataclass
from datetime import timedelta

from vixenbliss.database import transaction
from vixenbliss.jobs.messages import (
    Message,
    confirm,
    finish,
    generate,
    moderate,
    publish,
)
from vixenbliss.log import log
from vixenbliss.models.content_jobs import JobStatus
from vixenbliss.models.posts import PostStatus
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.avatars import AvatarRepository
from vixenbliss.repositories.idempotency import IdempotencyRepository
from vixenbliss.repositories.job_claims import JobClaimRepository
from vixenbliss.repositories.judgements import JudgementRepository
from vixenbliss.repositories.post_claims import PostClaimRepository, SilentPost
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.withdrawing import leave_stage

LIMIT = 500
PATIENCE = timedelta(minutes=3)
_TO_BE_PUBLISHED = (PostStatus.QUEUED, PostStatus.PUBLISHING)
_TO_BE_SENT = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.RETRYING)


@dataclass(frozen=True, slots=True)
class Swept:
    """How much was found."""

    jobs: int
    decisions: int
    posts: int
    avatars: int
    idempotency_keys: int


async def sweep() -> Swept:
    """Wake what is silent, end what has run out.

    Two sweeps at once find different rows.
    """
    jobs, decisions = await _wake()
    posts = await _wake_posts()
    avatars = await _close_stages()
    async with transaction() as connection:
        forgotten = await IdempotencyRepository(connection).forget_expired()
    return Swept(jobs, decisions, posts, avatars, forgotten)


async def _close_stages() -> int:
    """Pause avatars whose likeness nobody's word covers any more; end their jobs."""
    async with transaction() as connection:
        left = await AvatarRepository(connection).lock_unattested(limit=LIMIT)
        for _, avatar in left:
            await leave_stage(connection, avatar)
        for workspace_id, avatar in left:
            await AuditRepository(connection).add_by_system(
                workspace_id, "avatar.paused", ("avatar", avatar.id), by="attestation"
            )
    return len(left)


async def _wake() -> tuple[int, int]:
    """Put silent jobs and decisions on their way again; return how many."""
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
    if silent or decisions:
        log.warning("silence ended", jobs=len(silent), decisions=len(decisions))
    return len(silent), len(decisions)


async def _wake_posts() -> int:
    """Put silent posts on their way again, each to where its row says; return how many.

    Those of which the platform is looked at from time to time come by here, too.
    """
    async with transaction() as connection:
        silent = await PostClaimRepository(connection).check_silent(
            limit=LIMIT, patience=PATIENCE
        )
        await Outbox(connection).send(*map(_message_of, silent))
    return len(silent)


def _message_of(post: SilentPost) -> Message:
    reason = f"silent-{post.check_at}"
    is_recalled = post.is_recalled and post.status is PostStatus.PUBLISHED
    if post.status in _TO_BE_PUBLISHED or is_recalled:
        return publish(post.id, reason)
    return confirm(post.id, reason)
