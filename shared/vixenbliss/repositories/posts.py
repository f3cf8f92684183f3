"""Every query by which people see and change posts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    String,
    bindparam,
    func,
    insert,
    join,
    or_,
    select,
    update,
)

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ConstraintViolatedError,
    DuplicatePostError,
    PostNotFoundError,
)
from vixenbliss.models.posts import Post, PostAttempt, PostFormat, PostStatus, PostStep
from vixenbliss.models.social_accounts import Platform, SocialAccount
from vixenbliss.models.workspaces import Workspace
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import among, wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.posts import PostRead

TWINS = "uq_posts_live_content"

_COLUMNS = (
    Post.id,
    Post.group_id,
    Post.avatar_id,
    Post.piece_id,
    Post.account_id,
    SocialAccount.platform,
    SocialAccount.username,
    Post.format,
    Post.settings,
    Post.caption,
    Post.is_ai,
    Post.allow_duplicate,
    Post.status,
    Post.scheduled_at,
    func.coalesce(
        bindparam("tz", type_=String(), value=None), Workspace.timezone
    ).label("timezone"),
    Post.due_at,
    Post.attempts,
    Post.publish_intent_at,
    Post.handle,
    Post.platform_post_id,
    Post.permalink,
    Post.label_read_back,
    Post.published_at,
    Post.recall_asked_at,
    Post.recall_reason,
    Post.recalled_at,
    Post.recall_note,
    Post.error_class,
    Post.error_code,
    Post.error_message,
    Post.created_by,
    Post.version,
    Post.created_at,
    Post.updated_at,
)
_mine = Post.workspace_id == MEMBER.c.workspace_id
_whole = join(Post, SocialAccount, SocialAccount.id == Post.account_id).join(
    Workspace, Workspace.id == Post.workspace_id
)
_since = bindparam("since", type_=DateTime(timezone=True), value=None)
_until = bindparam("until", type_=DateTime(timezone=True), value=None)
_LIST = page_seen_by_member(
    _COLUMNS,
    _mine,
    or_(_since.is_(None), Post.scheduled_at >= _since),
    or_(_until.is_(None), Post.scheduled_at < _until),
    wish(Post.account_id, "account_id"),
    wish(Post.avatar_id, "avatar_id"),
    wish(Post.status, "status"),
    order_by=(Post.scheduled_at.asc(), Post.id.asc()),
    sources=[_whole],
)
_GET = seen_by_member(
    select(*_COLUMNS)
    .select_from(_whole)
    .where(_mine, Post.id == bindparam("id"))
    .correlate(MEMBER)
)
_READ = (
    select(*_COLUMNS)
    .select_from(_whole)
    .where(among(Post.id, "ids"))
    .order_by(Post.id)
    .limit(1_000)
)
_FIND = (
    select(
        Post.id,
        Post.workspace_id,
        Post.piece_id,
        Post.account_id,
        SocialAccount.platform,
        Post.format,
        Post.settings,
        Post.allow_duplicate,
        Post.status,
        Post.scheduled_at,
        Post.due_at,
        Post.attempts,
        Post.publish_intent_at,
        Post.recall_asked_at,
        Post.version,
    )
    .join(SocialAccount, SocialAccount.id == Post.account_id)
    .where(Post.id == bindparam("id"), Post.workspace_id == bindparam("workspace_id"))
)
_LOCK = _FIND.with_for_update(of=Post)
_NOTE = insert(PostAttempt).values(
    post_id=bindparam("post_id"),
    attempt=bindparam("attempt"),
    step=bindparam("step"),
    outcome=bindparam("outcome"),
    detail=bindparam("detail"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPost:
    """A post that nobody else changes until the transaction ends."""

    id: UUID
    workspace_id: UUID
    piece_id: UUID
    account_id: UUID
    platform: Platform
    format: PostFormat
    settings: dict[str, Any]
    allow_duplicate: bool
    status: PostStatus
    scheduled_at: datetime
    due_at: datetime
    attempts: int
    publish_intent_at: datetime | None
    recall_asked_at: datetime | None
    version: int


class PostRepository:
    """The posts of a workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[PostRead]:
        """Return the posts that match, in the order in which they are to appear."""
        return await read_page(
            self._connection, caller, _LIST, page, PostRead, **filters
        )

    async def get(self, caller: Caller, post_id: UUID) -> PostRead:
        """Return a post.

        Raises:
            PostNotFoundError: the workspace has none of that id.
        """
        rows = await read(self._connection, caller, _GET, id=post_id)
        if not rows:
            raise PostNotFoundError
        return PostRead.model_validate(dict(rows[0]))

    async def read(self, post_ids: Sequence[UUID]) -> Sequence[PostRead]:
        """Return posts that this transaction has changed, in the ids' order."""
        rows = await self._connection.all(_READ, ids=[*post_ids])
        found = {row["id"]: PostRead.model_validate(dict(row)) for row in rows}
        return [found[post_id] for post_id in post_ids if post_id in found]

    async def find(self, member: Member, post_id: UUID) -> LockedPost:
        """Return a post as it was a moment ago: nobody is kept from changing it.

        Raises:
            PostNotFoundError: the workspace has none of that id.
        """
        row = await self._connection.one(
            _FIND, id=post_id, workspace_id=member.workspace_id
        )
        if row is None:
            raise PostNotFoundError
        return LockedPost(**row)

    async def lock(self, member: Member, post_id: UUID) -> LockedPost:
        """Return a post, held until the transaction ends.

        Raises:
            PostNotFoundError: the workspace has none of that id.
        """
        row = await self._connection.one(
            _LOCK, id=post_id, workspace_id=member.workspace_id
        )
        if row is None:
            raise PostNotFoundError
        return LockedPost(**row)

    async def add(self, rows: Sequence[dict[str, Any]]) -> Sequence[UUID]:
        """Insert posts, all or none, and return their ids.

        The database decides whether one is a twin.

        Raises:
            DuplicatePostError: an account has the same content, or will have.
        """
        await self._write(insert(Post).values([*rows]))
        return [row["id"] for row in rows]

    async def set(self, post_id: UUID, **changes: object) -> None:
        """Change columns of a locked post; whoever works on it has lost it.

        Raises:
            DuplicatePostError: the account has the same content, or will have.
        """
        await self._write(
            update(Post)
            .where(Post.id == post_id)
            .values(
                **changes,
                version=Post.version + 1,
                fence=Post.fence + 1,
                lease_until=None,
            )
        )

    async def _write(self, statement: Any) -> None:  # noqa: ANN401 - insert or update
        try:
            await self._connection.run(statement)
        except ConstraintViolatedError as error:
            if error.constraint != TWINS:
                raise
            raise DuplicatePostError from error

    async def note(
        self, post: LockedPost, step: PostStep, outcome: str, *, detail: str | None
    ) -> None:
        """Keep a step that a post has taken."""
        await self._connection.run(
            _NOTE,
            post_id=post.id,
            attempt=post.attempts,
            step=step,
            outcome=outcome,
            detail=detail,
        )
