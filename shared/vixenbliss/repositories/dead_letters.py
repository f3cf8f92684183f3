"""Every query on work that ended badly."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.jobs.messages import Queue
from vixenbliss.models.content_jobs import ContentJob, JobStatus
from vixenbliss.models.dead_letters import DeadLetter
from vixenbliss.models.policy import PolicyDecision, Verdict

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
    )
    .on_conflict_do_nothing(index_elements=["queue", "dedupe_key"])
)
_LOCK_OPEN = (
    select(DeadLetter.id, DeadLetter.subject_id, DeadLetter.workspace_id)
    .where(
        DeadLetter.queue == bindparam("queue"),
        DeadLetter.redriven_at.is_(None),
        DeadLetter.subject_id.is_not(None),
    )
    .order_by(DeadLetter.created_at, DeadLetter.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_REDRIVEN = (
    update(DeadLetter)
    .where(DeadLetter.id == bindparam("id_"))
    .values(redriven_at=func.now())
)
_COUNT = (
    select(DeadLetter.queue, func.count().label("open"))
    .where(DeadLetter.redriven_at.is_(None))
    .group_by(DeadLetter.queue)
)
_at_work = ContentJob.status.in_(
    (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.RETRYING)
)
_OLDEST = select(
    func.extract(
        "epoch", func.now() - func.min(ContentJob.created_at).filter(_at_work)
    ).label(Queue.GENERATE),
    func.extract(
        "epoch", func.now() - func.min(ContentJob.created_at).filter(~_at_work)
    ).label(Queue.FINISH),
    select(func.extract("epoch", func.now() - func.min(PolicyDecision.created_at)))
    .where(PolicyDecision.verdict == Verdict.PENDING)
    .scalar_subquery()
    .label(Queue.MODERATE),
).where(ContentJob.finished_at.is_(None))


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
        )

    async def lock_open(self, queue: Queue, *, limit: int) -> list[OpenLetter]:
        """Return letters about rows of ours, oldest first, held until the end."""
        rows = await self._connection.all(_LOCK_OPEN, queue=queue, limit=limit)
        return [OpenLetter(**row) for row in rows]

    async def mark_redriven(self, letter_id: UUID) -> None:
        """Record that a letter is on its way again."""
        await self._connection.run(_REDRIVEN, id_=letter_id)

    async def count_open(self) -> dict[Queue, int]:
        """Return how many letters of each queue are open."""
        rows = await self._connection.all(_COUNT)
        return {Queue(row["queue"]): row["open"] for row in rows}

    async def oldest_s(self) -> dict[Queue, int | None]:
        """Return for how many seconds each queue's oldest open work has waited."""
        ages = dict(await self._connection.one(_OLDEST) or {})
        return {q: None if ages.get(q) is None else int(ages[q]) for q in Queue}
