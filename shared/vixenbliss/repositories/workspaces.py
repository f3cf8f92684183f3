"""Every query on workspaces."""

from uuid import UUID

from sqlalchemy import (
    bindparam,
    func,
    insert,
    select,
    update,
)

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ConflictError,
    ConstraintViolatedError,
    PreconditionFailedError,
    UnauthorizedError,
)
from vixenbliss.models.sessions import UserSession
from vixenbliss.models.users import User
from vixenbliss.models.workspaces import (
    Workspace,
    WorkspaceMember,
)
from vixenbliss.repositories.access import MEMBER, binds_of, read, seen_by_member
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.workspaces import (
    WorkspaceRead,
)

_COLUMNS = (
    Workspace.id,
    Workspace.name,
    Workspace.slug,
    Workspace.timezone,
    Workspace.require_second_reviewer,
    Workspace.version,
    Workspace.created_at,
)

_ADD = insert(Workspace).values(
    id=bindparam("id"), name=bindparam("name"), slug=bindparam("slug")
)
_GET = seen_by_member(
    select(*_COLUMNS, MEMBER.c.role)
    .where(Workspace.id == MEMBER.c.workspace_id)
    .correlate(MEMBER)
)
_OF_USER = (
    select(*_COLUMNS, WorkspaceMember.role, func.count().over().label("_total"))
    .join(WorkspaceMember, WorkspaceMember.workspace_id == Workspace.id)
    .join(UserSession, UserSession.user_id == WorkspaceMember.user_id)
    .join(User, User.id == UserSession.user_id)
    .where(
        User.is_active,
        UserSession.id == bindparam("_session_id"),
        UserSession.user_id == bindparam("_user_id"),
        UserSession.revoked_at.is_(None),
        UserSession.expires_at > func.now(),
    )
    .order_by(Workspace.created_at, Workspace.id)
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_CURRENT_VERSION = select(Workspace.version).where(Workspace.id == bindparam("id_"))


class WorkspaceRepository:
    """The workspaces of whoever asks."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, workspace_id: UUID, *, name: str, slug: str) -> None:
        """Insert a workspace.

        Raises:
            ConflictError: the slug is taken.
        """
        try:
            await self._connection.run(_ADD, id=workspace_id, name=name, slug=slug)
        except ConstraintViolatedError as error:
            message = f"The slug {slug!r} is taken."
            raise ConflictError(message) from error

    async def get(self, caller: Caller) -> WorkspaceRead:
        """Return the workspace that the caller works in."""
        (row,) = await read(self._connection, caller, _GET)
        return WorkspaceRead.model_validate(dict(row))

    async def list(self, caller: Caller, page: PageQuery) -> Listing[WorkspaceRead]:
        """Return the caller's workspaces, the oldest (their own) first.

        Raises:
            UnauthorizedError: the session has ended.
        """
        rows = await self._connection.all(
            _OF_USER,
            **{k: v for k, v in binds_of(caller).items() if k != "_workspace_id"},
            limit=page.per_page,
            offset=(page.page - 1) * page.per_page,
        )
        if not rows and page.page == 1:  # everybody has one
            raise UnauthorizedError
        items = [WorkspaceRead.model_validate(dict(row)) for row in rows]
        return page.listing(items, rows[0]["_total"] if rows else 0)

    async def change(
        self, member: Member, version: int, changes: dict[str, object]
    ) -> None:
        """Change a workspace that is still at the version its editor saw.

        Raises:
            PreconditionFailedError: it has moved on.
        """
        statement = (
            update(Workspace)
            .where(Workspace.id == member.workspace_id, Workspace.version == version)
            .values(**changes, version=Workspace.version + 1)
        )
        if not await self._connection.run(statement):
            row = await self._connection.one(_CURRENT_VERSION, id_=member.workspace_id)
            raise PreconditionFailedError(row["version"] if row else 0)
