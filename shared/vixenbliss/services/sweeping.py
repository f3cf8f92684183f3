"""What has been silent for too long is put on its way again.

Nothing here does the work: it writes the message that should have come, and the worker
finds out whether it is needed. So it may be wrong without harm.
"""

from dataclasses import dataclass
from datetime import timedelta

from vixenbliss.database import transaction
from vixenbliss.jobs.messages import (
    Message,
    apply,
    confirm,
    finish,
    generate,
    mail,
    measure,
    moderate,
    privacy,
    publish,
    reconcile,
    refund,
    roll_up,
)
from vixenbliss.log import log
from vixenbliss.models.content_jobs import JobStatus
from vixenbliss.models.posts import PostStatus
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.avatars import AvatarRepository
from vixenbliss.repositories.checkouts import CheckoutRepository
from vixenbliss.repositories.data_requests import DataRequestRepository
from vixenbliss.repositories.idempotency import IdempotencyRepository
from vixenbliss.repositories.job_claims import JobClaimRepository
from vixenbliss.repositories.judgements import JudgementRepository
from vixenbliss.repositories.letters import LetterRepository
from vixenbliss.repositories.measurement_rescues import MeasurementRescueRepository
from vixenbliss.repositories.post_claims import PostClaimRepository, SilentPost
from vixenbliss.repositories.rate_limits import RateLimitRepository
from vixenbliss.repositories.reconciliation_rescues import (
    ReconciliationRescueRepository,
)
from vixenbliss.repositories.refunds import RefundRepository
from vixenbliss.repositories.rollup_runs import RollupRunRepository
from vixenbliss.repositories.stripe_events import StripeEventRepository
from vixenbliss.services import stock
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
    refunds: int
    events: int
    reconciliations: int
    letters: int
    measurements: int
    rollups: int
    requests: int
    avatars: int
    checkouts: int
    idempotency_keys: int
    counters: int


async def sweep() -> Swept:
    """Wake what is silent, end what has run out.

    Two sweeps at once find different rows.
    """
    jobs, decisions = await _wake()
    posts = await _wake_posts()
    refunds = await _wake_refunds()
    events = await _wake_events()
    reconciliations = await _wake_reconciliations()
    letters = await _wake_letters()
    measurements = await _wake_measurements()
    rollups = await _wake_rollups()
    requests = await _wake_requests()
    avatars = await _close_stages()
    checkouts = await _close_checkouts()
    async with transaction() as connection:
        forgotten = await IdempotencyRepository(connection).forget_expired()
        counters = await RateLimitRepository(connection).forget_over()
    return Swept(
        jobs=jobs,
        decisions=decisions,
        posts=posts,
        refunds=refunds,
        events=events,
        reconciliations=reconciliations,
        letters=letters,
        measurements=measurements,
        rollups=rollups,
        requests=requests,
        avatars=avatars,
        checkouts=checkouts,
        idempotency_keys=forgotten,
        counters=counters,
    )


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


async def _close_checkouts() -> int:
    """End checkouts whose time is over and that have no page; return how many.

    Of one that has a page, Stripe says how it ended, and when it was.
    """
    async with transaction() as connection:
        checkouts = CheckoutRepository(connection)
        over = await checkouts.lock_forgotten(limit=LIMIT)
        if over:
            await stock.follow(connection, *await checkouts.expire(*over))
    return len(over)


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


async def _wake_refunds() -> int:
    """Have Stripe asked again for refunds that it has not told of; return how many."""
    async with transaction() as connection:
        silent = await RefundRepository(connection).check_silent(
            limit=LIMIT, patience=PATIENCE
        )
        await Outbox(connection).send(
            *(refund(refund_id, f"silent-{until}") for refund_id, until in silent)
        )
    return len(silent)


async def _wake_events() -> int:
    """Put open events of Stripe's on their way again, and return how many.

    Those that wait for a row come by here from time to time: it may have been written
    by somebody who did not know of them.
    """
    async with transaction() as connection:
        silent = await StripeEventRepository(connection).check_silent(
            limit=LIMIT, patience=PATIENCE
        )
        await Outbox(connection).send(
            *(apply(event_id, f"silent-{until}") for event_id, until in silent)
        )
    return len(silent)


async def _wake_reconciliations() -> int:
    async with transaction() as connection:
        silent = await ReconciliationRescueRepository(connection).check_silent()
        await Outbox(connection).send(
            *(reconcile(run_id, f"silent-{until}") for run_id, until in silent)
        )
    return len(silent)


async def _wake_letters() -> int:
    """Put letters on their way that have not left, and return how many.

    Those that SES did not take come by here as well, after their pause.
    """
    async with transaction() as connection:
        silent = await LetterRepository(connection).check_silent(limit=LIMIT)
        await Outbox(connection).send(
            *(mail(letter_id, f"silent-{until}") for letter_id, until in silent)
        )
    return len(silent)


async def _wake_measurements() -> int:
    """Have accounts read on that wait for their platform, or whose worker has died."""
    async with transaction() as connection:
        silent = await MeasurementRescueRepository(connection).check_silent(limit=LIMIT)
        await Outbox(connection).send(
            *(measure(account_id, f"silent-{until}") for account_id, until in silent)
        )
    return len(silent)


async def _wake_rollups() -> int:
    async with transaction() as connection:
        silent = await RollupRunRepository(connection).check_silent(limit=LIMIT)
        await Outbox(connection).send(
            *(roll_up(run_id, f"silent-{until}") for run_id, until in silent)
        )
    return len(silent)


async def _wake_requests() -> int:
    """Put users' requests about their data on their way again; return how many.

    Those that wait for something, as for money to settle, come by here as well.
    """
    async with transaction() as connection:
        silent = await DataRequestRepository(connection).check_silent(limit=LIMIT)
        await Outbox(connection).send(
            *(privacy(request_id, f"silent-{until}") for request_id, until in silent)
        )
    return len(silent)


def _message_of(post: SilentPost) -> Message:
    reason = f"silent-{post.check_at}"
    is_recalled = post.is_recalled and post.status is PostStatus.PUBLISHED
    if post.status in _TO_BE_PUBLISHED or is_recalled:
        return publish(post.id, reason)
    return confirm(post.id, reason)
