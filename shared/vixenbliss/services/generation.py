"""From a queued job to a provider at work: claim, judge the words, call, settle.

No transaction is open while anybody is called. Delivered twice, a job is claimed once;
a worker that dies leaves a lease that runs out, and the next one looks at the provider
before it sends anything again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from vixenbliss.database import reading, transaction
from vixenbliss.errors import (
    LeaseLostError,
    OutcomeUnknownError,
    PolicyUnavailableError,
    ProviderError,
    TracelessCallError,
)
from vixenbliss.jobs.messages import Message, Queue, finish
from vixenbliss.log import log
from vixenbliss.loop import all_of
from vixenbliss.models.content_jobs import JobKind, JobStatus
from vixenbliss.models.policy import SubjectType, Verdict
from vixenbliss.models.webhook_events import WebhookSource
from vixenbliss.providers.http import LOOPBACK
from vixenbliss.providers.replicate import ImageRequest, Prediction, Replicate
from vixenbliss.repositories.job_claims import (
    ClaimedJob,
    JobClaimRepository,
    Standing,
)
from vixenbliss.repositories.job_progress import JobProgressRepository
from vixenbliss.repositories.judgements import Judgement, JudgementRepository
from vixenbliss.repositories.webhook_events import WebhookEventRepository
from vixenbliss.services.caption_writing import CaptionWriter
from vixenbliss.services.gate import Gate
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.policies import policies_of, text_subject
from vixenbliss.services.settling import settlement_of
from vixenbliss.services.spending import Spending
from vixenbliss.settings import Settings

UNKNOWN_ROW_WAIT_S = 60
SAME_MOMENT_WAIT_S = 2
POLL_EVERY = timedelta(seconds=5)
"""How often a prediction is looked at that nobody can report."""
PATIENCE = timedelta(minutes=2)
"""How long a webhook may be late before the sweeper has the provider asked."""


class GenerationService:
    """Sends jobs to their providers, a batch at a time."""

    def __init__(
        self,
        settings: Settings,
        *,
        gate: Gate,
        replicate: Replicate,
        writer: CaptionWriter,
    ) -> None:
        self._settings = settings
        self._gate = gate
        self._replicate = replicate
        self._writer = writer

    async def generate(self, ids: Sequence[UUID]) -> dict[UUID, float]:
        """Send the jobs; return those to be delivered again, after so many seconds."""
        async with transaction() as connection:
            claims = JobClaimRepository(connection)
            lease = timedelta(seconds=self._settings.lease_s)
            jobs = await claims.claim_due(ids, lease=lease)
        cleared = await self._judge(jobs)
        images = [job for job in cleared if job.kind is JobKind.IMAGE]
        captions = [job for job in cleared if job.kind is JobKind.CAPTION]
        await all_of(self._writer.write(captions), *(self._send(job) for job in images))
        left = set(ids) - {job.id for job in jobs}
        return await self._waits(left) if left else {}

    async def _waits(self, left: set[UUID]) -> dict[UUID, float]:
        async with reading() as connection:
            known = await JobClaimRepository(connection).standing(list(left))
        waits = {job_id: _wait(known.get(job_id)) for job_id in left}
        return {job_id: wait for job_id, wait in waits.items() if wait is not None}

    async def _judge(self, jobs: Sequence[ClaimedJob]) -> list[ClaimedJob]:
        """Return the jobs whose words may be sent; the others are settled.

        A job that has been sent, perhaps, was judged before that.
        """
        sent = [job for job in jobs if job.submitted_at]
        unsent = [job for job in jobs if not job.submitted_at]
        workspaces = list({job.workspace_id for job in unsent})
        async with reading() as connection:
            policies = await policies_of(connection, workspaces)
        texts = [(policies[job.workspace_id], job.words) for job in unsent]
        judged = zip(unsent, await self._gate.judge_texts(texts), strict=True)
        return sent + [job for job, said in judged if await self._may_send(job, said)]

    async def _may_send(self, job: ClaimedJob, judgement: Judgement) -> bool:
        """Keep the verdict on a job's words; settle the job unless it may go on."""
        subject = text_subject(SubjectType.PROMPT, job.words, job.id)
        async with settlement_of(job) as settlement:
            judgements = JudgementRepository(settlement.connection)
            judgement = await judgements.strictest(job.workspace_id, subject, judgement)
            await judgements.add(job.workspace_id, subject, judgement)
            if judgement.verdict is Verdict.BLOCK:
                await settlement.block(job, judgement.reasons)
            elif judgement.verdict is Verdict.ERROR:
                await settlement.fail_try(
                    job, PolicyUnavailableError(judgement.reasons)
                )
        return judgement.verdict in (Verdict.ALLOW, Verdict.REVIEW)

    async def _send(self, job: ClaimedJob) -> None:
        try:
            prediction = await self._predict(job, image_request(job))
            await self._leave(job, prediction)
        except ProviderError as error:
            async with settlement_of(job) as settlement:
                await settlement.fail_try(job, error)
        except LeaseLostError:
            log.warning("lease lost", job_id=str(job.id))

    async def _predict(self, job: ClaimedJob, request: ImageRequest) -> Prediction:
        """Return the job's prediction: the one there is, or else a new one.

        Raises:
            LeaseLostError: the job is no longer ours.
            ProviderError: there is none, or nobody knows.
        """
        if job.submitted_at and (
            found := await self._find(job, request, sent_after=job.submitted_at)
        ):
            return found
        async with transaction() as connection:
            await JobProgressRepository(connection).intend(job)
        try:
            return await self._replicate.create(
                request, webhook=webhook_of(job.id, self._settings)
            )
        except OutcomeUnknownError as error:
            # The answer is lost; the list tells at once whether there was one.
            found = await self._find(job, request, sent_after=job.created_at)
            if found is None:
                raise TracelessCallError.after(error) from error
            return found

    async def _find(
        self, job: ClaimedJob, request: ImageRequest, *, sent_after: datetime
    ) -> Prediction | None:
        """Return the prediction that a lost call led to.

        Not one that another job has, even if it was asked for with the same words.

        Raises:
            OutcomeUnknownError: nobody knows whether there is one.
        """
        try:
            return await self._replicate.find(
                request, sent_after=sent_after, is_free=_is_free
            )
        except ProviderError as error:
            log.warning("prediction not found out", job_id=str(job.id), code=error.code)
            raise OutcomeUnknownError("Replicate", error.reason) from error

    async def _leave(self, job: ClaimedJob, prediction: Prediction) -> None:
        """Leave a job to Replicate. A report that was faster than we is taken up.

        Raises:
            OutcomeUnknownError: the prediction has become another job's meanwhile.
        """
        try:
            async with transaction() as connection:
                await JobProgressRepository(connection).await_provider(
                    job, prediction.id, patience=PATIENCE
                )
                reported = await WebhookEventRepository(connection).reported_for(
                    WebhookSource.REPLICATE, job.id
                )
                if prediction.id in reported or not prediction.is_running:
                    await Outbox(connection).send(finish(job.id, prediction.id))
                elif not webhook_of(job.id, self._settings):
                    await Outbox(connection).send(poll(job.id, prediction.id))
        except LeaseLostError:
            log.warning("lease lost", job_id=str(job.id))
            await self._call_off(job, prediction)

    async def _call_off(self, job: ClaimedJob, prediction: Prediction) -> None:
        """Stop a prediction whose job has ended meanwhile; it costs nothing then."""
        try:
            prediction = await self._replicate.cancel(prediction.id)
        except ProviderError as error:
            log.warning("prediction not cancelled", code=error.code)
            return
        if prediction.is_void:
            async with transaction() as connection:
                await Spending(connection).forgive(job.id)


def webhook_of(job_id: UUID, settings: Settings) -> str:
    """Return where Replicate is to report, or nothing where it cannot reach us.

    The job's id ties a stray report to its row. Replicate takes HTTPS addresses only;
    a stand-in on this machine takes any.
    """
    base = settings.public_api_base
    theirs = urlsplit(settings.replicate_api_base).hostname
    if not base or (not base.startswith("https://") and theirs not in LOOPBACK):
        return ""
    return f"{base}/webhooks/replicate?job={job_id}"


def poll(job_id: UUID, reason: str) -> Message:
    """Return the message that has a prediction looked at though nobody reports."""
    return Message(Queue.FINISH, job_id, f"poll-{reason}", POLL_EVERY)


def image_request(job: ClaimedJob) -> ImageRequest:
    """Return the request that a job stands for, the same at every try."""
    return ImageRequest(
        model=job.model,
        prompt=job.prompt,
        seed=job.seed,
        aspect_ratio=job.params.get("aspect_ratio", "1:1"),
        negative_prompt=job.negative_prompt,
    )


async def _is_free(prediction_id: str) -> bool:
    async with reading() as connection:
        return not await JobClaimRepository(connection).is_kept(prediction_id)


def _wait(standing: Standing | None) -> float | None:
    """Return when to come again for a job that was not to be had; None for never."""
    if standing is None:
        return UNKNOWN_ROW_WAIT_S
    if standing.status not in (
        JobStatus.QUEUED,
        JobStatus.RUNNING,
        JobStatus.RETRYING,
    ):
        return None
    return max(standing.wait_s, 0) + SAME_MOMENT_WAIT_S
