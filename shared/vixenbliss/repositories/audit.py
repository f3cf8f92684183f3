"""Every query on the audit trail."""

from uuid import UUID

from sqlalchemy import BigInteger, bindparam, func, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.models.audit import ActorKind, AuditEntry
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.operations import AuditRead, AuditVerified

_ADD = insert(AuditEntry).values(
    workspace_id=bindparam("workspace_id"),
    actor_kind=bindparam("actor_kind"),
    actor_user_id=bindparam("actor_user_id"),
    actor_api_key_id=bindparam("actor_api_key_id"),
    action=bindparam("action"),
    target_type=bindparam("target_type"),
    target_id=bindparam("target_id"),
    detail=bindparam("detail", type_=JSONB),
)

_LIST = page_seen_by_member(
    (
        AuditEntry.position,
        AuditEntry.actor_kind,
        AuditEntry.actor_user_id,
        AuditEntry.actor_api_key_id,
        AuditEntry.action,
        AuditEntry.target_type,
        AuditEntry.target_id,
        AuditEntry.detail,
        AuditEntry.row_hash,
        AuditEntry.created_at,
    ),
    AuditEntry.workspace_id == MEMBER.c.workspace_id,
    wish(AuditEntry.actor_user_id, "actor"),
    wish(AuditEntry.action, "action"),
    wish(AuditEntry.target_id, "target"),
    order_by=(AuditEntry.position.desc(),),
)

# A row is whole if its hash is that of its content, it carries the hash of the row
# before it, and no position is missing.
_chain = (
    select(
        AuditEntry.position,
        (
            (AuditEntry.row_hash == text("audit_row_hash(audit_log)"))
            & (
                AuditEntry.prev_hash
                == func.coalesce(
                    func.lag(AuditEntry.row_hash).over(order_by=AuditEntry.position),
                    func.decode(func.repeat("00", 32), "hex"),
                )
            )
            & (
                AuditEntry.position
                == func.row_number().over(order_by=AuditEntry.position)
            )
        ).label("whole"),
    )
    .where(AuditEntry.workspace_id == MEMBER.c.workspace_id)
    .correlate(MEMBER)
    .subquery("chain")
)
_VERIFY = seen_by_member(
    select(
        func.count().label("rows"),
        func.min(_chain.c.position).filter(~_chain.c.whole).label("first_broken"),
    )
    .select_from(_chain)
    .where(
        _chain.c.position >= bindparam("first", type_=BigInteger()),
        _chain.c.position
        <= func.coalesce(bindparam("last", type_=BigInteger()), _chain.c.position),
    )
)


class AuditRepository:
    """The audit trail of a workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(
        self,
        member: Member,
        action: str,
        target: tuple[str, UUID | int],
        **detail: object,
    ) -> None:
        """Record a member's deed.

        The last statement of a transaction: it makes writers of a workspace take turns.
        """
        who = (ActorKind.USER, member.user_id, member.api_key_id)
        await self._add(member.workspace_id, who, action, target, detail)

    async def add_by_system(
        self,
        workspace_id: UUID,
        action: str,
        target: tuple[str, UUID | int],
        **detail: object,
    ) -> None:
        """Record what the product did of itself, last in its transaction."""
        who = (ActorKind.SYSTEM, None, None)
        await self._add(workspace_id, who, action, target, detail)

    async def _add(
        self,
        workspace_id: UUID,
        who: tuple[ActorKind, int | None, UUID | None],
        action: str,
        target: tuple[str, UUID | int],
        detail: dict[str, object],
    ) -> None:
        await self._connection.run(
            _ADD,
            workspace_id=workspace_id,
            actor_kind=who[0],
            actor_user_id=who[1],
            actor_api_key_id=who[2],
            action=action,
            target_type=target[0],
            target_id=str(target[1]),
            detail=detail,
        )

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[AuditRead]:
        """Return the deeds that match, newest first."""
        return await read_page(
            self._connection, caller, _LIST, page, AuditRead, **filters
        )

    async def verify(
        self, caller: Caller, first: int, last: int | None
    ) -> AuditVerified:
        """Walk the chain between two positions and say where it is first broken."""
        (row,) = await read(self._connection, caller, _VERIFY, first=first, last=last)
        broken = row["first_broken"]
        return AuditVerified(
            intact=broken is None, first_broken=broken, rows=row["rows"]
        )
