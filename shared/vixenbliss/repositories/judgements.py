"""Every statement by which the policy gate is asked, and says its verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import Text

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.policy import (
    PolicyDecision,
    SubjectType,
    Verdict,
)
from vixenbliss.repositories.terms import among, from_now

ADVISORY_LOCK = 4712
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
    decided_at=func.clock_timestamp(),
)
# What the gate has said of the same content under the same rules; whoever asks again
# takes turns, so that of many answers the strictest counts. Without a model (or the
# lexicon) nobody has looked: bytes that never came say nothing of those announced.
_TAKE_TURNS = select(
    func.pg_advisory_xact_lock(
        ADVISORY_LOCK, func.hashtext(func.encode(bindparam("sha256"), "hex"))
    )
)
_STRICTEST = (
    select(PolicyDecision.verdict, PolicyDecision.reasons)
    .where(
        PolicyDecision.workspace_id == bindparam("workspace_id"),
        PolicyDecision.subject_type == bindparam("subject_type"),
        PolicyDecision.subject_sha256 == bindparam("sha256"),
        PolicyDecision.policy_sha256 == bindparam("policy_sha256"),
        PolicyDecision.verdict.in_((Verdict.BLOCK, Verdict.REVIEW)),
        PolicyDecision.model.is_not(None),
    )
    .order_by(PolicyDecision.verdict != Verdict.BLOCK)
    .limit(1)
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
        decided_at=func.clock_timestamp(),
    )
)
_POSTPONE = (
    update(PolicyDecision)
    .where(
        PolicyDecision.id == bindparam("id_"),
        PolicyDecision.verdict == Verdict.PENDING,
        PolicyDecision.attempts == bindparam("seen"),
    )
    .values(attempts=PolicyDecision.attempts + 1, check_at=from_now("patience"))
    .returning(PolicyDecision.attempts, PolicyDecision.check_at)
)
_LOCK_VERDICT = (
    select(PolicyDecision.verdict)
    .where(PolicyDecision.id == bindparam("id"))
    .with_for_update()
)
_WAKE = (
    update(PolicyDecision)
    .where(
        PolicyDecision.id == bindparam("id_"),
        PolicyDecision.verdict == Verdict.PENDING,
    )
    .values(check_at=func.now())
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
    .returning(PolicyDecision.id, PolicyDecision.check_at)
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


class JudgementRepository:
    """Decisions on their way to a verdict; global, for the gate serves everybody."""

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

    async def strictest(
        self, workspace_id: UUID, subject: Subject, judgement: Judgement
    ) -> Judgement:
        """Return a judgement, or what was said more strictly of the same before.

        Asking again until a score falls below its limit changes nothing: only other
        content or other rules do. Whoever is to write the answer down is the only one
        to do so for this content until the transaction ends.
        """
        await self._connection.run(_TAKE_TURNS, sha256=subject.sha256)
        return await self.recall(workspace_id, subject, judgement)

    async def recall(
        self, workspace_id: UUID, subject: Subject, judgement: Judgement
    ) -> Judgement:
        """Return what ``strictest`` would return by now, for somebody who only asks."""
        if judgement.verdict not in (Verdict.ALLOW, Verdict.REVIEW):
            return judgement
        row = await self._connection.one(
            _STRICTEST,
            workspace_id=workspace_id,
            subject_type=subject.type,
            sha256=subject.sha256,
            policy_sha256=judgement.policy_sha256,
        )
        if row is None or row["verdict"] == judgement.verdict:
            return judgement
        verdict = Verdict(row["verdict"])
        return replace(judgement, verdict=verdict, reasons=tuple(row["reasons"]))

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

    async def postpone(
        self, decision: OpenDecision, *, patience: timedelta
    ) -> tuple[int, datetime] | None:
        """Count a try that the gate did not answer; return how many, and the next look.

        Of several workers that were given the same decision, one counts.
        """
        row = await self._connection.one(
            _POSTPONE, id_=decision.id, seen=decision.attempts, patience=patience
        )
        return (row["attempts"], row["check_at"]) if row else None

    async def lock_verdict(self, decision_id: UUID) -> Verdict | None:
        """Return a decision's verdict, held until the end; None where there is none."""
        row = await self._connection.one(_LOCK_VERDICT, id=decision_id)
        return row["verdict"] if row else None

    async def wake(self, decision_id: UUID) -> None:
        """Let the next sweep send a waiting decision on its way."""
        await self._connection.run(_WAKE, id_=decision_id)

    async def reopen(self, decision_id: UUID, *, patience: timedelta) -> bool:
        """Let the gate try again where it could not answer."""
        changed = await self._connection.run(
            _REOPEN, id_=decision_id, patience=patience
        )
        return changed == 1

    async def check_silent(
        self, *, limit: int, patience: timedelta
    ) -> list[tuple[UUID, datetime]]:
        """Return decisions that have waited for too long, and when to look again."""
        rows = await self._connection.all(_CHECK, limit=limit, patience=patience)
        return [(row["id"], row["check_at"]) for row in rows]


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
