"""Every query on the policy gate's verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import Text

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    DecisionNotFoundError,
    ForbiddenError,
    InvalidStateError,
)
from vixenbliss.ids import new_id
from vixenbliss.models.policy import (
    PolicyDecision,
    PolicyVersion,
    SubjectType,
    Verdict,
)
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import among, from_now, wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.policy import DecisionRead

_DECISION = (
    PolicyDecision.id,
    PolicyDecision.subject_type,
    PolicyDecision.subject_id,
    PolicyDecision.subject_sha256,
    PolicyDecision.verdict,
    PolicyDecision.reasons,
    PolicyDecision.scores,
    PolicyDecision.model,
    func.coalesce(
        select(PolicyVersion.version)
        .where(PolicyVersion.id == PolicyDecision.policy_version_id)
        .scalar_subquery(),
        0,
    ).label("policy_version"),
    PolicyDecision.policy_sha256,
    PolicyDecision.created_at,
    PolicyDecision.decided_at,
    PolicyDecision.overridden_by,
    PolicyDecision.override_reason,
    (
        (PolicyDecision.verdict == Verdict.ALLOW)
        | PolicyDecision.overridden_by.is_not(None)
    ).label("publishable"),
)
_mine = PolicyDecision.workspace_id == MEMBER.c.workspace_id
_LIST = page_seen_by_member(
    _DECISION,
    _mine,
    wish(PolicyDecision.subject_id, "subject"),
    wish(PolicyDecision.verdict, "verdict"),
    order_by=(PolicyDecision.created_at.desc(), PolicyDecision.id.desc()),
)
_GET = seen_by_member(
    select(*_DECISION)
    .where(_mine, PolicyDecision.id == bindparam("id"))
    .correlate(MEMBER)
)
_ASK = insert(PolicyDecision).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    subject_type=bindparam("subject_type"),
    subject_id=bindparam("subject_id"),
    subject_sha256=bindparam("subject_sha256"),
    subject_text=bindparam("subject_text"),
    check_at=from_now("patience"),
)
_JUDGED = insert(PolicyDecision).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    subject_type=bindparam("subject_type"),
    subject_id=bindparam("subject_id"),
    subject_sha256=bindparam("subject_sha256"),
    subject_text=bindparam("subject_text"),
    verdict=bindparam("verdict"),
    scores=bindparam("scores", type_=JSONB()),
    reasons=bindparam("reasons", type_=ARRAY(Text())),
    model=bindparam("model"),
    policy_version_id=bindparam("policy_version_id"),
    policy_sha256=bindparam("policy_sha256"),
    attempts=1,
    check_at=func.now(),
    decided_at=func.now(),
)
_UNDECIDED = (
    select(
        PolicyDecision.id,
        PolicyDecision.workspace_id,
        PolicyDecision.subject_type,
        PolicyDecision.subject_id,
        PolicyDecision.subject_sha256,
        PolicyDecision.subject_text,
        PolicyDecision.attempts,
    )
    .where(among(PolicyDecision.id, "ids"), PolicyDecision.verdict == Verdict.PENDING)
    .order_by(PolicyDecision.id)
)
_DECIDE = (
    update(PolicyDecision)
    .where(
        PolicyDecision.id == bindparam("id_"),
        PolicyDecision.verdict == Verdict.PENDING,
    )
    .values(
        verdict=bindparam("verdict_"),
        scores=bindparam("scores_", type_=JSONB()),
        reasons=bindparam("reasons_", type_=ARRAY(Text())),
        model=bindparam("model_"),
        policy_version_id=bindparam("policy_version_id_"),
        policy_sha256=bindparam("policy_sha256_"),
        attempts=PolicyDecision.attempts + 1,
        decided_at=func.now(),
    )
)
_POSTPONE = (
    update(PolicyDecision)
    .where(
        PolicyDecision.id == bindparam("id_"),
        PolicyDecision.verdict == Verdict.PENDING,
    )
    .values(attempts=PolicyDecision.attempts + 1, check_at=from_now("patience"))
    .returning(PolicyDecision.attempts)
)
_REOPEN = (
    update(PolicyDecision)
    .where(
        PolicyDecision.id == bindparam("id_"), PolicyDecision.verdict == Verdict.ERROR
    )
    .values(
        verdict=Verdict.PENDING,
        attempts=0,
        decided_at=None,
        reasons=[],
        check_at=from_now("patience"),
    )
)
_CHECK = (
    update(PolicyDecision)
    .where(
        PolicyDecision.id.in_(
            select(PolicyDecision.id)
            .where(
                PolicyDecision.verdict == Verdict.PENDING,
                PolicyDecision.check_at <= func.now(),
            )
            .order_by(PolicyDecision.check_at)
            .limit(bindparam("limit"))
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
    )
    .values(check_at=from_now("patience"))
    .returning(PolicyDecision.id, PolicyDecision.attempts)
)
_LOCK = (
    select(PolicyDecision.id, PolicyDecision.verdict, PolicyDecision.overridden_by)
    .where(
        PolicyDecision.id == bindparam("id"),
        PolicyDecision.workspace_id == bindparam("workspace_id"),
    )
    .with_for_update()
)
_OVERRIDE = (
    update(PolicyDecision)
    .where(PolicyDecision.id == bindparam("id_"))
    .values(
        overridden_by=bindparam("user_id"),
        override_reason=bindparam("reason"),
        overridden_at=func.now(),
    )
)
_LATEST = (
    select(
        PolicyDecision.subject_type,
        PolicyDecision.subject_sha256,
        PolicyDecision.id,
        PolicyDecision.verdict,
        PolicyDecision.overridden_by,
    )
    .distinct(PolicyDecision.subject_type, PolicyDecision.subject_sha256)
    .where(
        PolicyDecision.workspace_id == bindparam("workspace_id"),
        among(PolicyDecision.subject_sha256, "hashes"),
    )
    .order_by(
        PolicyDecision.subject_type,
        PolicyDecision.subject_sha256,
        PolicyDecision.created_at.desc(),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is to be judged, named by its hash."""

    type: SubjectType
    sha256: bytes
    id: UUID | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDecision:
    """A decision that waits for the gate."""

    id: UUID
    workspace_id: UUID
    subject: Subject
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the gate said, and what it rests on."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    scores: dict[str, float]
    model: str | None = None
    policy_version_id: UUID | None = None
    policy_sha256: bytes | None = None


@dataclass(frozen=True, slots=True)
class KnownVerdict:
    """The latest verdict on a subject."""

    decision_id: UUID
    verdict: Verdict
    is_overridden: bool

    @property
    def is_publishable(self) -> bool:
        """Whether the subject may go out: allowed, or reviewed by a person."""
        return self.verdict is Verdict.ALLOW or self.is_overridden


class DecisionRepository:
    """The gate's verdicts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def ask(
        self, workspace_id: UUID, subject: Subject, *, patience: timedelta
    ) -> UUID:
        """Write a decision that waits for the gate; return its id."""
        decision_id = new_id()
        await self._connection.run(
            _ASK,
            id=decision_id,
            workspace_id=workspace_id,
            subject_type=subject.type,
            subject_id=subject.id,
            subject_sha256=subject.sha256,
            subject_text=subject.text,
            patience=patience,
        )
        return decision_id

    async def add(
        self, workspace_id: UUID, subject: Subject, judgement: Judgement
    ) -> UUID:
        """Write a decision that has been made; return its id."""
        decision_id = new_id()
        await self._connection.run(
            _JUDGED,
            id=decision_id,
            workspace_id=workspace_id,
            subject_type=subject.type,
            subject_id=subject.id,
            subject_sha256=subject.sha256,
            subject_text=subject.text,
            verdict=judgement.verdict,
            scores=judgement.scores,
            reasons=list(judgement.reasons),
            model=judgement.model,
            policy_version_id=judgement.policy_version_id,
            policy_sha256=judgement.policy_sha256,
        )
        return decision_id

    async def undecided(self, ids: Sequence[UUID]) -> list[OpenDecision]:
        """Return those of the decisions that still wait."""
        rows = await self._connection.all(_UNDECIDED, ids=list(ids))
        return [_open(row) for row in rows]

    async def decide(self, decision_id: UUID, judgement: Judgement) -> bool:
        """Give a waiting decision its verdict; False if it has one by now."""
        changed = await self._connection.run(
            _DECIDE,
            id_=decision_id,
            verdict_=judgement.verdict,
            scores_=judgement.scores,
            reasons_=list(judgement.reasons),
            model_=judgement.model,
            policy_version_id_=judgement.policy_version_id,
            policy_sha256_=judgement.policy_sha256,
        )
        return changed == 1

    async def postpone(self, decision_id: UUID, *, patience: timedelta) -> int | None:
        """Count a try that the gate did not answer; return how many there were."""
        row = await self._connection.one(_POSTPONE, id_=decision_id, patience=patience)
        return row["attempts"] if row else None

    async def reopen(self, decision_id: UUID, *, patience: timedelta) -> bool:
        """Let the gate try again where it could not answer."""
        changed = await self._connection.run(
            _REOPEN, id_=decision_id, patience=patience
        )
        return changed == 1

    async def check_silent(
        self, *, limit: int, patience: timedelta
    ) -> list[tuple[UUID, int]]:
        """Return decisions that have waited for too long, and their tries so far."""
        rows = await self._connection.all(_CHECK, limit=limit, patience=patience)
        return [(row["id"], row["attempts"]) for row in rows]

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[DecisionRead]:
        """Return the decisions that match, newest first."""
        return await read_page(
            self._connection, caller, _LIST, page, DecisionRead, **filters
        )

    async def get(self, caller: Caller, decision_id: UUID) -> DecisionRead:
        """Return a decision with all that it rests on.

        Raises:
            DecisionNotFoundError: the workspace has none of that id.
        """
        rows = await read(self._connection, caller, _GET, id=decision_id)
        if not rows:
            raise DecisionNotFoundError
        return DecisionRead.model_validate(dict(rows[0]))

    async def override(self, member: Member, decision_id: UUID, *, reason: str) -> None:
        """Set a verdict of review aside, on the record.

        Raises:
            DecisionNotFoundError: the workspace has none of that id.
            ForbiddenError: the verdict is block, which nobody sets aside.
            InvalidStateError: there is nothing to set aside.
        """
        row = await self._connection.one(
            _LOCK, id=decision_id, workspace_id=member.workspace_id
        )
        if row is None:
            raise DecisionNotFoundError
        if row["verdict"] == Verdict.BLOCK:
            message = "A blocked subject stays blocked; change it instead."
            raise ForbiddenError(message)
        if row["verdict"] != Verdict.REVIEW or row["overridden_by"] is not None:
            message = "Only a verdict of review can be overridden, and only once."
            raise InvalidStateError(message)
        await self._connection.run(
            _OVERRIDE, id_=decision_id, user_id=member.user_id, reason=reason
        )

    async def latest(
        self, workspace_id: UUID, hashes: Sequence[bytes]
    ) -> dict[tuple[SubjectType, bytes], KnownVerdict]:
        """Return the newest verdict on each of the subjects that have one."""
        rows = await self._connection.all(
            _LATEST, workspace_id=workspace_id, hashes=list(hashes)
        )
        return {
            (SubjectType(row["subject_type"]), row["subject_sha256"]): KnownVerdict(
                row["id"], Verdict(row["verdict"]), row["overridden_by"] is not None
            )
            for row in rows
        }


def _open(row: Any) -> OpenDecision:  # noqa: ANN401 - a row of whichever statement
    subject = Subject(
        type=SubjectType(row["subject_type"]),
        sha256=row["subject_sha256"],
        id=row["subject_id"],
        text=row["subject_text"],
    )
    return OpenDecision(
        id=row["id"],
        workspace_id=row["workspace_id"],
        subject=subject,
        attempts=row["attempts"],
    )
