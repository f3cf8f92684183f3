"""Every query on the members of workspaces, and on who is invited."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import (
    bindparam,
    delete,
    func,
    insert,
    join,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased

from vixenbliss.callers import Caller, Member, Role
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ConflictError,
    ConstraintViolatedError,
    MemberNotFoundError,
)
from vixenbliss.models.users import User
from vixenbliss.models.workspaces import (
    WorkspaceInvitation,
    WorkspaceMember,
)
from vixenbliss.repositories.access import MEMBER
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import from_now
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.workspaces import (
    InvitationRead,
    MemberRead,
    MembershipRead,
)

_ADD_MEMBER = insert(WorkspaceMember).values(
    workspace_id=bindparam("workspace_id"),
    user_id=bindparam("user_id"),
    role=bindparam("role"),
    is_home=bindparam("is_home"),
)
_MEMBERS = page_seen_by_member(
    (
        WorkspaceMember.user_id,
        User.email,
        WorkspaceMember.role,
        WorkspaceMember.created_at,
    ),
    WorkspaceMember.workspace_id == MEMBER.c.workspace_id,
    order_by=(WorkspaceMember.created_at.asc(), WorkspaceMember.user_id.asc()),
    sources=[join(WorkspaceMember, User, User.id == WorkspaceMember.user_id)],
)
_one_member = (
    WorkspaceMember.workspace_id == bindparam("workspace_id_"),
    WorkspaceMember.user_id == bindparam("user_id_"),
)
_LOCK_OWNERS = (
    select(WorkspaceMember.user_id)
    .where(
        WorkspaceMember.workspace_id == bindparam("workspace_id_"),
        WorkspaceMember.role == Role.OWNER,
    )
    .order_by(WorkspaceMember.user_id)
    .with_for_update()
)
_SET_ROLE = (
    update(WorkspaceMember)
    .where(*_one_member)
    .values(role=bindparam("role_"))
    .returning(WorkspaceMember.user_id)
)
_READ_MEMBER = select(
    WorkspaceMember.user_id,
    User.email,
    WorkspaceMember.role,
    WorkspaceMember.created_at,
).where(*_one_member, User.id == WorkspaceMember.user_id)
_REMOVE = (
    delete(WorkspaceMember)
    .where(*_one_member, ~WorkspaceMember.is_home)
    .returning(WorkspaceMember.user_id)
)

_INVITE = (
    insert(WorkspaceInvitation)
    .from_select(
        [
            "id",
            "workspace_id",
            "email",
            "role",
            "token_hash",
            "invited_by",
            "expires_at",
        ],
        select(
            bindparam("id", type_=WorkspaceInvitation.id.type),
            bindparam("workspace_id", type_=WorkspaceInvitation.workspace_id.type),
            bindparam("email", type_=User.email.type),
            bindparam("role", type_=WorkspaceMember.role.type),
            bindparam("token_hash", type_=WorkspaceInvitation.token_hash.type),
            bindparam("invited_by", type_=User.id.type),
            from_now("lasts"),
        ).where(
            ~select(literal(1))
            .where(
                WorkspaceMember.workspace_id
                == bindparam("workspace_id", type_=WorkspaceMember.workspace_id.type),
                WorkspaceMember.user_id == User.id,
                func.lower(User.email)
                == func.lower(bindparam("email", type_=User.email.type)),
            )
            .exists()
        ),
    )
    .returning(
        WorkspaceInvitation.id,
        WorkspaceInvitation.email,
        WorkspaceInvitation.role,
        WorkspaceInvitation.expires_at,
    )
)
_FORGET_EXPIRED = delete(WorkspaceInvitation).where(
    WorkspaceInvitation.workspace_id == bindparam("workspace_id_"),
    WorkspaceInvitation.accepted_at.is_(None),
    WorkspaceInvitation.expires_at <= func.now(),
)
_host = aliased(WorkspaceMember)
_FORGET_INVITED_BY = delete(WorkspaceInvitation).where(
    WorkspaceInvitation.workspace_id == bindparam("workspace_id_"),
    WorkspaceInvitation.invited_by == bindparam("user_id_"),
    WorkspaceInvitation.accepted_at.is_(None),
)
_MAIL = (
    update(WorkspaceInvitation)
    .where(
        WorkspaceInvitation.id == bindparam("id_"),
        WorkspaceInvitation.accepted_at.is_(None),
        WorkspaceInvitation.expires_at > func.now(),
    )
    .values(mailed_hash=bindparam("mailed_hash_"))
)
_ACCEPT = (
    update(WorkspaceInvitation)
    .where(
        or_(
            WorkspaceInvitation.token_hash == bindparam("token_hash_"),
            WorkspaceInvitation.mailed_hash == bindparam("token_hash_"),
        ),
        WorkspaceInvitation.accepted_at.is_(None),
        WorkspaceInvitation.expires_at > func.now(),
        User.id == bindparam("user_id_"),
        func.lower(User.email) == func.lower(WorkspaceInvitation.email),
        select(_host.user_id)
        .where(
            _host.workspace_id == WorkspaceInvitation.workspace_id,
            _host.user_id == WorkspaceInvitation.invited_by,
            _host.role == Role.OWNER,
        )
        .exists(),
    )
    .values(accepted_at=func.now())
    .returning(WorkspaceInvitation.workspace_id, WorkspaceInvitation.role)
)


class MemberRepository:
    """The members of a workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(
        self, workspace_id: UUID, user_id: int, role: Role, *, is_home: bool = False
    ) -> None:
        """Insert a member.

        Raises:
            ConflictError: the user is a member already.
        """
        try:
            await self._connection.run(
                _ADD_MEMBER,
                workspace_id=workspace_id,
                user_id=user_id,
                role=role,
                is_home=is_home,
            )
        except ConstraintViolatedError as error:
            message = "You are a member of this workspace already."
            raise ConflictError(message) from error

    async def list(self, caller: Caller, page: PageQuery) -> Listing[MemberRead]:
        """Return the members, the oldest first."""
        return await read_page(self._connection, caller, _MEMBERS, page, MemberRead)

    async def lock_owners(self, workspace_id: UUID) -> set[int]:
        """Return the owners, none of whom changes until the transaction ends."""
        rows = await self._connection.all(_LOCK_OWNERS, workspace_id_=workspace_id)
        return {row["user_id"] for row in rows}

    async def set_role(
        self, workspace_id: UUID, user_id: int, role: Role
    ) -> MemberRead:
        """Give a member another role.

        Raises:
            MemberNotFoundError: the user is no member.
        """
        who = {"workspace_id_": workspace_id, "user_id_": user_id}
        if not await self._connection.one(_SET_ROLE, **who, role_=role):
            raise MemberNotFoundError
        row = await self._connection.one(_READ_MEMBER, **who)
        return MemberRead.model_validate(dict(row or {}))

    async def remove(self, workspace_id: UUID, user_id: int) -> None:
        """Take a member out of a workspace that is not their own.

        Raises:
            MemberNotFoundError: the user is no member.
            ConflictError: the workspace is the one they signed up with.
        """
        who = {"workspace_id_": workspace_id, "user_id_": user_id}
        if await self._connection.one(_REMOVE, **who):
            return
        if not await self._connection.one(_READ_MEMBER, **who):
            raise MemberNotFoundError
        message = "Nobody leaves the workspace they signed up with."
        raise ConflictError(message)

    async def forget_invited_by(self, workspace_id: UUID, user_id: int) -> None:
        """Take back the open invitations of somebody who may invite no more."""
        await self._connection.run(
            _FORGET_INVITED_BY, workspace_id_=workspace_id, user_id_=user_id
        )

    async def invite(  # noqa: PLR0913 - the columns of a row
        self,
        member: Member,
        *,
        invitation_id: UUID,
        email: str,
        role: Role,
        token: tuple[str, bytes],
        lasts: timedelta,
    ) -> InvitationRead:
        """Keep a seat for an address; the token's hash is kept, the token is told.

        Raises:
            ConflictError: the address is a member's, or has been invited.
        """
        await self._connection.run(_FORGET_EXPIRED, workspace_id_=member.workspace_id)
        try:
            row = await self._connection.one(
                _INVITE,
                id=invitation_id,
                workspace_id=member.workspace_id,
                email=email,
                role=role,
                token_hash=token[1],
                invited_by=member.user_id,
                lasts=lasts,
            )
        except ConstraintViolatedError as error:
            message = "This address has been invited already."
            raise ConflictError(message) from error
        if row is None:
            message = "This address belongs to a member already."
            raise ConflictError(message)
        return InvitationRead.model_validate({**row, "token": token[0]})

    async def mail(self, invitation_id: UUID | None, mailed_hash: bytes) -> bool:
        """Let an invitation be taken with the token of a letter, the newest one.

        False if it is not open any more.
        """
        return bool(
            await self._connection.run(
                _MAIL, id_=invitation_id, mailed_hash_=mailed_hash
            )
        )

    async def accept(self, user_id: int, token_hash: bytes) -> MembershipRead | None:
        """Spend an invitation addressed to the user; None if there is none."""
        row = await self._connection.one(
            _ACCEPT, user_id_=user_id, token_hash_=token_hash
        )
        return MembershipRead.model_validate(dict(row)) if row else None
