"""Every query on workspaces."""

from uuid import UUID

from sqlalchemy import (
    bindparam,
    func,
    insert,
    join,
    select,
    update,
)

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ConflictError,
    ConstraintViolatedError,
    PreconditionFailedError,
)
from vixenbliss.models.posts import Post, PostStatus
from vixenbliss.models.workspaces import (
    Workspace,
    WorkspaceMember,
)
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.workspaces import (
    PublishingPaused,
    Stopped,
    WorkspaceRead,
)

UNDER_WAY = (PostStatus.SCHEDULED, PostStatus.QUEUED, PostStatus.PUBLISHING)
"""What a pause stops: nobody has seen any of it."""

_COLUMNS = (
    Workspace.id,
    Workspace.name,
    Workspace.slug,
    Workspace.timezone,
    Workspace.require_second_reviewer,
    Workspace.publishing_paused_at,
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
_OF_USER = page_seen_by_member(
    (*_COLUMNS, WorkspaceMember.role),
    WorkspaceMember.user_id == MEMBER.c.user_id,
    order_by=(
        WorkspaceMember.is_home.desc(),
        Workspace.created_at.asc(),
        Workspace.id.asc(),
    ),
    sources=[
        join(Workspace, WorkspaceMember, WorkspaceMember.workspace_id == Workspace.id)
    ],
)
_CURRENT_VERSION = select(Workspace.version).where(Workspace.id == bindparam("id_"))

# A worker holds the row, shared, while it commits what it is about to publish: it is
# through before, or sees the pause.
_PAUSE = (
    update(Workspace)
    .where(Workspace.id == bindparam("id_"), Workspace.publishing_paused_at.is_(None))
    .values(publishing_paused_at=func.now(), version=Workspace.version + 1)
)
_RESUME = (
    update(Workspace)
    .where(
        Workspace.id == bindparam("id_"), Workspace.publishing_paused_at.is_not(None)
    )
    .values(publishing_paused_at=None, version=Workspace.version + 1)
)


_PAUSED = select(
    Workspace.publishing_paused_at,
    select(func.count())
    .where(Post.workspace_id == Workspace.id, Post.status.in_(UNDER_WAY))
    .scalar_subquery()
    .label("posts"),
).where(Workspace.id == bindparam("id_"))


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
        """Return the caller's workspaces: their own, then the oldest first.

        Raises:
            UnauthorizedError: the session has ended.
        """
        return await read_page(self._connection, caller, _OF_USER, page, WorkspaceRead)

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

    async def pause_publishing(self, member: Member) -> bool:
        """Let nothing be published from now on; False if nothing was."""
        return await self._connection.run(_PAUSE, id_=member.workspace_id) == 1

    async def paused(self, member: Member) -> PublishingPaused:
        """Return since when nothing is published, and how many posts wait."""
        row = dict(await self._connection.one(_PAUSED, id_=member.workspace_id) or {})
        return PublishingPaused(
            paused_at=row["publishing_paused_at"], stopped=Stopped(posts=row["posts"])
        )

    async def resume_publishing(self, member: Member) -> bool:
        """Let things be published again; False if they were."""
        return await self._connection.run(_RESUME, id_=member.workspace_id) == 1
