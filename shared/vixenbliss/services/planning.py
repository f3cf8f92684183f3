"""What would become of a piece at its targets: facts, times, and the rules' word."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from vixenbliss.callers import Member
from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.errors import (
    DuplicatePostError,
    NotApprovedError,
    PostRefusedError,
    QuotaExceededError,
)
from vixenbliss.models.posts import PostStatus
from vixenbliss.repositories.calendars import CalendarRepository, PostingPlan
from vixenbliss.repositories.post_facts import KnownTarget
from vixenbliss.schemas.posts import PostTarget, When
from vixenbliss.services import slots
from vixenbliss.services.post_facts import PostFacts, Told, candidates_of
from vixenbliss.services.publishing_rules import (
    Candidate,
    Finding,
    Level,
    findings,
    labelled,
)
from vixenbliss.services.recalling import PATIENCE

_SOON = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """A target, what is known of it, and what the rules look at."""

    target: PostTarget
    known: KnownTarget
    candidate: Candidate

    @property
    def findings(self) -> list[Finding]:
        """All that it does not keep."""
        return findings(self.candidate)

    @property
    def snapshot(self) -> dict[str, Any]:
        """What a post takes along of its piece, as it is approved now."""
        return {
            "caption": labelled(self.candidate),
            "content_hash": self.known.content_hash,
            "approved_by": self.known.approved_by,
            "is_ai": self.candidate.is_ai,
            "settings": self.target.settings.model_dump(mode="json"),
        }

    @property
    def meant(self) -> "Plan":
        """The same, where the same content is meant to appear once more."""
        return replace(self, candidate=replace(self.candidate, is_duplicate=False))

    def setting_out(self, when: When) -> dict[str, Any]:
        """Return how a post sets out: at once, or when it is due."""
        is_now = when == "now"
        return {
            "status": PostStatus.QUEUED if is_now else PostStatus.SCHEDULED,
            "due_at": self.candidate.scheduled_at,
            "check_at": now() + PATIENCE if is_now else None,
        }


class Planner:
    """Plans posts in the workspace of a member."""

    def __init__(self, connection: Connection, member: Member, told: Told) -> None:
        self._calendars = CalendarRepository(connection)
        self._facts = PostFacts(connection)
        self._member = member
        self._told = told

    async def look(
        self, piece_id: UUID, targets: Sequence[PostTarget], when: When
    ) -> list[Plan]:
        """Return a plan for each target; nobody is kept from planning, too.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
            SocialAccountNotFoundError: the workspace lacks one of the accounts.
        """
        calendars = await self._calendars.plans(self._member, _accounts(targets))
        return await self._plans(piece_id, targets, when, calendars=calendars)

    async def hold(
        self,
        piece_id: UUID,
        targets: Sequence[PostTarget],
        when: When,
        *,
        besides: UUID | None = None,
    ) -> list[Plan]:
        """Return the same, while nobody else plans for these accounts.

        What is known is read after they are held, so that of two who plan at once the
        second sees what the first has planned. Raises what ``look`` does.
        """
        calendars = await self._calendars.hold(
            self._member, piece_id, _accounts(targets)
        )
        return await self._plans(
            piece_id, targets, when, calendars=calendars, besides=besides
        )

    async def _plans(
        self,
        piece_id: UUID,
        targets: Sequence[PostTarget],
        when: When,
        *,
        calendars: Mapping[UUID, PostingPlan],
        besides: UUID | None = None,
    ) -> list[Plan]:
        known = await self._facts.known(
            self._member, piece_id, targets, besides=besides
        )
        wished = when if isinstance(when, datetime) else now()
        candidates = candidates_of(
            known, targets, scheduled_at=wished, facts=self._told
        )
        if when == "next_slot":
            candidates = _in_free_times(candidates, calendars)
        return [
            Plan(target, known[target.account_id], candidate)
            for target, candidate in zip(targets, _together(candidates), strict=True)
        ]


def refuse(plans: Sequence[Plan]) -> None:
    """Make sure that every target keeps every rule.

    Raises:
        NotApprovedError: nobody has approved the content.
        DuplicatePostError: an account has the same content, or will have.
        QuotaExceededError: a platform will not take another post then.
        PostRefusedError: another rule is not kept; the error lists them all.
    """
    errors = {
        finding: None
        for plan in plans
        for finding in plan.findings
        if finding.level is Level.ERROR
    }
    by_rule = {finding.rule: finding for finding in errors}
    if "approval" in by_rule:
        raise NotApprovedError(by_rule["approval"].message)
    if "duplicate" in by_rule:
        raise DuplicatePostError
    if "quota" in by_rule:
        found = by_rule["quota"]
        message = f"{found.message} {found.fix}"
        raise QuotaExceededError(message)
    if errors:
        raise PostRefusedError(
            [f"{found.rule}: {found.message} {found.fix}" for found in errors]
        )


def _accounts(targets: Sequence[PostTarget]) -> list[UUID]:
    return [target.account_id for target in targets]


def _in_free_times(
    candidates: Sequence[Candidate], calendars: Mapping[UUID, PostingPlan]
) -> list[Candidate]:
    """Return the candidates, each at its account's next free time, if it has one."""
    taken: dict[UUID, list[datetime]] = {}
    placed = []
    for candidate in candidates:
        ours = taken.setdefault(candidate.account_id, list(candidate.planned))
        instant = _next_free(candidate, calendars[candidate.account_id], ours)
        if instant is None:
            placed.append(replace(candidate, has_time=False))
            continue
        ours.append(instant)
        placed.append(replace(candidate, scheduled_at=instant))
    return placed


def _together(candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """Yield the candidates, each of which counts those before it on its account."""
    before: dict[UUID, list[datetime]] = {}
    for candidate in candidates:
        ours = before.setdefault(candidate.account_id, [])
        yield replace(candidate, planned=[*candidate.planned, *ours])
        # What appears now, too, is still to come: no platform has counted it.
        ours.append(max(candidate.scheduled_at, candidate.now + _SOON))


def _next_free(
    candidate: Candidate, plan: PostingPlan, planned: Sequence[datetime]
) -> datetime | None:
    times = slots.times_of(
        plan.posting_times, ZoneInfo(plan.timezone), since=candidate.now
    )
    quota = candidate.facts.quota if candidate.facts else None
    free = slots.free(times, planned=planned, quota=quota, now=candidate.now)
    return next(free, None)
