"""Captions, several in one request, and none paid for twice.

A response has no idempotency key, so it is asked for within a conversation whose id is
kept before: a worker that died between asking and keeping is followed by one that reads
there what was answered.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from vixenbliss.database import reading, transaction
from vixenbliss.errors import (
    OutcomeUnknownError,
    PolicyUnavailableError,
    ProviderError,
    ProviderRefusedError,
    TracelessCallError,
)
from vixenbliss.log import log
from vixenbliss.loop import all_of
from vixenbliss.models.policy import SubjectType, Verdict
from vixenbliss.providers.openai import OpenAI, Question
from vixenbliss.repositories.job_claims import ClaimedJob, JobClaimRepository
from vixenbliss.repositories.job_progress import JobProgressRepository
from vixenbliss.repositories.judgements import Judgement, JudgementRepository
from vixenbliss.repositories.sheets import SheetRepository
from vixenbliss.schemas.avatars import Sheet
from vixenbliss.services import captions
from vixenbliss.services.captions import WrittenCaption, key_of
from vixenbliss.services.gate import Gate
from vixenbliss.services.policies import policies_of, text_subject
from vixenbliss.services.pricing import MAX_OUTPUT_TOKENS, PriceList
from vixenbliss.services.settling import settlement_of
from vixenbliss.settings import Settings

INCOMPLETE = "the answer lacks this caption or is malformed"


@dataclass(slots=True)
class _Batch:
    """Jobs that are asked for together, and what has come of it."""

    jobs: list[ClaimedJob]
    sheet: Sheet
    conversation: str | None
    was_asked_before: bool
    """Whether an answer may lie in the conversation, or be on its way there."""
    written: dict[str, WrittenCaption] = field(default_factory=dict)
    costs: dict[UUID, int] = field(default_factory=dict)
    """What the answer cost, for the jobs that were asked for just now."""

    @property
    def done(self) -> list[ClaimedJob]:
        """The jobs whose captions are written."""
        return [job for job in self.jobs if key_of(job) in self.written]

    @property
    def absent(self) -> list[ClaimedJob]:
        """The jobs whose captions are not."""
        return [job for job in self.jobs if key_of(job) not in self.written]

    def cost_of(self, job: ClaimedJob) -> int:
        """Return what a job's caption cost; what nobody remembers cost the estimate."""
        return self.costs.get(job.id, job.cost_reserved_micros)


class CaptionWriter:
    """Has captions written, judges them, and settles their jobs."""

    def __init__(self, settings: Settings, *, gate: Gate, openai: OpenAI) -> None:
        self._settings = settings
        self._prices = PriceList(settings)
        self._gate = gate
        self._openai = openai

    async def write(self, jobs: Sequence[ClaimedJob]) -> None:
        """Write the captions of claimed jobs, those of one persona with one request.

        What is missing from an answer, or malformed in it, is tried again; alone, so
        that one theme that the model refuses spoils it for no other.
        """
        groups: dict[tuple[object, ...], list[ClaimedJob]] = defaultdict(list)
        for job in jobs:
            alone = job.id if job.attempts > 1 and not job.provider_job_id else None
            same = (job.avatar_id, job.sheet_version, job.model, job.provider_job_id)
            groups[*same, alone].append(job)
        await all_of(*(self._write(group) for group in groups.values()))

    async def _write(self, jobs: list[ClaimedJob]) -> None:
        async with reading() as connection:
            sheet = await SheetRepository(connection).at(
                jobs[0].avatar_id, jobs[0].sheet_version
            )
        known = jobs[0].provider_job_id
        batch = _Batch(jobs, sheet, known, was_asked_before=known is not None)
        error, sent = ProviderError("OpenAI", INCOMPLETE), False
        try:
            await self._recall(batch)
            await self._ask(batch)
        except ProviderError as caught:
            # What was just answered has been read: nothing is left to look for.
            error, sent = caught, batch.was_asked_before and not batch.costs
        await self._settle(batch)
        await self._fail(batch, error, sent=sent)
        if batch.conversation:
            await self._forget(batch.conversation)

    async def _recall(self, batch: _Batch) -> None:
        """Read what was answered to a worker that did not live to keep it."""
        if batch.conversation is None:
            return
        answers = await self._openai.read_answers(batch.conversation)
        if answers is None:
            batch.conversation = None
        for answer in reversed(answers or []):
            batch.written |= captions.read(answer)

    async def _ask(self, batch: _Batch) -> None:
        if not batch.absent:
            return
        if batch.conversation is None:
            batch.conversation = await self._openai.open_conversation("captions")
        missing = await self._intend(batch)
        if not missing:
            return
        question = Question(
            model=missing[0].model,
            instructions=captions.INSTRUCTIONS,
            message=captions.message_for(batch.sheet, missing),
            schema=captions.SCHEMA,
            max_output_tokens=MAX_OUTPUT_TOKENS * len(missing),
        )
        try:
            answer = await self._openai.ask(question, conversation=batch.conversation)
        except OutcomeUnknownError as error:
            raise await self._look(batch, error) from error
        cost = self._prices.caption(answer.input_tokens, answer.output_tokens)
        share = -(-cost.amount_micros // len(missing))
        batch.costs = {job.id: share for job in missing}
        if answer.is_refusal:
            kind = ProviderRefusedError if len(missing) == 1 else ProviderError
            raise kind("OpenAI", "the model refused")
        batch.written |= captions.read(answer.text)

    async def _intend(self, batch: _Batch) -> list[ClaimedJob]:
        """Write down what is about to be asked; return the jobs to ask for.

        Those that were called off meanwhile leave the batch.
        """
        async with transaction() as connection:
            ours = await JobProgressRepository(connection).intend_together(
                batch.absent, handle=batch.conversation
            )
        gone = [job.id for job in batch.absent if job.id not in ours]
        batch.jobs = [job for job in batch.jobs if job.id not in gone]
        return batch.absent

    async def _look(
        self, batch: _Batch, error: OutcomeUnknownError
    ) -> OutcomeUnknownError:
        """Read what a call has led to whose answer is lost; return what it is now."""
        if batch.conversation is None:
            return error
        try:
            await self._recall(batch)
        except ProviderError:
            return error
        return TracelessCallError.after(error)

    async def _settle(self, batch: _Batch) -> None:
        """Judge what was written, and end its jobs."""
        judged = await self._judge(batch.done, batch.written)
        for job, judgement in zip(batch.done, judged, strict=True):
            await self._end(job, batch, judgement)

    async def _judge(
        self, jobs: Sequence[ClaimedJob], written: Mapping[str, WrittenCaption]
    ) -> list[Judgement]:
        workspaces: list[UUID] = list({job.workspace_id for job in jobs})
        async with reading() as connection:
            policies = await policies_of(connection, workspaces)
        return await self._gate.judge_texts(
            [(policies[job.workspace_id], written[key_of(job)].text) for job in jobs]
        )

    async def _end(self, job: ClaimedJob, batch: _Batch, judgement: Judgement) -> None:
        caption, cost = batch.written[key_of(job)], batch.cost_of(job)
        async with settlement_of(job) as settlement:
            judgements = JudgementRepository(settlement.connection)
            subject = text_subject(SubjectType.CAPTION, caption.text, job.id)
            judgement = await judgements.strictest(job.workspace_id, subject, judgement)
            await judgements.add(job.workspace_id, subject, judgement)
            if judgement.verdict is Verdict.ERROR:
                error = PolicyUnavailableError(judgement.reasons)
                await settlement.fail_try(job, error, sent=True, cost_micros=cost)
            elif judgement.verdict is Verdict.BLOCK:
                await settlement.block(job, judgement.reasons, cost_micros=cost)
            else:
                await settlement.succeed(
                    job, cost_micros=cost, result=caption.as_result()
                )

    async def _fail(self, batch: _Batch, error: ProviderError, *, sent: bool) -> None:
        """End the try of jobs whose captions are not there; what it cost, it cost."""
        for job in batch.absent:
            cost = batch.costs.get(job.id, 0)
            async with settlement_of(job) as settlement:
                await settlement.fail_try(job, error, sent=sent, cost_micros=cost)

    async def _forget(self, conversation: str) -> None:
        """Delete a conversation, unless a job that is still open is to read it.

        Jobs that were asked for together come back one by one after a lost answer.
        """
        async with reading() as connection:
            if await JobClaimRepository(connection).is_awaited(conversation):
                return
        try:
            await self._openai.close_conversation(conversation)
        except ProviderError as error:
            log.warning("conversation not deleted", code=error.code)
