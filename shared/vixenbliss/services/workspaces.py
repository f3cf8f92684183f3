"""Workspaces, who is in them, and who is asked to join."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from vixenbliss.callers import Caller, Member, Role
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ConflictError,
    ForbiddenError,
    InvalidTokenError,
)
from vixenbliss.ids import digest, new_id, new_secret
from vixenbliss.models.letters import LetterKind
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.board import BoardRepository
from vixenbliss.repositories.members import MemberRepository
from vixenbliss.repositories.workspaces import WorkspaceRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.workspaces import (
    InvitationRead,
    MemberInvite,
    MemberRead,
    MembershipRead,
    PublishingPaused,
    WorkspaceCreate,
    WorkspaceRead,
    WorkspaceUpdate,
)
from vixenbliss.services.letters import write_letter

INVITATION_LASTS = timedelta(days=7)


class WorkspaceService:
    """The caller's workspaces."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._workspaces = WorkspaceRepository(connection)

    async def create(self, caller: Caller, wanted: WorkspaceCreate) -> WorkspaceRead:
        """Make a workspace that the caller owns.

        Raises:
            ConflictError: the slug is taken.
        """
        user_id = await access.user(self._connection, caller)
        owner = Member(user_id, new_id(), Role.OWNER)
        slug = wanted.slug or f"ws-{owner.workspace_id.hex[-12:]}"
        await self._workspaces.add(owner.workspace_id, name=wanted.name, slug=slug)
        await MemberRepository(self._connection).add(
            owner.workspace_id, user_id, Role.OWNER
        )
        await AuditRepository(self._connection).add(
            owner, "workspace.created", ("workspace", owner.workspace_id)
        )
        return await self._workspaces.get(_in(caller, owner.workspace_id))

    async def list(self, caller: Caller, page: PageQuery) -> Listing[WorkspaceRead]:
        """Return the caller's workspaces, their own first."""
        return await self._workspaces.list(caller, page)

    async def get(self, caller: Caller, workspace_id: UUID) -> WorkspaceRead:
        """Return a workspace of the caller's.

        Raises:
            WorkspaceNotFoundError: there is none, or the caller is not in it.
        """
        return await self._workspaces.get(_in(caller, workspace_id))

    async def update(
        self,
        caller: Caller,
        workspace_id: UUID,
        wanted: WorkspaceUpdate,
        *,
        version: int,
    ) -> WorkspaceRead:
        """Change a workspace that is still at the version its editor saw.

        Raises:
            PreconditionFailedError: it has moved on.
        """
        there = _in(caller, workspace_id)
        member = await access.member(self._connection, there)
        changes = wanted.model_dump(exclude_unset=True)
        await self._workspaces.change(member, version, changes)
        await AuditRepository(self._connection).add(
            member, "workspace.changed", ("workspace", workspace_id), **changes
        )
        return await self._workspaces.get(there)

    async def pause_publishing(
        self, caller: Caller, workspace_id: UUID, *, reason: str
    ) -> PublishingPaused:
        """Let nothing be published until an owner says so; again changes nothing.

        It holds when this returns: what a worker has not sent by then, it does not
        send.

        Raises:
            WorkspaceNotFoundError: there is none, or the caller is not in it.
        """
        there = _in(caller, workspace_id)
        member = await access.member(self._connection, there)
        if await self._workspaces.pause_publishing(member):
            await AuditRepository(self._connection).add(
                member,
                "workspace.publishing_paused",
                ("workspace", workspace_id),
                reason=reason,
            )
        return await self._workspaces.paused(member)

    async def resume_publishing(
        self, caller: Caller, workspace_id: UUID
    ) -> WorkspaceRead:
        """Let things be published again: first what has been due in the meantime.

        Raises:
            WorkspaceNotFoundError: there is none, or the caller is not in it.
        """
        there = _in(caller, workspace_id)
        member = await access.member(self._connection, there)
        if await self._workspaces.resume_publishing(member):
            await AuditRepository(self._connection).add(
                member, "workspace.publishing_resumed", ("workspace", workspace_id)
            )
        return await self._workspaces.get(there)


class MemberService:
    """The members of a workspace. A workspace never loses its last owner."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._members = MemberRepository(connection)

    async def list(
        self, caller: Caller, workspace_id: UUID, page: PageQuery
    ) -> Listing[MemberRead]:
        """Return the members, the oldest first."""
        return await self._members.list(_in(caller, workspace_id), page)

    async def invite(
        self, caller: Caller, workspace_id: UUID, wanted: MemberInvite
    ) -> InvitationRead:
        """Keep a seat; the token in the answer is told only now.

        A letter brings the address another token, which opens the same seat.

        Raises:
            ConflictError: the address is a member's, or invited already.
        """
        member = await access.member(self._connection, _in(caller, workspace_id))
        token = new_secret()
        invitation = await self._members.invite(
            member,
            invitation_id=new_id(),
            email=wanted.email,
            role=wanted.role,
            token=(token, digest(token)),
            lasts=INVITATION_LASTS,
        )
        await write_letter(
            self._connection,
            LetterKind.INVITATION,
            email=wanted.email,
            subject_id=invitation.id,
        )
        await AuditRepository(self._connection).add(
            member, "member.invited", ("invitation", invitation.id), role=wanted.role
        )
        return invitation

    async def accept(self, caller: Caller, token: str) -> MembershipRead:
        """Take the seat that was kept for the caller's address.

        Raises:
            InvalidTokenError: unknown, spent, too old, or somebody else's.
            ConflictError: the caller is a member already.
        """
        user_id = await access.user(self._connection, caller)
        membership = await self._members.accept(user_id, digest(token))
        if membership is None:
            raise InvalidTokenError
        await self._members.add(membership.workspace_id, user_id, membership.role)
        joined = Member(user_id, membership.workspace_id, membership.role)
        await AuditRepository(self._connection).add(
            joined, "member.joined", ("user", user_id), role=membership.role
        )
        return membership

    async def set_role(
        self, caller: Caller, workspace_id: UUID, user_id: int, role: Role
    ) -> MemberRead:
        """Give a member another role.

        Raises:
            MemberNotFoundError: the user is no member.
            ConflictError: the workspace would have no owner left.
        """
        member = await access.member(self._connection, _in(caller, workspace_id))
        if role is not Role.OWNER:
            await self._keep_an_owner(member, user_id)
            await self._members.forget_invited_by(member.workspace_id, user_id)
        changed = await self._members.set_role(member.workspace_id, user_id, role)
        await AuditRepository(self._connection).add(
            member, "member.role_changed", ("user", user_id), role=role
        )
        return changed

    async def remove(self, caller: Caller, workspace_id: UUID, user_id: int) -> None:
        """Take a member out; owners may remove anybody, everybody may leave.

        Raises:
            ForbiddenError: somebody who is no owner removes somebody else.
            MemberNotFoundError: the user is no member.
            ConflictError: the workspace would have no owner left, or is the one that
                the member signed up with.
        """
        member = await access.member(self._connection, _in(caller, workspace_id))
        if member.role is not Role.OWNER and member.user_id != user_id:
            message = "This needs the role owner."
            raise ForbiddenError(message)
        board = BoardRepository(self._connection)
        await board.hold(member)
        await self._keep_an_owner(member, user_id)
        await self._members.remove(member.workspace_id, user_id)
        await board.unassign(member, user_id)
        await self._members.forget_invited_by(member.workspace_id, user_id)
        await AuditRepository(self._connection).add(
            member, "member.removed", ("user", user_id)
        )

    async def _keep_an_owner(self, member: Member, leaving: int) -> None:
        if await self._members.lock_owners(member.workspace_id) == {leaving}:
            message = "A workspace keeps at least one owner."
            raise ConflictError(message)


def _in(caller: Caller, workspace_id: UUID) -> Caller:
    return replace(caller, workspace_id=workspace_id)
