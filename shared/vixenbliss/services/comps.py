"""Presents: what an owner lets somebody open without their paying for it."""

from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.errors import InvalidStateError, UserNotFoundError, ValidationError
from vixenbliss.models.grants import GrantSource
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.comps import CompRepository
from vixenbliss.repositories.entitlements import EntitlementRepository
from vixenbliss.repositories.users import UserRepository
from vixenbliss.schemas.entitlements import CompCreate, GrantRead


class CompService:
    """The comps of the workspace that the caller works in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._comps = CompRepository(connection)
        self._audit = AuditRepository(connection)

    async def give(self, caller: Caller, wanted: CompCreate) -> GrantRead:
        """Make somebody a present of one of the workspace's benefits.

        Asked for twice, it is given once: whoever has it is not given it again.

        Raises:
            ValidationError: it would have ended already.
            BenefitNotFoundError: the workspace has no such benefit.
            InvalidStateError: the benefit is out of use.
            UserNotFoundError: nobody has signed up with that address.
            ConflictError: they have it as a present already.
        """
        if wanted.ends_at and wanted.ends_at <= now():
            message = "The present would have ended already."
            raise ValidationError(message, field="ends_at")
        member = await access.member(self._connection, caller)
        await EntitlementRepository(self._connection).require_benefit(
            member, wanted.benefit_id
        )
        user = await UserRepository(self._connection).find_by_email(wanted.email)
        if user is None:
            raise UserNotFoundError
        grant = await self._comps.add(
            member, user.id, wanted.benefit_id, ends_at=wanted.ends_at
        )
        await self._audit.add(
            member,
            "comp.given",
            ("grant", grant.id),
            benefit_id=str(wanted.benefit_id),
            user_id=user.id,
        )
        return grant

    async def take_back(self, caller: Caller, grant_id: UUID, *, reason: str) -> None:
        """Take a present back, for good; the second time, nothing happens.

        Raises:
            GrantNotFoundError: the workspace has given no grant of that id.
            InvalidStateError: it was paid for.
        """
        member = await access.member(self._connection, caller)
        grant = await self._comps.lock(member, grant_id)
        if grant.source_type is not GrantSource.COMP:
            message = "It was paid for; cancel the subscription or refund the order."
            raise InvalidStateError(message)
        if await self._comps.revoke(grant_id, reason=reason):
            await self._audit.add(
                member, "comp.taken_back", ("grant", grant_id), reason=reason
            )
