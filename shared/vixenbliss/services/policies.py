"""A workspace's own rules over the platform's floor, and its verdicts."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import InvalidStateError, PolicyBlockedError
from vixenbliss.jobs.messages import moderate
from vixenbliss.models.assets import AssetOrigin, AssetStatus
from vixenbliss.models.policy import SubjectType
from vixenbliss.repositories import access
from vixenbliss.repositories.assets import AssetRepository
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.decisions import DecisionRepository
from vixenbliss.repositories.judgements import JudgementRepository, Subject
from vixenbliss.repositories.policies import PolicyRepository, StoredPolicy
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.policy import (
    DecisionRead,
    Override,
    PolicyCheck,
    PolicyRead,
    PolicyRules,
)
from vixenbliss.services import floor, rules
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.rules import FLOOR, Policy

PATIENCE = timedelta(minutes=5)
"""How long a decision may be silent before the sweeper asks again."""


def text_subject(
    subject_type: SubjectType, text: str, subject_id: UUID | None = None
) -> Subject:
    """Return a text as something to be judged, named by its hash."""
    sha256 = hashlib.sha256(text.encode()).digest()
    return Subject(type=subject_type, sha256=sha256, id=subject_id, text=text)


def in_force(stored: StoredPolicy | None) -> Policy:
    """Return the policy that a workspace's stored rules make with the floor."""
    if stored is None:
        return Policy()
    return Policy(
        rules=PolicyRules.model_validate(stored.rules),
        version_id=stored.id,
        version=stored.version,
    )


def refuse_blocked(*texts: str | None) -> None:
    """Make sure that the floor has nothing against the words.

    Raises:
        PolicyBlockedError: it has.
    """
    reasons = floor.blocked("\n".join(filter(None, texts)))
    if reasons:
        raise PolicyBlockedError(reasons)


async def policies_of(
    connection: Connection, workspace_ids: Sequence[UUID]
) -> dict[UUID, Policy]:
    """Return the policy in force for each of the workspaces."""
    if not workspace_ids:
        return {}
    stored = await PolicyRepository(connection).active(workspace_ids)
    return {ws: in_force(stored.get(ws)) for ws in workspace_ids}


class PolicyService:
    """What a team may know and decide about the gate."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._policies = PolicyRepository(connection)
        self._decisions = DecisionRepository(connection)

    async def active(self, caller: Caller) -> PolicyRead:
        """Return the rules in force."""
        return _read(await self._policies.active_for(caller))

    async def replace(self, caller: Caller, wanted: PolicyRules) -> PolicyRead:
        """Put new rules in force; they bind what is judged from now on.

        Raises:
            ValidationError: the rules would loosen the floor.
        """
        rules.refuse_looser(wanted)
        member = await access.member(self._connection, caller)
        stored = await self._policies.add(
            member, wanted.model_dump(mode="json"), Policy(rules=wanted).sha256
        )
        await AuditRepository(self._connection).add(
            member, "policy.replaced", ("policy", stored.id), version=stored.version
        )
        return _read(stored)

    async def check(self, caller: Caller, wanted: PolicyCheck) -> UUID:
        """Ask for a verdict on a text or an asset; return the decision's id.

        Raises:
            AssetNotFoundError: the workspace has no such asset.
            InvalidStateError: the asset cannot be judged (again).
        """
        member = await access.member(self._connection, caller)
        if wanted.asset_id:
            subject = await self._asset(member, wanted.asset_id)
        else:
            subject = text_subject(SubjectType.TEXT, wanted.text or "")
        return await ask(self._connection, member.workspace_id, subject)

    async def _asset(self, member: Member, asset_id: UUID) -> Subject:
        asset = await AssetRepository(self._connection).lock(member, asset_id)
        if asset.status not in (AssetStatus.PENDING, AssetStatus.READY):
            message = f"An asset that is {asset.status} is not judged again."
            raise InvalidStateError(message)
        if (
            asset.status is AssetStatus.PENDING
            and asset.origin is AssetOrigin.GENERATED
        ):
            message = "The job that made this asset has it judged."
            raise InvalidStateError(message)
        return Subject(type=SubjectType.IMAGE, sha256=asset.sha256, id=asset.id)

    async def decisions(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[DecisionRead]:
        """Return the decisions that match, newest first."""
        return await self._decisions.list(caller, page, **filters)

    async def decision(self, caller: Caller, decision_id: UUID) -> DecisionRead:
        """Return a decision with all that it rests on."""
        return await self._decisions.get(caller, decision_id)

    async def override(
        self, caller: Caller, decision_id: UUID, wanted: Override
    ) -> DecisionRead:
        """Set a verdict of review aside, with a reason, on the record.

        Raises:
            DecisionNotFoundError: the workspace has none of that id.
            ForbiddenError: the verdict is block.
            InvalidStateError: there is nothing to set aside.
        """
        member = await access.member(self._connection, caller)
        await self._decisions.override(member, decision_id, reason=wanted.reason)
        await AuditRepository(self._connection).add(
            member, "decision.overridden", ("decision", decision_id)
        )
        return await self._decisions.get(caller, decision_id)


async def ask(connection: Connection, workspace_id: UUID, subject: Subject) -> UUID:
    """Put a subject before the gate, which judges it from the queue; return the id."""
    decision_id = await JudgementRepository(connection).ask(
        workspace_id, subject, patience=PATIENCE
    )
    await Outbox(connection).send(moderate(decision_id))
    return decision_id


def _read(stored: StoredPolicy | None) -> PolicyRead:
    policy = in_force(stored)
    return PolicyRead(
        version=policy.version,
        rules=policy.rules,
        floor=dict(FLOOR),
        sha256=policy.sha256.hex(),
        created_at=stored.created_at if stored else None,
    )
