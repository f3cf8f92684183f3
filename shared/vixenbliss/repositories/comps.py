"""Every query on comps: grants that a workspace's owner makes a present of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.callers import Member
from vixenbliss.database import Connection
from vixenbliss.errors import ConflictError, GrantNotFoundError
from vixenbliss.ids import new_id
from vixenbliss.models.catalogue import Benefit
from vixenbliss.models.customers import Customer
from vixenbliss.models.grants import Grant, GrantSource
from vixenbliss.repositories.entitlements import GRANT, is_live
from vixenbliss.schemas.entitlements import GrantRead

# Changing nothing holds the row: nobody else writes about what they have till the end.
_RECIPIENT = (
    insert(Customer)
    .values(id=bindparam("id"), user_id=bindparam("user_id"))
    .on_conflict_do_update(
        index_elements=["user_id"], set_={"user_id": bindparam("user_id")}
    )
    .returning(Customer.id)
)
# By the clock, not the transaction's beginning: what we have waited for began later.
_HAS_ONE = select(Grant.id).where(
    Grant.customer_id == bindparam("customer_id"),
    Grant.benefit_id == bindparam("benefit_id"),
    Grant.source_type == GrantSource.COMP,
    is_live(func.clock_timestamp()),
)
_ADD = insert(Grant).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    customer_id=bindparam("customer_id"),
    benefit_id=bindparam("benefit_id"),
    source_type=GrantSource.COMP,
    source_id=bindparam("id"),
    starts_at=func.now(),
    ends_at=bindparam("ends_at"),
    granted_by=bindparam("granted_by"),
)
_READ = (
    select(*GRANT)
    .join(Benefit, Benefit.id == Grant.benefit_id)
    .where(Grant.id == bindparam("id"))
)
_LOCK = (
    select(Grant.source_type, Grant.benefit_id)
    .join(Customer, Customer.id == Grant.customer_id)
    .where(Grant.id == bindparam("id"), Grant.workspace_id == bindparam("workspace_id"))
    .with_for_update(of=Customer)
)
_REVOKE = (
    update(Grant)
    .where(Grant.id == bindparam("id_"), Grant.revoked_at.is_(None))
    .values(revoked_at=func.now(), revoke_reason=bindparam("reason"))
)


@dataclass(frozen=True, slots=True)
class LockedGrant:
    """A grant whose customer nobody else writes about until the transaction ends."""

    source_type: GrantSource
    benefit_id: UUID


class CompRepository:
    """The comps of a workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(
        self,
        member: Member,
        user_id: int,
        benefit_id: UUID,
        *,
        ends_at: datetime | None,
    ) -> GrantRead:
        """Give a benefit to a user, who becomes a customer by it if they are none.

        Raises:
            ConflictError: they have it as a present already.
        """
        recipient = await self._connection.one(_RECIPIENT, id=new_id(), user_id=user_id)
        customer_id = recipient and recipient["id"]
        if await self._connection.one(
            _HAS_ONE, customer_id=customer_id, benefit_id=benefit_id
        ):
            message = "They have this as a present already; take that back first."
            raise ConflictError(message)
        grant_id = new_id()
        await self._connection.run(
            _ADD,
            id=grant_id,
            workspace_id=member.workspace_id,
            customer_id=customer_id,
            benefit_id=benefit_id,
            ends_at=ends_at,
            granted_by=member.user_id,
        )
        row = await self._connection.one(_READ, id=grant_id)
        return GrantRead.model_validate(dict(row or {}))

    async def lock(self, member: Member, grant_id: UUID) -> LockedGrant:
        """Return a grant of the workspace, held until the transaction ends.

        Raises:
            GrantNotFoundError: the workspace has given none of that id.
        """
        row = await self._connection.one(
            _LOCK, id=grant_id, workspace_id=member.workspace_id
        )
        if row is None:
            raise GrantNotFoundError
        return LockedGrant(**row)

    async def revoke(self, grant_id: UUID, *, reason: str) -> bool:
        """Take a locked comp back; False if it was taken back before."""
        return await self._connection.run(_REVOKE, id_=grant_id, reason=reason) == 1
