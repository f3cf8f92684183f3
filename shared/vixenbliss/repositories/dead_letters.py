"""Every query on work that ended badly."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    bindparam,
    case,
    func,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.jobs.messages import Queue
from vixenbliss.models.analytics import PostReading, RollupRun, RollupStatus
from vixenbliss.models.content_jobs import ContentJob, JobStatus
from vixenbliss.models.data_requests import DataRequest, DataRequestStatus
from vixenbliss.models.dead_letters import DeadLetter
from vixenbliss.models.letters import Letter, LetterStatus
from vixenbliss.models.orders import Refund
from vixenbliss.models.policy import PolicyDecision, Verdict
from vixenbliss.models.posts import Post, PostStatus
from vixenbliss.models.reconciliations import Reconciliation, ReconciliationStatus
from vixenbliss.models.webhook_events import (
    WebhookEvent,
    WebhookSource,
    WebhookStatus,
)

BURIED = "DEAD_LETTER"
"""The code of letters about messages that no worker could digest."""
ONE_OUTAGE = timedelta(minutes=30)
"""For how long messages may die of the same cause: five deliveries and their pauses."""
_ADD = (
    insert(DeadLetter)
    .values(
        id=bindparam("id"),
        queue=bindparam("queue"),
        dedupe_key=bindparam("dedupe_key"),
        workspace_id=bindparam("workspace_id"),
        subject_id=bindparam("subject_id"),
        code=bindparam("code"),
        reason=bindparam("reason"),
        payload_sha256=bindparam("payload_sha256"),
        redriven_at=case(
            (bindparam("is_open", type_=Boolean()), null()), else_=func.now()
        ),
    )
    .on_conflict_do_nothing(index_elements=["queue", "dedupe_key"])
)
_OPEN = (
    select(DeadLetter.id)
    .where(
        DeadLetter.queue == bindparam("queue"),
        DeadLetter.redriven_at.is_(None),
        DeadLetter.subject_id.is_not(None),
    )
    .order_by(
        DeadLetter.refused_at.asc().nulls_first(), DeadLetter.created_at, DeadLetter.id
    )
    .limit(bindparam("limit"))
)
_READ = select(DeadLetter.id, DeadLetter.subject_id, DeadLetter.workspace_id).where(
    DeadLetter.id == bindparam("id"), DeadLetter.redriven_at.is_(None)
)
_REDRIVEN = (
    update(DeadLetter)
    .where(DeadLetter.id == bindparam("id_"))
    .values(redriven_at=func.now())
)
_ASKED_FOR_AGAIN = (
    update(DeadLetter)
    .where(
        DeadLetter.subject_id == bindparam("job_id"), DeadLetter.redriven_at.is_(None)
    )
    .values(redriven_at=func.now())
)
_REFUSED = (
    update(DeadLetter)
    .where(DeadLetter.id == bindparam("id_"))
    .values(refused_at=func.now())
)
_WAS_REVIVED = (
    select(DeadLetter.id)
    .where(
        DeadLetter.subject_id == bindparam("subject_id"),
        DeadLetter.dedupe_key != bindparam("dedupe_key"),
        DeadLetter.code == BURIED,
        DeadLetter.created_at < func.now() - ONE_OUTAGE,
    )
    .limit(1)
)
_COUNT = (
    select(DeadLetter.queue, func.count().label("open"))
    .where(DeadLetter.redriven_at.is_(None))
    .group_by(DeadLetter.queue)
)
_at_work = ContentJob.status.in_(
    (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.RETRYING)
)


def _age_of(
    oldest: InstrumentedAttribute[Any], *conditions: ColumnElement[bool]
) -> Any:  # noqa: ANN401 - SQLAlchemy's term
    """Return for how many seconds the oldest of some rows has waited."""
    age = func.extract("epoch", func.now() - func.min(oldest))
    return select(age).where(*conditions).scalar_subquery()


_is_unfinished = ContentJob.finished_at.is_(None)
_OLDEST = select(
    _age_of(ContentJob.created_at, _is_unfinished, _at_work).label(Queue.GENERATE),
    _age_of(ContentJob.created_at, _is_unfinished, ~_at_work).label(Queue.FINISH),
    _age_of(PolicyDecision.created_at, PolicyDecision.verdict == Verdict.PENDING).label(
        Queue.MODERATE
    ),
    _age_of(
        Post.due_at, Post.status.in_((PostStatus.QUEUED, PostStatus.PUBLISHING))
    ).label(Queue.PUBLISH),
    _age_of(
        Post.publish_intent_at,
        Post.status.in_((PostStatus.PROCESSING, PostStatus.UNCONFIRMED)),
    ).label(Queue.CONFIRM),
    _age_of(Refund.created_at, Refund.check_at.is_not(None)).label(Queue.REFUND),
    _age_of(
        WebhookEvent.received_at,
        WebhookEvent.source == WebhookSource.STRIPE,
        WebhookEvent.status == WebhookStatus.RECEIVED,
    ).label(Queue.EVENTS),
    _age_of(
        Reconciliation.created_at,
        Reconciliation.status == ReconciliationStatus.RUNNING,
    ).label(Queue.RECONCILE),
    _age_of(Letter.created_at, Letter.status == LetterStatus.QUEUED).label(Queue.MAIL),
    _age_of(PostReading.due_at, PostReading.due_at <= func.now()).label(Queue.MEASURE),
    _age_of(RollupRun.created_at, RollupRun.status == RollupStatus.REQUESTED).label(
        Queue.ROLLUP
    ),
    _age_of(
        DataRequest.created_at, DataRequest.status == DataRequestStatus.RECEIVED
    ).label(Queue.PRIVACY),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Burial:
    """A dead letter, as it is about to be written."""

    queue: Queue
    dedupe_key: str
    code: str
    reason: str
    subject_id: UUID | None = None
    workspace_id: UUID | None = None
    payload_sha256: bytes | None = None
    is_open: bool = True
    """Whether somebody should look at it; no where the row goes on, or has ended."""


@dataclass(frozen=True, slots=True)
class OpenLetter:
    """A dead letter that has not been sent on its way again."""

    id: UUID
    subject_id: UUID
    workspace_id: UUID | None


class DeadLetterRepository:
    """Work that ended badly; global, for the platform's staff."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, burial: Burial) -> None:
        """Write a dead letter, once however often it is written."""
        await self._connection.run(
            _ADD,
            id=new_id(),
            queue=burial.queue,
            dedupe_key=burial.dedupe_key,
            workspace_id=burial.workspace_id,
            subject_id=burial.subject_id,
            code=burial.code,
            reason=burial.reason[:2000],
            payload_sha256=burial.payload_sha256,
            is_open=burial.is_open,
        )

    async def was_revived(self, subject_id: UUID, dedupe_key: str) -> bool:
        """Tell whether another message about a row died, and not of the same cause.

        Several messages about one row may be on their way, and one outage kills them
        all.
        """
        row = await self._connection.one(
            _WAS_REVIVED, subject_id=subject_id, dedupe_key=dedupe_key
        )
        return row is not None

    async def open_ones(self, queue: Queue, *, limit: int) -> list[UUID]:
        """Return letters about rows of ours, those that were refused last."""
        rows = await self._connection.all(_OPEN, queue=queue, limit=limit)
        return [row["id"] for row in rows]

    async def read(self, letter_id: UUID) -> OpenLetter | None:
        """Return a letter that is still open.

        Not held: whoever asks again for what a letter is about locks that row first,
        and its letters after it.
        """
        row = await self._connection.one(_READ, id=letter_id)
        return OpenLetter(**row) if row else None

    async def mark_redriven(self, letter_id: UUID) -> None:
        """Record that a letter is on its way again."""
        await self._connection.run(_REDRIVEN, id_=letter_id)

    async def mark_refused(self, letter_id: UUID) -> None:
        """Record that nothing could be done for a letter now; it stays open."""
        await self._connection.run(_REFUSED, id_=letter_id)

    async def close_of(self, job_id: UUID) -> None:
        """Record that a job is asked for again, whatever letters there are about it."""
        await self._connection.run(_ASKED_FOR_AGAIN, job_id=job_id)

    async def count_open(self) -> dict[Queue, int]:
        """Return how many letters of each queue are open."""
        rows = await self._connection.all(_COUNT)
        return {Queue(row["queue"]): row["open"] for row in rows}

    async def oldest_s(self) -> dict[Queue, int | None]:
        """Return for how many seconds each queue's oldest open work has waited."""
        ages = dict(await self._connection.one(_OLDEST) or {})
        return {q: None if ages.get(q) is None else int(ages[q]) for q in Queue}
