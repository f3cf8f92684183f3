"""What no worker could digest gets a row with its reason, and its work an end."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError

from vixenbliss.database import Connection, transaction
from vixenbliss.jobs.messages import Queue, Task, finish
from vixenbliss.log import log
from vixenbliss.models.analytics import RollupStatus
from vixenbliss.models.content_jobs import JobStatus, Provider
from vixenbliss.models.data_requests import DataRequestStatus
from vixenbliss.models.letters import LetterStatus
from vixenbliss.models.policy import Verdict
from vixenbliss.models.reconciliations import ReconciliationStatus
from vixenbliss.models.webhook_events import WebhookStatus
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.data_requests import DataRequestRepository
from vixenbliss.repositories.dead_letters import BURIED, Burial, DeadLetterRepository
from vixenbliss.repositories.job_progress import HeldJob, JobProgressRepository
from vixenbliss.repositories.judgements import Judgement, JudgementRepository
from vixenbliss.repositories.letters import LetterRepository
from vixenbliss.repositories.measurement_rescues import MeasurementRescueRepository
from vixenbliss.repositories.post_rescues import PostRescueRepository
from vixenbliss.repositories.reconciliation_rescues import (
    ReconciliationRescueRepository,
)
from vixenbliss.repositories.refunds import RefundRepository
from vixenbliss.repositories.rollup_runs import RollupRunRepository
from vixenbliss.repositories.stripe_events import StripeEventRepository
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.spending import Spending

MALFORMED = "the message is not a task"
UNKNOWN = "the message is about nothing that is here"
ENDED = "what it is about has ended"
REVIVED = "received again and again without an end; sent on its way once more"
NEVER_ENDED = "received again and again without an end, twice"


@dataclass(frozen=True, slots=True)
class Poison:
    """A message that reached a dead-letter queue."""

    queue: Queue
    message_id: str
    body: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of the work behind a dead message."""

    reason: str
    is_open: bool
    workspace_id: UUID | None = None


async def bury(poison: Poison) -> None:
    """Write a message's dead letter, and see to the work that it stood for.

    At first, the work is sent on its way once more: it was perhaps not the work that
    was ill, but the database. If it dies again after that, it ends. Burying one message
    twice is burying it once: the letter is named by the message.
    """
    subject_id = _subject_of(poison.body)
    async with transaction() as connection:
        fate = Fate(MALFORMED, is_open=True)
        if subject_id:
            fate = await _fate(connection, poison, subject_id)
        await DeadLetterRepository(connection).add(
            Burial(
                queue=poison.queue,
                dedupe_key=poison.message_id,
                code=BURIED,
                reason=fate.reason,
                subject_id=subject_id,
                workspace_id=fate.workspace_id,
                payload_sha256=hashlib.sha256(poison.body.encode()).digest(),
                is_open=fate.is_open,
            )
        )
    log.error("message buried", queue=poison.queue, message_id=poison.message_id)


def _subject_of(body: str) -> UUID | None:
    try:
        return Task.model_validate_json(body).id
    except ValidationError:
        return None


async def _fate(connection: Connection, poison: Poison, subject_id: UUID) -> Fate:
    letters = DeadLetterRepository(connection)
    is_second = await letters.was_revived(subject_id, poison.message_id)
    see_to = FATES.get(poison.queue, _fate_of_job)
    return await see_to(connection, subject_id, is_second=is_second)


async def _fate_of_job(
    connection: Connection, subject_id: UUID, *, is_second: bool
) -> Fate:
    jobs = JobProgressRepository(connection)
    job = await jobs.lock(subject_id)
    if job is None:
        return Fate(UNKNOWN, is_open=True)
    if job.finished_at:
        return Fate(ENDED, is_open=False, workspace_id=job.workspace_id)
    if is_second:
        await _give_up(connection, subject_id, job)
        return Fate(NEVER_ENDED, is_open=True, workspace_id=job.workspace_id)
    await jobs.wake(subject_id)
    return Fate(REVIVED, is_open=False, workspace_id=job.workspace_id)


async def _fate_of_post(
    connection: Connection, post_id: UUID, *, is_second: bool
) -> Fate:
    """See to a post: one that may be there is never ended without a look."""
    posts = PostRescueRepository(connection)
    post = await posts.lock(post_id)
    if post is None:
        return Fate(UNKNOWN, is_open=True)
    if not post.is_open:
        return Fate(ENDED, is_open=False, workspace_id=post.workspace_id)
    if not is_second:
        await posts.wake(post_id)
        return Fate(REVIVED, is_open=False, workspace_id=post.workspace_id)
    status = await posts.give_up(post_id, code=BURIED, message=NEVER_ENDED)
    await AuditRepository(connection).add_by_system(
        post.workspace_id, f"post.{status}", ("post", post_id), code=BURIED
    )
    return Fate(NEVER_ENDED, is_open=True, workspace_id=post.workspace_id)


async def _fate_of_event(
    connection: Connection, event_id: UUID, *, is_second: bool
) -> Fate:
    """See to an event of Stripe's; what has failed can be replayed."""
    events = StripeEventRepository(connection)
    event = await events.lock(event_id)
    if event is None:
        return Fate(UNKNOWN, is_open=True)
    if not event.is_open:
        return Fate(ENDED, is_open=False)
    if is_second:
        await events.settle([event_id], WebhookStatus.FAILED, note=NEVER_ENDED)
        return Fate(NEVER_ENDED, is_open=True)
    await events.wake(event_id)
    return Fate(REVIVED, is_open=False)


async def _fate_of_refund(
    connection: Connection, refund_id: UUID, *, is_second: bool
) -> Fate:
    """See to a refund: Stripe may have made it, so it stays pending until it tells."""
    refunds = RefundRepository(connection)
    refund = await refunds.find(refund_id)
    if refund is None:
        return Fate(UNKNOWN, is_open=True)
    if not is_second and await refunds.wake(refund_id):
        return Fate(REVIVED, is_open=False, workspace_id=refund.workspace_id)
    if is_second and await refunds.rest(refund_id):
        return Fate(NEVER_ENDED, is_open=True, workspace_id=refund.workspace_id)
    return Fate(ENDED, is_open=False, workspace_id=refund.workspace_id)


async def _fate_of_decision(
    connection: Connection, decision_id: UUID, *, is_second: bool
) -> Fate:
    decisions = JudgementRepository(connection)
    verdict = await decisions.lock_verdict(decision_id)
    if verdict is None:
        return Fate(UNKNOWN, is_open=True)
    if verdict is not Verdict.PENDING:
        return Fate(ENDED, is_open=False)
    if is_second:
        said = Judgement(verdict=Verdict.ERROR, reasons=(NEVER_ENDED,), scores={})
        await decisions.decide(decision_id, said)
        return Fate(NEVER_ENDED, is_open=True)
    await decisions.wake(decision_id)
    return Fate(REVIVED, is_open=False)


async def _fate_of_reconciliation(
    connection: Connection, run_id: UUID, *, is_second: bool
) -> Fate:
    runs = ReconciliationRescueRepository(connection)
    status = await runs.lock(run_id)
    if status is None:
        return Fate(UNKNOWN, is_open=True)
    if status is not ReconciliationStatus.RUNNING:
        return Fate(ENDED, is_open=False)
    if is_second:
        await runs.give_up(run_id, code=BURIED)
        return Fate(NEVER_ENDED, is_open=True)
    await runs.wake(run_id)
    return Fate(REVIVED, is_open=False)


async def _fate_of_letter(
    connection: Connection, letter_id: UUID, *, is_second: bool
) -> Fate:
    letters = LetterRepository(connection)
    status = await letters.lock(letter_id)
    if status is None:
        return Fate(UNKNOWN, is_open=True)
    if status is not LetterStatus.QUEUED:
        return Fate(ENDED, is_open=False)
    if is_second:
        await letters.give_up(letter_id, code=BURIED)
        return Fate(NEVER_ENDED, is_open=True)
    await letters.wake(letter_id)
    return Fate(REVIVED, is_open=False)


async def _fate_of_measurement(
    connection: Connection, account_id: UUID, *, is_second: bool
) -> Fate:
    """See to an account's numbers: what was not read stays a gap."""
    accounts = MeasurementRescueRepository(connection)
    held = await accounts.lock(account_id)
    if held is None:
        return Fate(UNKNOWN, is_open=True)
    if not held.is_open:
        return Fate(ENDED, is_open=False, workspace_id=held.workspace_id)
    if is_second:
        await accounts.give_up(account_id, code=BURIED)
        return Fate(NEVER_ENDED, is_open=True, workspace_id=held.workspace_id)
    await accounts.wake(account_id)
    return Fate(REVIVED, is_open=False, workspace_id=held.workspace_id)


async def _fate_of_rollup(
    connection: Connection, run_id: UUID, *, is_second: bool
) -> Fate:
    runs = RollupRunRepository(connection)
    status = await runs.lock(run_id)
    if status is None:
        return Fate(UNKNOWN, is_open=True)
    if status is not RollupStatus.REQUESTED:
        return Fate(ENDED, is_open=False)
    if is_second:
        await runs.give_up(run_id)
        return Fate(NEVER_ENDED, is_open=True)
    await runs.wake(run_id)
    return Fate(REVIVED, is_open=False)


async def _fate_of_request(
    connection: Connection, request_id: UUID, *, is_second: bool
) -> Fate:
    requests = DataRequestRepository(connection)
    status = await requests.lock(request_id)
    if status is None:
        return Fate(UNKNOWN, is_open=True)
    if status is not DataRequestStatus.RECEIVED:
        return Fate(ENDED, is_open=False)
    if is_second:
        await requests.give_up(request_id)
        return Fate(NEVER_ENDED, is_open=True)
    await requests.wake(request_id)
    return Fate(REVIVED, is_open=False)


async def _give_up(connection: Connection, job_id: UUID, job: HeldJob) -> None:
    """Fail a job; what its provider may be making is called off."""
    await Spending(connection).settle_unseen(job_id)
    await JobProgressRepository(connection).give_up(
        job_id, code=BURIED, message=NEVER_ENDED
    )
    if job.provider is Provider.REPLICATE and job.provider_job_id:
        await Outbox(connection).send(finish(job_id, "given-up"))
    await AuditRepository(connection).add_by_system(
        job.workspace_id, f"content.{JobStatus.FAILED}", ("job", job_id), code=BURIED
    )


FATES = {
    Queue.CONFIRM: _fate_of_post,
    Queue.EVENTS: _fate_of_event,
    Queue.MAIL: _fate_of_letter,
    Queue.MEASURE: _fate_of_measurement,
    Queue.MODERATE: _fate_of_decision,
    Queue.PRIVACY: _fate_of_request,
    Queue.PUBLISH: _fate_of_post,
    Queue.REFUND: _fate_of_refund,
    Queue.RECONCILE: _fate_of_reconciliation,
    Queue.ROLLUP: _fate_of_rollup,
}
"""How the work of a queue is seen to, where it is not a content job."""
