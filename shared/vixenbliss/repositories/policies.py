"""Every query on the policy gate's rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.policy import (
    PolicyVersion,
)
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.terms import among

_ACTIVE_FOR_MEMBER = seen_by_member(
    select(
        PolicyVersion.id,
        PolicyVersion.version,
        PolicyVersion.rules,
        PolicyVersion.created_at,
    )
    .where(PolicyVersion.workspace_id == MEMBER.c.workspace_id, PolicyVersion.active)
    .correlate(MEMBER)
)
_ACTIVE = select(
    PolicyVersion.workspace_id,
    PolicyVersion.id,
    PolicyVersion.version,
    PolicyVersion.rules,
    PolicyVersion.created_at,
).where(among(PolicyVersion.workspace_id, "workspace_ids"), PolicyVersion.active)
_RETIRE = (
    update(PolicyVersion)
    .where(
        PolicyVersion.workspace_id == bindparam("workspace_id_"), PolicyVersion.active
    )
    .values(active=False)
)
_ADD_VERSION = (
    insert(PolicyVersion)
    .from_select(
        ["id", "workspace_id", "version", "rules", "sha256", "created_by"],
        select(
            bindparam("id", type_=PolicyVersion.id.type),
            bindparam("workspace_id", type_=PolicyVersion.workspace_id.type),
            func.coalesce(func.max(PolicyVersion.version), 0) + 1,
            bindparam("rules", type_=JSONB()),
            bindparam("sha256", type_=PolicyVersion.sha256.type),
            bindparam("created_by", type_=PolicyVersion.created_by.type),
        ).where(
            PolicyVersion.workspace_id
            == bindparam("workspace_id", type_=PolicyVersion.workspace_id.type)
        ),
    )
    .returning(
        PolicyVersion.id,
        PolicyVersion.version,
        PolicyVersion.rules,
        PolicyVersion.created_at,
    )
)


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A workspace's rules as they are kept."""

    id: UUID
    version: int
    rules: dict[str, Any]
    created_at: object


class PolicyRepository:
    """The workspaces' own rules."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def active_for(self, caller: Caller) -> StoredPolicy | None:
        """Return the caller's workspace's rules; None where the floor stands alone."""
        rows = await read(self._connection, caller, _ACTIVE_FOR_MEMBER)
        return _stored(rows[0]) if rows else None

    async def active(self, workspace_ids: Sequence[UUID]) -> dict[UUID, StoredPolicy]:
        """Return the rules of workspaces that have some of their own."""
        rows = await self._connection.all(_ACTIVE, workspace_ids=list(workspace_ids))
        return {row["workspace_id"]: _stored(row) for row in rows}

    async def add(
        self, member: Member, rules: dict[str, Any], sha256: bytes
    ) -> StoredPolicy:
        """Put new rules in force."""
        await self._connection.run(_RETIRE, workspace_id_=member.workspace_id)
        row = await self._connection.one(
            _ADD_VERSION,
            id=new_id(),
            workspace_id=member.workspace_id,
            rules=rules,
            sha256=sha256,
            created_by=member.user_id,
        )
        return _stored(row)


def _stored(row: Any) -> StoredPolicy:  # noqa: ANN401 - a row of whichever statement
    return StoredPolicy(row["id"], row["version"], row["rules"], row["created_at"])
