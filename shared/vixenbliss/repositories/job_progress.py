"""Every statement by which workers advance the content jobs they hold, and let go.

Each names the fence of the claim, and writes nothing if it has moved. Global, as the
claims are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, case, func, select, tuple_, update

from vixenbliss.database import Connection
from vixenbliss.errors import (
    ConstraintViolatedError,
    LeaseLostError,
    OutcomeUnknownError,
)
from vixenbliss.models.content_jobs import (
    ContentJob,
    ContentJobAttempt,
    JobStatus,
    Provider,
)
from vixenbliss.repositories.job_claims import ANOTHERS, SWEEP_MARGIN, ClaimedJob

_CLOSE_TRY = (
    update(ContentJobAttempt)
    .where(
        ContentJobAttempt.job_id == bindparam("job_id_"),
        ContentJobAttempt.attempt == bindparam("attempt_"),
    )
    .values(
        finished_at=func.now(),
        outcome=bindparam("outcome_"),
        http_status=bindparam("http_status_"),
        error=bindparam("error_"),
    )
)
_GIVE_UP = (
    update(ContentJob)
    .where(ContentJob.id == bindparam("id_"), ContentJob.finished_at.is_(None))
    .values(
        status=JobStatus.FAILED,
        fence=ContentJob.fence + 1,
        lease_until=None,
        finished_at=func.now(),
        error_code=bindparam("code"),
        error_message=bindparam("message"),
    )
)
_LOCK = (
    select(
        ContentJob.workspace_id,
        ContentJob.provider,
        ContentJob.provider_job_id,
        ContentJob.finished_at,
    )
    .where(ContentJob.id == bindparam("id"))
    .with_for_update()
)
_WAKE = (
    update(ContentJob)
    .where(ContentJob.id == bindparam("id_"), ContentJob.finished_at.is_(None))
    .values(check_at=func.now())
)
_CLAIMED_STATES = (JobStatus.RUNNING, JobStatus.INGESTING, JobStatus.MODERATING)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended."""

    code: str
    message: str | None = None
    http_status: int | None = None


@dataclass(frozen=True, slots=True)
class HeldJob:
    """A job that nobody else changes until the transaction ends."""

    workspace_id: UUID
    provider: Provider
    provider_job_id: str | None
    finished_at: datetime | None


class JobProgressRepository:
    """Content jobs, on their way in a worker's hands."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def intend(self, job: ClaimedJob) -> None:
        """Record that the provider is about to be called, before it is.

        Raises:
            LeaseLostError: the job is no longer ours.
        """
        await self._write(job, submitted_at=func.now(), provider_job_id=None)

    async def intend_together(
        self, jobs: Sequence[ClaimedJob], *, handle: str | None
    ) -> set[UUID]:
        """Record that one call is about to be made for several jobs, before it is.

        Returns the ids of those that are still ours; the others are left as they are.
        """
        ours = (
            select(ContentJob.id)
            .where(
                tuple_(ContentJob.id, ContentJob.fence).in_(
                    [(job.id, job.fence) for job in jobs]
                ),
                ContentJob.status.in_(_CLAIMED_STATES),
            )
            .order_by(ContentJob.id)
            .with_for_update()
            .cte("ours")
        )
        rows = await self._connection.all(
            update(ContentJob)
            .where(ContentJob.id.in_(select(ours.c.id)))
            .values(submitted_at=func.now(), provider_job_id=handle)
            .returning(ContentJob.id)
        )
        return {row["id"] for row in rows}

    async def await_provider(
        self, job: ClaimedJob, provider_job_id: str, *, patience: timedelta
    ) -> None:
        """Leave a job to its provider, which has taken it on.

        Raises:
            LeaseLostError: the job is no longer ours.
            OutcomeUnknownError: what the provider has taken on is another job's.
        """
        try:
            await self._write(
                job,
                status=JobStatus.AWAITING_PROVIDER,
                submitted_at=func.coalesce(ContentJob.submitted_at, func.now()),
                provider_job_id=provider_job_id,
                next_attempt_at=None,
                lease_until=None,
                check_at=func.now() + patience,
            )
        except ConstraintViolatedError as error:
            raise OutcomeUnknownError("Replicate", ANOTHERS) from error

    async def give_back(self, job: ClaimedJob, *, patience: timedelta) -> None:
        """Leave a job waiting as it was; its provider is not done.

        Raises:
            LeaseLostError: the job is no longer ours.
        """
        await self._write(
            job,
            status=JobStatus.AWAITING_PROVIDER,
            lease_until=None,
            check_at=func.now() + patience,
        )

    async def try_finishing_later(
        self, job: ClaimedJob, *, patience: timedelta
    ) -> None:
        """Leave a job at the stage it has reached, to be finished another time.

        Raises:
            LeaseLostError: the job is no longer ours.
        """
        await self._write(
            job,
            status=case(
                (ContentJob.asset_id.is_not(None), JobStatus.MODERATING),
                else_=JobStatus.AWAITING_PROVIDER,
            ),
            lease_until=None,
            finish_attempts=ContentJob.finish_attempts + 1,
            check_at=func.now() + patience,
        )

    async def ingested(self, job: ClaimedJob, asset_id: UUID) -> None:
        """Record that the bytes are ours; the pixels are judged next.

        Raises:
            LeaseLostError: the job is no longer ours.
        """
        await self._write(job, status=JobStatus.MODERATING, asset_id=asset_id)

    async def pause(
        self, job: ClaimedJob, outcome: Outcome, *, delay: timedelta, sent: bool
    ) -> None:
        """End a try; another follows after the delay.

        ``sent`` says that the provider may have been reached: the next try looks there
        before it sends anything.

        Raises:
            LeaseLostError: the job is no longer ours.
        """
        kept = {} if sent else {"submitted_at": None, "provider_job_id": None}
        await self._write(
            job,
            status=JobStatus.RETRYING,
            lease_until=None,
            next_attempt_at=func.now() + delay,
            check_at=func.now() + delay + SWEEP_MARGIN,
            error_code=outcome.code,
            error_message=outcome.message,
            finish_attempts=0,
            **kept,
        )

    async def end(
        self,
        job: ClaimedJob,
        status: JobStatus,
        *,
        outcome: Outcome | None = None,
        result: dict[str, Any] | None = None,
    ) -> None:
        """Bring a job to its end; its hold has been settled before.

        Raises:
            LeaseLostError: the job is no longer ours.
        """
        await self._write(
            job,
            status=status,
            lease_until=None,
            finished_at=func.now(),
            error_code=outcome.code if outcome else None,
            error_message=outcome.message if outcome else None,
            result=result,
        )

    async def close_try(self, job: ClaimedJob, outcome: Outcome) -> None:
        """Write down how the job's try ended."""
        await self._connection.run(
            _CLOSE_TRY,
            job_id_=job.id,
            attempt_=job.attempts,
            outcome_=outcome.code,
            http_status_=outcome.http_status,
            error_=outcome.message,
        )

    async def lock(self, job_id: UUID) -> HeldJob | None:
        """Return a job, held until the transaction ends."""
        row = await self._connection.one(_LOCK, id=job_id)
        return HeldJob(**row) if row else None

    async def wake(self, job_id: UUID) -> None:
        """Let the next sweep send an open job on its way."""
        await self._connection.run(_WAKE, id_=job_id)

    async def give_up(self, job_id: UUID, *, code: str, message: str) -> None:
        """Fail an open job whose hold is settled, whoever works on it."""
        await self._connection.run(_GIVE_UP, id_=job_id, code=code, message=message)

    async def _write(self, job: ClaimedJob, **changes: object) -> None:
        statement = (
            update(ContentJob)
            .where(
                ContentJob.id == job.id,
                ContentJob.fence == job.fence,
                ContentJob.status.in_(_CLAIMED_STATES),
            )
            .values(**changes)
        )
        if not await self._connection.run(statement):
            raise LeaseLostError
