"""Every statement by which workers take content jobs.

A claim is a lease with a fence. The lease says until when nobody else may take the row;
the fence counts the takers, and whoever writes names theirs, so that a worker that was
thought dead and wakes up writes nothing. Both go by the database's clock. All of these
are global: a worker serves every workspace.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.database import Connection
from vixenbliss.errors import ConstraintViolatedError, OutcomeUnknownError
from vixenbliss.models.content_jobs import (
    ContentJob,
    ContentJobAttempt,
    JobKind,
    JobStatus,
    Provider,
)
from vixenbliss.repositories.terms import among, from_now

ANOTHERS = "the prediction is another job's"
SWEEP_MARGIN = timedelta(seconds=15)
"""How long after a lease has run out the sweeper looks for the row."""

_CLAIMED = (
    ContentJob.id,
    ContentJob.workspace_id,
    ContentJob.avatar_id,
    ContentJob.requested_by,
    ContentJob.kind,
    ContentJob.status,
    ContentJob.model,
    ContentJob.prompt,
    ContentJob.negative_prompt,
    ContentJob.seed,
    ContentJob.params,
    ContentJob.sheet_version,
    ContentJob.attempts,
    ContentJob.finish_attempts,
    ContentJob.submitted_at,
    ContentJob.provider_job_id,
    ContentJob.asset_id,
    ContentJob.cost_reserved_micros,
    ContentJob.fence,
    ContentJob.created_at,
)
_lease_is_free = or_(
    ContentJob.lease_until.is_(None), ContentJob.lease_until < func.now()
)
_taken = {
    "fence": ContentJob.fence + 1,
    "lease_until": from_now("lease"),
    "check_at": from_now("lease") + SWEEP_MARGIN,
}

_due = (
    select(ContentJob.id)
    .where(
        among(ContentJob.id, "ids"),
        or_(
            ContentJob.status == JobStatus.QUEUED,
            and_(
                ContentJob.status == JobStatus.RETRYING,
                ContentJob.next_attempt_at <= func.now(),
            ),
            and_(ContentJob.status == JobStatus.RUNNING, _lease_is_free),
        ),
    )
    .order_by(ContentJob.id)
    .with_for_update(skip_locked=True)
    .cte("due")
)
# A job whose worker died is taken again within the same try: crashes burn no tries.
_claimed = (
    update(ContentJob)
    .where(ContentJob.id.in_(select(_due.c.id)))
    .values(
        **_taken,
        status=JobStatus.RUNNING,
        attempts=ContentJob.attempts
        + case((ContentJob.status == JobStatus.RUNNING, 0), else_=1),
        started_at=func.coalesce(ContentJob.started_at, func.now()),
        next_attempt_at=None,
    )
    .returning(*_CLAIMED)
    .cte("claimed")
)
_tried = (
    insert(ContentJobAttempt)
    .from_select(["job_id", "attempt"], select(_claimed.c.id, _claimed.c.attempts))
    .on_conflict_do_nothing()
    .cte("tried")
)
_CLAIM_DUE = select(_claimed).add_cte(_tried)

# Waits for a worker that is just settling the row, so that a report that comes before
# our own commit finds the row as that commit leaves it.
_settled = (
    select(ContentJob.id)
    .where(
        among(ContentJob.id, "ids"),
        or_(
            ContentJob.status == JobStatus.AWAITING_PROVIDER,
            and_(
                ContentJob.status.in_((JobStatus.INGESTING, JobStatus.MODERATING)),
                _lease_is_free,
            ),
        ),
    )
    .order_by(ContentJob.id)
    .with_for_update()
    .cte("settled")
)
_CLAIM_AWAITING = (
    update(ContentJob)
    .where(ContentJob.id.in_(select(_settled.c.id)))
    .values(
        **_taken,
        status=case(
            (ContentJob.status == JobStatus.MODERATING, JobStatus.MODERATING),
            else_=JobStatus.INGESTING,
        ),
    )
    .returning(*_CLAIMED)
)
_ADRIFT = select(*_CLAIMED).where(
    among(ContentJob.id, "ids"),
    ContentJob.kind == JobKind.IMAGE,
    ContentJob.status.in_((JobStatus.RUNNING, JobStatus.RETRYING)),
    ContentJob.submitted_at.is_not(None),
    ContentJob.provider_job_id.is_(None),
    _lease_is_free,
)
_STANDING = select(
    ContentJob.id,
    ContentJob.status,
    ContentJob.provider_job_id,
    ContentJob.cost_is_estimated,
    func.extract(
        "epoch",
        func.greatest(
            ContentJob.lease_until - func.now(), ContentJob.next_attempt_at - func.now()
        ),
    ).label("wait_s"),
).where(among(ContentJob.id, "ids"))

_AWAITED = (
    select(ContentJob.id)
    .where(
        ContentJob.provider_job_id == bindparam("handle"),
        ContentJob.finished_at.is_(None),
    )
    .limit(1)
)
_KEPT = select(ContentJob.id).where(
    ContentJob.provider == Provider.REPLICATE,
    ContentJob.provider_job_id == bindparam("prediction_id"),
)
_TO_CHECK = (
    select(ContentJob.id)
    .where(ContentJob.finished_at.is_(None), ContentJob.check_at <= func.now())
    .order_by(ContentJob.check_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_CHECK = (
    update(ContentJob)
    .where(ContentJob.id.in_(_TO_CHECK.scalar_subquery()))
    .values(check_at=from_now("patience"))
    .returning(ContentJob.id, ContentJob.status, ContentJob.check_at)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedJob:
    """A job that is ours until its lease runs out."""

    id: UUID
    workspace_id: UUID
    avatar_id: UUID
    requested_by: int
    kind: JobKind
    status: JobStatus
    model: str
    prompt: str
    negative_prompt: str
    seed: int
    params: dict[str, Any]
    sheet_version: int
    attempts: int
    finish_attempts: int
    submitted_at: datetime | None
    provider_job_id: str | None
    asset_id: UUID | None
    cost_reserved_micros: int
    fence: int
    created_at: datetime

    @property
    def words(self) -> str:
        """All that steers the model: what is to be avoided steers it, too."""
        steering = (self.prompt, self.negative_prompt, self.params.get("tone"))
        return "\n".join(filter(None, steering))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a job stands that could not be claimed."""

    status: JobStatus
    provider_job_id: str | None
    cost_is_estimated: bool
    wait_s: float
    """Seconds until its lease or its pause ends; not positive if it has neither."""


class JobClaimRepository:
    """Content jobs, as workers take and leave them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def claim_due(
        self, ids: Sequence[UUID], *, lease: timedelta
    ) -> list[ClaimedJob]:
        """Take the jobs that wait for their provider call, and open their tries."""
        rows = await self._connection.all(_CLAIM_DUE, ids=list(ids), lease=lease)
        return [ClaimedJob(**row) for row in rows]

    async def claim_awaiting(
        self, ids: Sequence[UUID], *, lease: timedelta
    ) -> list[ClaimedJob]:
        """Take the jobs whose provider may have an outcome."""
        rows = await self._connection.all(_CLAIM_AWAITING, ids=list(ids), lease=lease)
        return [ClaimedJob(**row) for row in rows]

    async def adrift(self, ids: Sequence[UUID]) -> list[ClaimedJob]:
        """Return image jobs that were sent, perhaps, by a worker that died."""
        rows = await self._connection.all(_ADRIFT, ids=list(ids))
        return [ClaimedJob(**row) for row in rows]

    async def standing(self, ids: Sequence[UUID]) -> dict[UUID, Standing]:
        """Return where jobs stand; an id that is missing means no row."""
        rows = await self._connection.all(_STANDING, ids=list(ids))
        return {
            row["id"]: Standing(
                row["status"],
                row["provider_job_id"],
                row["cost_is_estimated"],
                float(row["wait_s"] or 0),
            )
            for row in rows
        }

    async def is_awaited(self, handle: str) -> bool:
        """Tell whether an open job may still need what a provider keeps under an id."""
        return await self._connection.one(_AWAITED, handle=handle) is not None

    async def is_kept(self, prediction_id: str) -> bool:
        """Tell whether a prediction is some job's already."""
        kept = await self._connection.one(_KEPT, prediction_id=prediction_id)
        return kept is not None

    async def adopt(
        self, job: ClaimedJob, provider_job_id: str, *, patience: timedelta
    ) -> bool:
        """Tie a job that is adrift to the call that a report proves was made.

        Raises:
            OutcomeUnknownError: the call is another job's.
        """
        statement = (
            update(ContentJob)
            .where(
                ContentJob.id == job.id,
                ContentJob.fence == job.fence,
                ContentJob.status.in_((JobStatus.RUNNING, JobStatus.RETRYING)),
                ContentJob.provider_job_id.is_(None),
                _lease_is_free,
            )
            .values(
                status=JobStatus.AWAITING_PROVIDER,
                fence=ContentJob.fence + 1,
                provider_job_id=provider_job_id,
                next_attempt_at=None,
                lease_until=None,
                check_at=func.now() + patience,
            )
        )
        try:
            return await self._connection.run(statement) == 1
        except ConstraintViolatedError as error:
            raise OutcomeUnknownError("Replicate", ANOTHERS) from error

    async def check_silent(
        self, *, limit: int, patience: timedelta
    ) -> list[tuple[UUID, JobStatus, datetime]]:
        """Return open jobs that have been silent for too long: id, status, next look.

        They are looked at again only when the patience has run out once more.
        """
        rows = await self._connection.all(_CHECK, limit=limit, patience=patience)
        return [(row["id"], row["status"], row["check_at"]) for row in rows]
