"""Every query that people put to content jobs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, func, insert, select, update

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ConstraintViolatedError,
    InvalidStateError,
    JobNotFoundError,
)
from vixenbliss.models.assets import Asset, AssetStatus
from vixenbliss.models.content_jobs import (
    ContentJob,
    ContentJobAttempt,
    JobKind,
    JobStatus,
    Provider,
)
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import among, from_now, wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.content_jobs import AttemptRead, JobDetail, JobRead

OPEN = (
    JobStatus.QUEUED,
    JobStatus.RUNNING,
    JobStatus.AWAITING_PROVIDER,
    JobStatus.INGESTING,
    JobStatus.MODERATING,
    JobStatus.RETRYING,
)
QUEUED_TOO_LONG = timedelta(minutes=15)

_COLUMNS = (
    ContentJob.id,
    ContentJob.avatar_id,
    ContentJob.batch_id,
    ContentJob.kind,
    ContentJob.provider,
    ContentJob.model,
    ContentJob.prompt,
    ContentJob.status,
    ContentJob.attempts,
    ContentJob.error_code,
    ContentJob.error_message,
    ContentJob.asset_id,
    ContentJob.result,
    ContentJob.cost_reserved_micros,
    ContentJob.cost_actual_micros,
    ContentJob.cost_currency,
    ContentJob.created_at,
    ContentJob.started_at,
    ContentJob.finished_at,
)
_mine = ContentJob.workspace_id == MEMBER.c.workspace_id
_LIST = page_seen_by_member(
    _COLUMNS,
    _mine,
    wish(ContentJob.avatar_id, "avatar_id"),
    wish(ContentJob.status, "status"),
    wish(ContentJob.batch_id, "batch_id"),
    order_by=(ContentJob.created_at.desc(), ContentJob.id.desc()),
)
_attempts = (
    select(
        func.coalesce(
            func.jsonb_agg(
                func.jsonb_build_object(
                    "attempt",
                    ContentJobAttempt.attempt,
                    "started_at",
                    ContentJobAttempt.started_at,
                    "finished_at",
                    ContentJobAttempt.finished_at,
                    "outcome",
                    ContentJobAttempt.outcome,
                    "http_status",
                    ContentJobAttempt.http_status,
                    "error",
                    ContentJobAttempt.error,
                )
            ),
            func.jsonb_build_array(),
        )
    )
    .where(ContentJobAttempt.job_id == ContentJob.id)
    .scalar_subquery()
)
_DETAIL = seen_by_member(
    select(
        *_COLUMNS,
        ContentJob.seed,
        ContentJob.sheet_version,
        _attempts.label("attempt_log"),
    )
    .where(_mine, ContentJob.id == bindparam("id"))
    .correlate(MEMBER)
)
_ADD = insert(ContentJob)
_picture_waits = (
    select(Asset.id)
    .where(Asset.id == ContentJob.asset_id, Asset.status == AssetStatus.PENDING)
    .exists()
)
_KEPT = (
    ContentJob.id,
    ContentJob.workspace_id,
    ContentJob.avatar_id,
    ContentJob.status,
    ContentJob.kind,
    ContentJob.provider,
    ContentJob.model,
    ContentJob.prompt,
    ContentJob.negative_prompt,
    ContentJob.params,
    ContentJob.sheet_version,
    ContentJob.provider_job_id,
    ContentJob.batch_id,
    _picture_waits.label("picture_waits"),
)
_LOCK = (
    select(*_KEPT)
    .where(
        ContentJob.id == bindparam("id"),
        ContentJob.workspace_id == bindparam("workspace_id"),
    )
    .with_for_update(of=ContentJob)
)
_LOCK_OPEN_OF_AVATAR = (
    select(*_KEPT)
    .where(ContentJob.avatar_id == bindparam("avatar_id"), ContentJob.status.in_(OPEN))
    .order_by(ContentJob.id)
    .with_for_update()
)
_CANCEL = (
    update(ContentJob)
    .where(among(ContentJob.id, "ids"), ContentJob.status.in_(OPEN))
    .values(
        status=JobStatus.CANCELLED,
        fence=ContentJob.fence + 1,
        lease_until=None,
        finished_at=func.now(),
    )
)
_RESUME = (
    update(ContentJob)
    .where(ContentJob.id == bindparam("id_"), ContentJob.status == JobStatus.FAILED)
    .values(
        status=JobStatus.MODERATING,
        fence=ContentJob.fence + 1,
        finish_attempts=0,
        finished_at=None,
        error_code=None,
        error_message=None,
        check_at=from_now("patience"),
    )
    .returning(ContentJob.fence)
)
_ONCE_REPEATED = "uq_content_jobs_retry_of"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a provider is asked for."""

    kind: JobKind
    provider: Provider
    model: str
    prompt: str
    negative_prompt: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job as it is asked for."""

    id: UUID
    workspace_id: UUID
    avatar_id: UUID
    sheet_version: int
    requested_by: int
    batch_id: UUID
    retry_of: UUID | None = None
    recipe: Recipe
    seed: int
    budget_month: str
    cost_reserved_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedJob:
    """A job that nobody else changes until the transaction ends."""

    id: UUID
    workspace_id: UUID
    avatar_id: UUID
    status: JobStatus
    recipe: Recipe
    sheet_version: int
    provider_job_id: str | None
    batch_id: UUID
    picture_waits: bool
    """Whether it brought a picture that nobody has judged."""

    @property
    def is_at_replicate(self) -> bool:
        """Whether a prediction was made for it, which can be called off."""
        is_asked = self.recipe.provider is Provider.REPLICATE
        return is_asked and self.provider_job_id is not None


class ContentJobRepository:
    """The content jobs of a workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, jobs: Sequence[NewJob]) -> None:
        """Insert jobs, in one statement.

        Raises:
            InvalidStateError: one is to repeat a job that was repeated before.
        """
        late = func.now() + QUEUED_TOO_LONG
        try:
            await self._connection.run(
                _ADD.values([{**_columns(job), "check_at": late} for job in jobs])
            )
        except ConstraintViolatedError as error:
            if error.constraint != _ONCE_REPEATED:
                raise
            message = "This job has been asked for again before."
            raise InvalidStateError(message) from error

    async def resume(self, job_id: UUID) -> int:
        """Reopen a locked job whose picture is there to be judged; return its fence."""
        row = await self._connection.one(_RESUME, id_=job_id, patience=QUEUED_TOO_LONG)
        return int(row["fence"]) if row else 0

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[JobRead]:
        """Return the jobs that match, newest first."""
        return await read_page(
            self._connection, caller, _LIST, page, JobRead, **filters
        )

    async def detail(self, caller: Caller, job_id: UUID) -> JobDetail:
        """Return a job with its tries.

        Raises:
            JobNotFoundError: the workspace has none of that id.
        """
        rows = await read(self._connection, caller, _DETAIL, id=job_id)
        if not rows:
            raise JobNotFoundError
        tries = [AttemptRead.model_validate(a) for a in rows[0]["attempt_log"]]
        tries.sort(key=lambda one: one.attempt)
        return JobDetail.model_validate({**rows[0], "attempt_log": tries})

    async def lock(self, member: Member, job_id: UUID) -> LockedJob:
        """Return a job, held until the transaction ends.

        Raises:
            JobNotFoundError: the workspace has none of that id.
        """
        row = await self._connection.one(
            _LOCK, id=job_id, workspace_id=member.workspace_id
        )
        if row is None:
            raise JobNotFoundError
        return _locked(row)

    async def lock_open_of(self, avatar_id: UUID) -> Sequence[LockedJob]:
        """Return the avatar's open jobs, held until the transaction ends."""
        rows = await self._connection.all(_LOCK_OPEN_OF_AVATAR, avatar_id=avatar_id)
        return [_locked(row) for row in rows]

    async def cancel(self, jobs: Sequence[LockedJob]) -> None:
        """End open jobs whose holds are settled; their workers find the fence moved.

        Raises:
            InvalidStateError: one of them has ended already.
        """
        done = await self._connection.run(_CANCEL, ids=[job.id for job in jobs])
        if done != len(jobs):
            message = "A job that has ended cannot be cancelled."
            raise InvalidStateError(message)


def _columns(job: NewJob) -> dict[str, Any]:
    columns = asdict(job)
    recipe: dict[str, Any] = columns.pop("recipe")
    return columns | recipe


def _locked(row: RowMapping) -> LockedJob:
    recipe = {field.name: row[field.name] for field in fields(Recipe)}
    rest = {name: value for name, value in row.items() if name not in recipe}
    return LockedJob(**rest, recipe=Recipe(**recipe))
