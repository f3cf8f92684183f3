"""How a claimed job, or a try, ends: row, try, budget, letters and trail together."""

import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from vixenbliss.database import Connection, transaction
from vixenbliss.errors import (
    LeaseLostError,
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
    TracelessCallError,
)
from vixenbliss.jobs.messages import Message, Queue
from vixenbliss.log import log
from vixenbliss.models.content_jobs import MAX_RETRIES, JobStatus
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.dead_letters import Burial, DeadLetterRepository
from vixenbliss.repositories.job_claims import ClaimedJob
from vixenbliss.repositories.job_progress import JobProgressRepository, Outcome
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.spending import Spending
from vixenbliss.settings import settings

MAX_DELAY_S = 900  # SQS, DelaySeconds
JITTER = 0.25


@asynccontextmanager
async def settlement_of(job: ClaimedJob) -> AsyncGenerator["Settlement"]:
    """Yield the job's settlement; write it whole, or nothing if the job is not ours."""
    try:
        async with transaction() as connection:
            yield Settlement(connection)
    except LeaseLostError:
        log.warning("lease lost", job_id=str(job.id))


class Settlement:
    """The end of a claimed job, or of its try, within one transaction.

    Every method raises ``LeaseLostError`` if the job is no longer ours.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.jobs = JobProgressRepository(connection)
        self.spending = Spending(connection)

    async def succeed(
        self,
        job: ClaimedJob,
        *,
        cost_micros: int = 0,
        result: dict[str, Any] | None = None,
    ) -> None:
        """End a job that brought what was wished for."""
        await self._end(
            job, JobStatus.SUCCEEDED, Outcome("SUCCEEDED"), cost_micros, result
        )

    async def block(
        self, job: ClaimedJob, reasons: Sequence[str], *, cost_micros: int = 0
    ) -> None:
        """End a job that the policy gate refuses; it is not tried again."""
        outcome = Outcome("POLICY_BLOCKED", ", ".join(reasons))
        await self._end(job, JobStatus.BLOCKED, outcome, cost_micros)

    async def fail_try(
        self,
        job: ClaimedJob,
        error: ProviderError,
        *,
        sent: bool = False,
        cost_micros: int = 0,
    ) -> None:
        """End a try; another follows later, unless it was the third, or refused.

        ``sent`` says that the provider may hold something of ours: the next try looks
        there before it sends, and counts what it finds. ``cost_micros`` is what the
        provider is owed for this try regardless.
        """
        sent = sent or isinstance(error, OutcomeUnknownError)
        is_refused = isinstance(error, ProviderRefusedError)
        if is_refused or job.attempts >= MAX_RETRIES:
            is_unseen = sent and not isinstance(error, TracelessCallError)
            cost = None if is_unseen and not cost_micros else cost_micros
            await self.fail(job, error, Queue.GENERATE, cost_micros=cost)
            return
        await self._pause(job, error, sent=sent)
        if not sent:
            await self.spending.spend(job.id, cost_micros)

    async def _pause(
        self, job: ClaimedJob, error: ProviderError, *, sent: bool
    ) -> None:
        outcome = _outcome(error)
        delays_s = settings().retry_delays_s
        delay = _delay(job.attempts, delays_s, error.retry_after_s)
        await self.jobs.pause(job, outcome, delay=delay, sent=sent)
        await self.jobs.close_try(job, outcome)
        again = f"try-{job.attempts + 1}"
        await Outbox(self.connection).send(
            Message(Queue.GENERATE, job.id, again, delay)
        )
        log.warning(
            "try failed", job_id=str(job.id), code=error.code, words=error.words
        )

    async def fail(
        self,
        job: ClaimedJob,
        error: ProviderError,
        queue: Queue,
        *,
        cost_micros: int | None = 0,
    ) -> None:
        """End a job for good: the hold goes back, the reason stays in a dead letter.

        ``cost_micros`` is None where nobody has seen what the provider did.
        """
        await DeadLetterRepository(self.connection).add(
            Burial(
                queue=queue,
                dedupe_key=f"{job.id}-{job.fence}",
                code=error.code,
                reason=": ".join(filter(None, (error.reason, error.words))),
                subject_id=job.id,
                workspace_id=job.workspace_id,
            )
        )
        await self._end(job, JobStatus.FAILED, _outcome(error), cost_micros)

    async def _end(
        self,
        job: ClaimedJob,
        status: JobStatus,
        outcome: Outcome,
        cost_micros: int | None,
        result: dict[str, Any] | None = None,
    ) -> None:
        if cost_micros is None:
            await self.spending.settle_unseen(job.id)
        else:
            await self.spending.settle(job.id, spent_micros=cost_micros)
        told = None if status is JobStatus.SUCCEEDED else outcome
        await self.jobs.end(job, status, outcome=told, result=result)
        await self.jobs.close_try(job, outcome)
        await AuditRepository(self.connection).add_by_system(
            job.workspace_id, f"content.{status}", ("job", job.id), code=outcome.code
        )
        log.info("job settled", job_id=str(job.id), status=status, code=outcome.code)


def _outcome(error: ProviderError) -> Outcome:
    return Outcome(error.code, error.reason[:2000], error.status)


def _delay(attempts: int, delays_s: Sequence[int], asked_s: int | None) -> timedelta:
    """Return the pause after so many tries: the longer of ours and the provider's wish.

    A quarter of it at random is added, so that what failed together does not come back
    together.
    """
    base = max(delays_s[min(attempts, len(delays_s)) - 1], asked_s or 0)
    jitter = secrets.randbelow(1000) / 1000 * JITTER
    return timedelta(seconds=min(base * (1 + jitter), MAX_DELAY_S))
