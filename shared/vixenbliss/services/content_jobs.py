"""Content that is asked for, watched, and called off."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    InvalidStateError,
    SheetNotFoundError,
)
from vixenbliss.ids import new_id, new_seed
from vixenbliss.jobs.messages import finish, generate
from vixenbliss.models.avatars import AvatarStatus
from vixenbliss.models.content_jobs import JobKind, JobStatus, Provider
from vixenbliss.money import Cost
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.avatars import AvatarRepository
from vixenbliss.repositories.budgets import BudgetRepository
from vixenbliss.repositories.content_jobs import (
    ContentJobRepository,
    LockedJob,
    NewJob,
    Recipe,
)
from vixenbliss.repositories.dead_letters import DeadLetterRepository
from vixenbliss.repositories.sheets import SheetRepository, StoredSheet
from vixenbliss.schemas.avatars import Sheet
from vixenbliss.schemas.base import CostRead, Listing, PageQuery
from vixenbliss.schemas.content_jobs import (
    Estimate,
    Generate,
    GenerateImages,
    Generation,
    JobDetail,
    JobRead,
)
from vixenbliss.services.cancelling import cancel
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.pricing import PriceList
from vixenbliss.services.profiles import looks
from vixenbliss.services.stage import require_presentable
from vixenbliss.services.wishes import refuse_foreign_language, refuse_unfit, seed_of
from vixenbliss.settings import Settings

_RETRYABLE = (JobStatus.FAILED, JobStatus.CANCELLED)


class ContentJobService:
    """The content jobs of the workspace that the caller works in."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self._connection = connection
        self._settings = settings
        self._prices = PriceList(settings)
        self._jobs = ContentJobRepository(connection)
        self._budgets = BudgetRepository(connection)

    async def generate(self, caller: Caller, wanted: Generate) -> Generation:
        """Take jobs on: rows, the hold on the budget and the messages, or none of it.

        The words are read before anything is written; a model judges them before any
        money is spent (see ``services.generation``).

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
            InvalidStateError: the avatar is not active, or may not be shown now.
            PolicyBlockedError: the floor refuses the words.
            BudgetExceededError: the month does not bear the estimate.
            ValidationError: one seed was asked for several images, or a language that
                the avatar does not speak.
        """
        member = await access.member(self._connection, caller)
        refuse_unfit(wanted)
        current = await self._identity(member, wanted.avatar_id)
        refuse_foreign_language(wanted, current.sheet)
        each = self._prices.at_most(JobKind(wanted.kind))
        cost = each * wanted.count
        month = await self._budgets.hold(wanted.avatar_id, cost.amount_micros)
        first = NewJob(
            id=new_id(),
            workspace_id=member.workspace_id,
            avatar_id=wanted.avatar_id,
            sheet_version=current.version,
            requested_by=member.user_id,
            batch_id=new_id(),
            recipe=self._recipe(wanted, current.sheet),
            seed=seed_of(wanted),
            budget_month=month,
            cost_reserved_micros=each.amount_micros,
        )
        jobs = [first, *_more_of(first, wanted.count - 1)]
        await self._take_on(member, jobs)
        return _generation(jobs, cost)

    def _recipe(self, wanted: Generate, sheet: Sheet) -> Recipe:
        """Return what a provider is asked; an image's look comes after its scene."""
        params = wanted.params.model_dump(mode="json")
        if isinstance(wanted, GenerateImages):
            return Recipe(
                kind=JobKind.IMAGE,
                provider=Provider.REPLICATE,
                model=self._settings.image_model,
                prompt=f"{wanted.prompt}. {looks(sheet)}",
                negative_prompt=wanted.negative_prompt,
                params=params,
            )
        return Recipe(
            kind=JobKind.CAPTION,
            provider=Provider.OPENAI,
            model=self._settings.caption_model,
            prompt=wanted.prompt,
            negative_prompt="",
            params=params,
        )

    async def _take_on(self, member: Member, jobs: Sequence[NewJob]) -> None:
        await self._jobs.add(jobs)
        await Outbox(self._connection).send(*(generate(job.id) for job in jobs))
        await AuditRepository(self._connection).add(
            member,
            "content.requested",
            ("batch", jobs[0].batch_id),
            kind=jobs[0].recipe.kind,
            count=len(jobs),
        )

    async def _identity(self, member: Member, avatar_id: UUID) -> StoredSheet:
        await self._require_active(member, avatar_id)
        found = await SheetRepository(self._connection).current(avatar_id)
        if found is None:
            raise SheetNotFoundError
        return found

    async def _require_active(self, member: Member, avatar_id: UUID) -> None:
        """Make sure that an avatar is on stage, and still may be."""
        avatar = await AvatarRepository(self._connection).lock(member, avatar_id)
        if avatar.status is not AvatarStatus.ACTIVE:
            message = (
                f"Content is made for active avatars; this one is {avatar.status}."
            )
            raise InvalidStateError(message)
        await require_presentable(self._connection, member.workspace_id, avatar)

    async def estimate(self, caller: Caller, wanted: Generate) -> Estimate:
        """Return what a generation would cost at most; nothing is written.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
        """
        left = await self._budgets.left(caller, wanted.avatar_id)
        cost = self._prices.at_most(JobKind(wanted.kind)) * wanted.count
        return Estimate(
            estimate=_cost(cost),
            budget_left=None if left is None else _cost(Cost(left)),
        )

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[JobRead]:
        """Return the jobs that match, newest first."""
        return await self._jobs.list(caller, page, **filters)

    async def get(self, caller: Caller, job_id: UUID) -> JobDetail:
        """Return a job with its tries.

        Raises:
            JobNotFoundError: the workspace has none of that id.
        """
        return await self._jobs.detail(caller, job_id)

    async def cancel(self, caller: Caller, job_id: UUID) -> JobDetail:
        """Call a job off that has not ended.

        Raises:
            JobNotFoundError: the workspace has none of that id.
            InvalidStateError: it has ended.
        """
        member = await access.member(self._connection, caller)
        job = await self._jobs.lock(member, job_id)
        await cancel(self._connection, [job])
        await AuditRepository(self._connection).add(
            member, "content.cancelled", ("job", job_id)
        )
        return await self._jobs.detail(caller, job_id)

    async def retry(self, caller: Caller, job_id: UUID) -> Generation:
        """Ask again for what an ended job did not bring, as a job of its own.

        A job whose picture is ours and was never judged goes on itself, and costs
        nothing more.

        Raises:
            JobNotFoundError: the workspace has none of that id.
            InvalidStateError: the job is under way, succeeded, was refused, or was
                asked for again before, or its avatar is not active.
            BudgetExceededError: the month does not bear it.
        """
        member = await access.member(self._connection, caller)
        return await self.repeat(member, job_id)

    async def repeat(self, member: Member, job_id: UUID) -> Generation:
        """Ask again in a member's name; raises what ``retry`` does."""
        job = await self._jobs.lock(member, job_id)
        if job.status not in _RETRYABLE:
            message = f"A job that is {job.status} is not asked for again."
            raise InvalidStateError(message)
        await self._require_active(member, job.avatar_id)
        await DeadLetterRepository(self._connection).close_of(job.id)
        if job.picture_waits and job.status is JobStatus.FAILED:
            return await self._resume(member, job)
        return await self._ask_again(member, job)

    async def _resume(self, member: Member, job: LockedJob) -> Generation:
        """Have a picture judged that was bought and never judged."""
        fence = await self._jobs.resume(job.id)
        await Outbox(self._connection).send(finish(job.id, f"resumed-{fence}"))
        await AuditRepository(self._connection).add(
            member, "content.resumed", ("job", job.id)
        )
        return Generation(
            job_id=job.id,
            batch_id=job.batch_id,
            job_ids=[job.id],
            estimated_cost=_cost(Cost(0)),
        )

    async def _ask_again(self, member: Member, job: LockedJob) -> Generation:
        cost = self._prices.at_most(job.recipe.kind)
        month = await self._budgets.hold(job.avatar_id, cost.amount_micros)
        again = NewJob(
            id=new_id(),
            workspace_id=job.workspace_id,
            avatar_id=job.avatar_id,
            sheet_version=job.sheet_version,
            requested_by=member.user_id,
            batch_id=new_id(),
            retry_of=job.id,
            recipe=job.recipe,
            seed=new_seed(),
            budget_month=month,
            cost_reserved_micros=cost.amount_micros,
        )
        await self._take_on(member, [again])
        return _generation([again], cost)


def _more_of(job: NewJob, count: int) -> list[NewJob]:
    """Return jobs like another, each with a seed of its own."""
    return [replace(job, id=new_id(), seed=new_seed()) for _ in range(count)]


def _generation(jobs: Sequence[NewJob], cost: Cost) -> Generation:
    return Generation(
        job_id=jobs[0].id,
        batch_id=jobs[0].batch_id,
        job_ids=[job.id for job in jobs],
        estimated_cost=_cost(cost),
    )


def _cost(cost: Cost) -> CostRead:
    return CostRead(amount_micros=cost.amount_micros, currency=cost.currency)
