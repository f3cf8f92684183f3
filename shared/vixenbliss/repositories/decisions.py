"""Every query that people put to the policy gate's verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, false, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import InstrumentedAttribute

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    DecisionNotFoundError,
    ForbiddenError,
    InvalidStateError,
)
from vixenbliss.models.policy import (
    PolicyDecision,
    PolicyVersion,
    SubjectType,
    Verdict,
)
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import among, wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.policy import DecisionRead

PUBLISHABLE = (PolicyDecision.verdict == Verdict.ALLOW) | (
    PolicyDecision.overridden_by.is_not(None)
)
"""Whether a verdict lets its subject out."""
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
    PUBLISHABLE.label("publishable"),
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
LATEST_FIRST = (
    (PolicyDecision.verdict == Verdict.PENDING).desc(),
    PolicyDecision.decided_at.desc(),
)
"""What counts of several decisions on one subject: the open question, else the one that
was decided last, whenever it was asked for."""
_LATEST = (
    select(
        PolicyDecision.subject_type,
        PolicyDecision.subject_sha256,
        PolicyDecision.id,
        PolicyDecision.verdict,
        PolicyDecision.overridden_by,
    )
    .ext(distinct_on(PolicyDecision.subject_type, PolicyDecision.subject_sha256))
    .where(
        PolicyDecision.workspace_id == bindparam("workspace_id"),
        among(PolicyDecision.subject_sha256, "hashes"),
    )
    .order_by(
        PolicyDecision.subject_type,
        PolicyDecision.subject_sha256,
        *LATEST_FIRST,
    )
)


def is_let_out(
    workspace_id: InstrumentedAttribute[UUID],
    subject_type: SubjectType,
    sha256: InstrumentedAttribute[bytes] | InstrumentedAttribute[bytes | None],
) -> ColumnElement[bool]:
    """Return whether the newest verdict on a subject lets it out; no verdict does not.

    ``KnownVerdict.is_publishable`` for the subjects of another statement, whose table
    it is correlated to.
    """
    verdict = (
        select(PUBLISHABLE)
        .where(
            PolicyDecision.workspace_id == workspace_id,
            PolicyDecision.subject_type == subject_type,
            PolicyDecision.subject_sha256 == sha256,
        )
        .order_by(*LATEST_FIRST)
        .limit(1)
        .correlate(workspace_id.class_)
        .scalar_subquery()
    )
    return func.coalesce(verdict, false())


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
