"""From a provider's outcome to an asset: copy it while it exists, mark, judge, settle.

The provider is always asked how the prediction stands, whoever sent the message: a
webhook rings the bell, it does not bring the letter. So it does not matter whether it
comes once, often, late, or never and the sweeper rings instead.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from vixenbliss.clock import now
from vixenbliss.database import reading, transaction
from vixenbliss.errors import (
    LeaseLostError,
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
)
from vixenbliss.jobs.messages import Message, Queue
from vixenbliss.log import log
from vixenbliss.loop import all_of
from vixenbliss.models.content_jobs import JobStatus
from vixenbliss.models.webhook_events import WebhookSource, WebhookStatus
from vixenbliss.providers.replicate import Prediction, Replicate
from vixenbliss.repositories.job_claims import (
    ClaimedJob,
    JobClaimRepository,
    Standing,
)
from vixenbliss.repositories.webhook_events import WebhookEventRepository
from vixenbliss.services.generation import (
    PATIENCE,
    image_request,
    poll,
    webhook_of,
)
from vixenbliss.services.ingestion import Ingestion
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.settling import settlement_of
from vixenbliss.services.spending import Spending
from vixenbliss.settings import Settings

OVERDUE = timedelta(minutes=30)
"""A prediction that runs for longer has been lost by its provider."""
MAX_FINISH_ATTEMPTS = 8
LAST_DELAY_S = 600
"""Between all tries after those that the settings name; some 50 minutes in all."""
SAME_MOMENT_WAIT_S = 2
_KEY_LIKE = re.compile(r"\b(?:r8_|sk-|org-)[\w-]+")
_TAKEN = (JobStatus.INGESTING, JobStatus.MODERATING)
_ENDED = (
    JobStatus.SUCCEEDED,
    JobStatus.BLOCKED,
    JobStatus.FAILED,
    JobStatus.CANCELLED,
)


class FinishingService:
    """Brings jobs home from Replicate."""

    def __init__(
        self, settings: Settings, *, replicate: Replicate, ingestion: Ingestion
    ) -> None:
        self._settings = settings
        self._replicate = replicate
        self._ingestion = ingestion

    async def finish(self, ids: Sequence[UUID]) -> dict[UUID, float]:
        """Finish the jobs; return those to come again, after so many seconds."""
        await self._adopt(ids)
        async with transaction() as connection:
            claims = JobClaimRepository(connection)
            lease = timedelta(seconds=self._settings.lease_s)
            jobs = await claims.claim_awaiting(ids, lease=lease)
        await all_of(*(self._finish(job) for job in jobs))
        left = set(ids) - {job.id for job in jobs}
        return await self._leave(left) if left else {}

    async def _adopt(self, ids: Sequence[UUID]) -> None:
        """Tie reports to jobs whose worker died before it could keep the call's id.

        A report names the job in its address, which nobody signed; that it is the job's
        shows when the prediction was asked for with the job's own input.
        """
        async with reading() as connection:
            adrift = await JobClaimRepository(connection).adrift(ids)
            reports = WebhookEventRepository(connection)
            reported = [
                (job, await reports.reported_for(WebhookSource.REPLICATE, job.id))
                for job in adrift
            ]
        for job, prediction_ids in reported:
            for prediction_id in prediction_ids:
                if await self._is_of(job, prediction_id):
                    await self._tie(job, prediction_id)
                    break

    async def _tie(self, job: ClaimedJob, prediction_id: str) -> None:
        """Adopt a prediction, unless another job of the same words was faster."""
        try:
            async with transaction() as connection:
                await JobClaimRepository(connection).adopt(
                    job, prediction_id, patience=PATIENCE
                )
        except OutcomeUnknownError as error:
            log.warning("report not taken up", job_id=str(job.id), code=error.code)

    async def _is_of(self, job: ClaimedJob, prediction_id: str) -> bool:
        try:
            prediction = await self._replicate.get(prediction_id)
        except ProviderError as error:
            log.warning("report not checked", job_id=str(job.id), code=error.code)
            return False
        return image_request(job).is_input_of(prediction)

    async def _leave(self, left: set[UUID]) -> dict[UUID, float]:
        """Return when to come again for jobs that were not to be had."""
        async with transaction() as connection:
            known = await JobClaimRepository(connection).standing(list(left))
            events = WebhookEventRepository(connection)
            for job_id, standing in known.items():
                if standing.status in _ENDED:
                    await events.close(job_id, WebhookStatus.IGNORED)
        for job_id, standing in known.items():
            await self._call_off(job_id, standing)
        return {
            job_id: max(standing.wait_s, 0) + SAME_MOMENT_WAIT_S
            for job_id, standing in known.items()
            if standing.status in _TAKEN
        }

    async def _call_off(self, job_id: UUID, standing: Standing) -> None:
        """Stop what nobody waits for any more; what was not made costs nothing."""
        has_ended = standing.status in (JobStatus.CANCELLED, JobStatus.FAILED)
        prediction_id = standing.provider_job_id
        if not (has_ended and standing.cost_is_estimated and prediction_id):
            return
        try:
            prediction = await self._replicate.cancel(prediction_id)
        except ProviderError as error:
            log.warning("prediction not cancelled", code=error.code)
            return
        if prediction.is_void:
            async with transaction() as connection:
                await Spending(connection).forgive(job_id)

    async def _finish(self, job: ClaimedJob) -> None:
        try:
            if job.status is JobStatus.MODERATING:
                await self._ingestion.judge(job)
            else:
                await self._collect(job)
        except LeaseLostError:
            log.warning("lease lost", job_id=str(job.id))
        except ProviderError as error:
            await self._later(job, error)

    async def _collect(self, job: ClaimedJob) -> None:
        """Take in what the prediction brought, or settle that it brought nothing.

        Raises:
            ProviderError: nobody could say, or hand over, or sign; to be tried again.
            LeaseLostError: the job is no longer ours.
        """
        prediction = await self._replicate.get(job.provider_job_id or "")
        if prediction.is_running:
            await self._wait_on(job, prediction)
        elif prediction.status == "succeeded":
            await self._ingestion.take_in(job, prediction)
        else:
            async with settlement_of(job) as settlement:
                await settlement.fail_try(job, _failure(prediction))

    async def _wait_on(self, job: ClaimedJob, prediction: Prediction) -> None:
        if now() - (job.submitted_at or job.created_at) > OVERDUE:
            await self._lose_patience(job, prediction)
            return
        async with settlement_of(job) as settlement:
            await settlement.jobs.give_back(job, patience=PATIENCE)
            if not webhook_of(job.id, self._settings):
                again = poll(job.id, f"{prediction.id}-{job.fence}")
                await Outbox(settlement.connection).send(again)

    async def _lose_patience(self, job: ClaimedJob, prediction: Prediction) -> None:
        """Stop a prediction that was lost, unless it has ended well this moment."""
        prediction = await self._replicate.cancel(prediction.id)
        if prediction.status == "succeeded":
            await self._ingestion.take_in(job, prediction)
            return
        error = ProviderError("Replicate", "the prediction did not end in time")
        async with settlement_of(job) as settlement:
            await settlement.fail_try(job, error)

    async def _later(self, job: ClaimedJob, error: ProviderError) -> None:
        """Leave a job for another time; after the last of them, for good.

        They last for as long as Replicate keeps an output. A picture that is ours by
        then is not lost: asking for the job again goes on from there.
        """
        log.warning(
            "job not finished", job_id=str(job.id), code=error.code, words=error.words
        )
        async with settlement_of(job) as settlement:
            if job.finish_attempts + 1 >= MAX_FINISH_ATTEMPTS:
                await settlement.fail(job, error, Queue.FINISH, cost_micros=None)
                return
            delays_s = (*self._settings.retry_delays_s, LAST_DELAY_S)
            wait_s = delays_s[min(job.finish_attempts, len(delays_s) - 1)]
            delay = timedelta(seconds=wait_s)
            await settlement.jobs.try_finishing_later(job, patience=delay + PATIENCE)
            again = f"again-{job.fence}"
            await Outbox(settlement.connection).send(
                Message(Queue.FINISH, job.id, again, delay)
            )


def _failure(prediction: Prediction) -> ProviderError:
    """Return why a prediction brought nothing; a refused prompt is refused for good."""
    told = prediction.error or f"the prediction was {prediction.status}"
    words = _KEY_LIKE.sub("(key)", told)
    if "nsfw" in words.lower():
        return ProviderRefusedError("Replicate", words[:300])
    return ProviderError("Replicate", words[:300])
