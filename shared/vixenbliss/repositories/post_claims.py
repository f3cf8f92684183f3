"""Every statement by which schedules and workers take posts.

Claims are leases with fences, as those of content jobs. What a worker may take follows
from the row alone: a post that is `publishing` has had no effect yet, one that is
`processing` may have. All of these are global: a worker serves every workspace.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, case, func, or_, select, update

from vixenbliss.database import Connection
from vixenbliss.models.posts import (
    MAX_POST_ATTEMPTS,
    Post,
    PostFormat,
    PostStatus,
)
from vixenbliss.models.social_accounts import AccountStatus, Platform, SocialAccount
from vixenbliss.models.workspaces import Workspace
from vixenbliss.repositories.terms import among, from_now

SWEEP_MARGIN = timedelta(seconds=15)
"""How long after a lease has run out the sweeper looks for the row."""
OPEN = (PostStatus.PROCESSING, PostStatus.UNCONFIRMED, PostStatus.PUBLISHED)
"""What the platform can be asked about."""

_CLAIMED = (
    Post.id,
    Post.workspace_id,
    Post.avatar_id,
    Post.piece_id,
    Post.account_id,
    Post.format,
    Post.settings,
    Post.caption,
    Post.content_hash,
    Post.is_ai,
    Post.status,
    Post.scheduled_at,
    Post.due_at,
    Post.attempts,
    Post.handle,
    Post.handle_expires_at,
    Post.publish_intent_at,
    Post.request_sha256,
    Post.platform_post_id,
    Post.permalink,
    Post.label_read_back,
    Post.published_at,
    Post.recall_asked_at,
    Post.error_code,
    Post.created_by,
    Post.fence,
    SocialAccount.platform,
    SocialAccount.platform_user_id,
    SocialAccount.username,
)
_lease_is_free = or_(Post.lease_until.is_(None), Post.lease_until < func.now())
_taken: dict[str, Any] = {
    "fence": Post.fence + 1,
    "lease_until": from_now("lease"),
    "check_at": from_now("lease") + SWEEP_MARGIN,
}
_can_publish = or_(
    SocialAccount.status == AccountStatus.CONNECTED,
    and_(
        SocialAccount.status == AccountStatus.RATE_LIMITED,
        SocialAccount.rate_limited_until <= func.now(),
    ),
)
MAY_SET_OUT = (
    Post.recall_asked_at.is_(None),
    Workspace.publishing_paused_at.is_(None),
    _can_publish,
)
"""What has to be true of a post, its workspace and its account when its time comes."""
_due = (
    select(Post.id)
    .join(Workspace, Workspace.id == Post.workspace_id)
    .join(SocialAccount, SocialAccount.id == Post.account_id)
    .where(Post.status == PostStatus.SCHEDULED, Post.due_at <= func.now(), *MAY_SET_OUT)
    .order_by(Post.due_at, Post.id)
    .limit(bindparam("limit"))
    .with_for_update(of=Post, skip_locked=True)
    .cte("due")
)
_QUEUE_DUE = (
    update(Post)
    .where(Post.id.in_(select(_due.c.id)))
    .values(
        status=PostStatus.QUEUED,
        version=Post.version + 1,
        check_at=from_now("patience"),
    )
    .returning(Post.id, Post.version)
)
_to_publish = (
    select(Post.id)
    .where(
        among(Post.id, "ids"),
        Post.recall_asked_at.is_(None),
        or_(
            Post.status == PostStatus.QUEUED,
            and_(Post.status == PostStatus.PUBLISHING, _lease_is_free),
        ),
    )
    .order_by(Post.id)
    .with_for_update(skip_locked=True)
    .cte("to_publish")
)
# A post whose worker died is taken again within the same try: crashes burn no tries.
_CLAIM_DUE = (
    update(Post)
    .where(Post.id.in_(select(_to_publish.c.id)), SocialAccount.id == Post.account_id)
    .values(
        **_taken,
        status=PostStatus.PUBLISHING,
        attempts=func.least(
            Post.attempts + case((Post.status == PostStatus.QUEUED, 1), else_=0),
            MAX_POST_ATTEMPTS,
        ),
        version=Post.version + 1,
    )
    .returning(*_CLAIMED)
)


def _claim(*conditions: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's terms
    """Return the statement that takes posts as they are, by further conditions."""
    wanted = (
        select(Post.id)
        .where(among(Post.id, "ids"), _lease_is_free, *conditions)
        .order_by(Post.id)
        .with_for_update(skip_locked=True)
        .cte("wanted")
    )
    return (
        update(Post)
        .where(Post.id.in_(select(wanted.c.id)), SocialAccount.id == Post.account_id)
        .values(**_taken)
        .returning(*_CLAIMED)
    )


_CLAIM_OPEN = _claim(Post.status.in_(OPEN))
_CLAIM_RECALLED = _claim(
    Post.status == PostStatus.PUBLISHED,
    Post.recall_asked_at.is_not(None),
    Post.recall_note.is_(None),
)
_STANDING = select(
    Post.id,
    Post.status,
    Post.recall_asked_at.is_not(None).label("is_recalled"),
    func.extract("epoch", Post.lease_until - func.now()).label("wait_s"),
).where(among(Post.id, "ids"))
_silent = (
    select(Post.id)
    .where(Post.check_at <= func.now())
    .order_by(Post.check_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("silent")
)
_CHECK_SILENT = (
    update(Post)
    .where(Post.id.in_(select(_silent.c.id)))
    .values(check_at=from_now("patience"))
    .returning(
        Post.id,
        Post.status,
        and_(Post.recall_asked_at.is_not(None), Post.recall_note.is_(None)).label(
            "is_recalled"
        ),
        Post.check_at,
    )
)
_RELIEVE = (
    update(SocialAccount)
    .where(
        SocialAccount.status == AccountStatus.RATE_LIMITED,
        SocialAccount.rate_limited_until <= func.now(),
    )
    .values(status=AccountStatus.CONNECTED, rate_limited_until=None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedPost:
    """A post that is ours until its lease runs out, and the account it is for."""

    id: UUID
    workspace_id: UUID
    avatar_id: UUID
    piece_id: UUID
    account_id: UUID
    format: PostFormat
    settings: dict[str, Any]
    caption: str
    content_hash: bytes
    is_ai: bool
    status: PostStatus
    scheduled_at: datetime
    due_at: datetime
    attempts: int
    handle: str | None
    handle_expires_at: datetime | None
    publish_intent_at: datetime | None
    request_sha256: bytes | None
    platform_post_id: str | None
    permalink: str | None
    label_read_back: bool | None
    published_at: datetime | None
    recall_asked_at: datetime | None
    error_code: str | None
    created_by: int
    fence: int
    platform: Platform
    platform_user_id: str
    username: str


@dataclass(frozen=True, slots=True)
class PostStanding:
    """Where a post stands that could not be claimed."""

    status: PostStatus
    is_recalled: bool
    wait_s: float
    """Seconds until its lease ends; not positive if it has none."""


@dataclass(frozen=True, slots=True)
class SilentPost:
    """A post of which nothing has been heard for too long."""

    id: UUID
    status: PostStatus
    is_recalled: bool
    """Whether it is wanted back, and that is not left to somebody."""
    check_at: datetime


class PostClaimRepository:
    """Posts, as schedules and workers take them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def queue_due(
        self, *, limit: int, patience: timedelta
    ) -> list[tuple[UUID, int]]:
        """Take posts that are due out of the calendar; return their ids and versions.

        Those of workspaces that are paused, and of accounts that cannot publish now,
        stay where they are. Two schedulers at once take different posts.
        """
        rows = await self._connection.all(_QUEUE_DUE, limit=limit, patience=patience)
        return [(row["id"], row["version"]) for row in rows]

    async def claim_due(
        self, ids: Sequence[UUID], *, lease: timedelta
    ) -> list[ClaimedPost]:
        """Take the posts that are to be published."""
        return await self._claimed(_CLAIM_DUE, ids, lease)

    async def claim_open(
        self, ids: Sequence[UUID], *, lease: timedelta
    ) -> list[ClaimedPost]:
        """Take the posts of which the platform is to be asked what became of them."""
        return await self._claimed(_CLAIM_OPEN, ids, lease)

    async def claim_recalled(
        self, ids: Sequence[UUID], *, lease: timedelta
    ) -> list[ClaimedPost]:
        """Take the published posts that are to be taken back."""
        return await self._claimed(_CLAIM_RECALLED, ids, lease)

    async def _claimed(
        self,
        statement: Any,  # noqa: ANN401 - SQLAlchemy's terms
        ids: Sequence[UUID],
        lease: timedelta,
    ) -> list[ClaimedPost]:
        rows = await self._connection.all(statement, ids=list(ids), lease=lease)
        return [ClaimedPost(**row) for row in rows]

    async def standing(self, ids: Sequence[UUID]) -> dict[UUID, PostStanding]:
        """Return where posts stand; an id that is missing means no row."""
        rows = await self._connection.all(_STANDING, ids=list(ids))
        return {
            row["id"]: PostStanding(
                row["status"], row["is_recalled"], float(row["wait_s"] or 0)
            )
            for row in rows
        }

    async def check_silent(
        self, *, limit: int, patience: timedelta
    ) -> list[SilentPost]:
        """Return open posts that have been silent for too long.

        They are looked at again only when the patience has run out once more.
        """
        rows = await self._connection.all(_CHECK_SILENT, limit=limit, patience=patience)
        return [SilentPost(**row) for row in rows]

    async def relieve_accounts(self) -> int:
        """Let accounts publish again whose platforms want to hear of them again."""
        return await self._connection.run(_RELIEVE)
