"""What the rules of publishing look at, in one statement for many posts or targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Select, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from vixenbliss.callers import Member
from vixenbliss.database import Connection
from vixenbliss.errors import PieceNotFoundError, SocialAccountNotFoundError
from vixenbliss.models.assets import Asset, AssetKind, AssetStatus
from vixenbliss.models.avatars import Avatar, AvatarStatus
from vixenbliss.models.pieces import (
    ContentPiece,
    ContentPieceAsset,
    PieceAccess,
    ReviewStatus,
)
from vixenbliss.models.policy import SubjectType
from vixenbliss.models.posts import LIVE, Post, PostFormat, PostStatus
from vixenbliss.models.social_accounts import AccountStatus, Platform, SocialAccount
from vixenbliss.models.workspaces import Workspace
from vixenbliss.repositories.avatars import IS_ATTESTED
from vixenbliss.repositories.decisions import is_let_out
from vixenbliss.repositories.terms import among

LONGEST_WINDOW = timedelta(days=1)
"""For how long past posts count towards a platform's limit."""
MOST_PLANNED = 1_000

Other = aliased(Post)
APPEARS_AT = func.coalesce(Other.published_at, Other.publish_intent_at, Other.due_at)
"""When another post appears, or has appeared."""


OUT = (PostStatus.PROCESSING, PostStatus.PUBLISHED, PostStatus.UNCONFIRMED)
"""Where a post may be seen."""


def planned(*besides: ColumnElement[bool]) -> ColumnElement[list[datetime]]:
    """Return when other posts appear on the statement's account: lately, and to come.

    At most a thousand, the earliest first.
    """
    times = (
        select(APPEARS_AT)
        .where(
            Other.account_id == SocialAccount.id,
            Other.status.in_(LIVE),
            func.now() - LONGEST_WINDOW < APPEARS_AT,
            *besides,
        )
        .order_by(APPEARS_AT)
        .limit(MOST_PLANNED)
        .correlate(SocialAccount, Post)
    )
    array: ColumnElement[list[datetime]] = func.array(
        times.scalar_subquery(), type_=ARRAY(DateTime(timezone=True))
    )
    return array


def _twin(content_hash: Any, *more: ColumnElement[bool]) -> ColumnElement[bool]:  # noqa: ANN401 - a column of either table
    return (
        select(Other.id)
        .where(
            Other.account_id == SocialAccount.id,
            Other.content_hash == content_hash,
            Other.status.in_(LIVE),
            *more,
        )
        .correlate(SocialAccount, ContentPiece, Post)
        .exists()
    )


_shown = (
    select(
        func.jsonb_agg(
            func.jsonb_build_object(
                "position",
                ContentPieceAsset.position,
                "alt_text",
                ContentPieceAsset.alt_text,
                "width",
                Asset.width,
                "height",
                Asset.height,
                "duration_ms",
                Asset.duration_ms,
                "frames_per_s",
                Asset.frames_per_s,
                "size_bytes",
                Asset.size_bytes,
                "is_video",
                Asset.kind == AssetKind.VIDEO,
                "is_ready",
                and_(Asset.status == AssetStatus.READY, Asset.deleted_at.is_(None)),
                "is_ai",
                Asset.ai_generated,
                "is_let_out",
                is_let_out(Asset.workspace_id, SubjectType.IMAGE, Asset.sha256),
            )
        )
    )
    .join(Asset, Asset.id == ContentPieceAsset.asset_id)
    .where(ContentPieceAsset.piece_id == ContentPiece.id)
    .correlate(ContentPiece)
    .scalar_subquery()
)
_KNOWN = (
    SocialAccount.id.label("account_id"),
    SocialAccount.platform,
    SocialAccount.avatar_id.label("account_avatar_id"),
    SocialAccount.status.label("account_status"),
    SocialAccount.token_expires_at.label("token_ends"),
    SocialAccount.refresh_at.is_not(None).label("can_refresh"),
    ContentPiece.id.label("piece_id"),
    ContentPiece.avatar_id,
    ContentPiece.access,
    ContentPiece.caption,
    ContentPiece.hashtags,
    ContentPiece.content_hash,
    ContentPiece.approved_by,
    and_(
        ContentPiece.review_status == ReviewStatus.APPROVED,
        ContentPiece.deleted_at.is_(None),
    ).label("is_approved"),
    is_let_out(
        ContentPiece.workspace_id, SubjectType.CAPTION, ContentPiece.text_sha256
    ).label("words_are_let_out"),
    _shown.label("shown"),
    (Avatar.status == AvatarStatus.ACTIVE).label("is_on_stage"),
    (Avatar.current_sheet_version > 0).label("has_sheet"),
    IS_ATTESTED.label("is_attested"),
    is_let_out(Avatar.workspace_id, SubjectType.PROFILE, Avatar.profile_sha256).label(
        "profile_is_let_out"
    ),
    Workspace.publishing_paused_at.is_not(None).label("is_paused"),
)


def _with_surroundings(
    statement: Select[*tuple[Any, ...]],
) -> Select[*tuple[Any, ...]]:
    return statement.join(Avatar, Avatar.id == ContentPiece.avatar_id).join(
        Workspace, Workspace.id == ContentPiece.workspace_id
    )


# A piece of which no account is the workspace's is still one row: it is there.
_OF_TARGETS = _with_surroundings(
    select(
        *_KNOWN,
        planned(Other.id.is_distinct_from(bindparam("besides"))).label("planned"),
        _twin(
            ContentPiece.content_hash, Other.id.is_distinct_from(bindparam("besides"))
        ).label("has_twin"),
    )
    .select_from(ContentPiece)
    .outerjoin(
        SocialAccount,
        and_(
            SocialAccount.workspace_id == ContentPiece.workspace_id,
            among(SocialAccount.id, "account_ids"),
        ),
    )
).where(
    ContentPiece.id == bindparam("piece_id"),
    ContentPiece.workspace_id == bindparam("workspace_id"),
    ContentPiece.deleted_at.is_(None),
)
# A twin of a post is what the index would not have let be: its own row is none, and
# neither is one that was meant.
_OF_POSTS = _with_surroundings(
    select(
        *_KNOWN,
        Post.id.label("post_id"),
        Post.format,
        Post.settings,
        Post.caption.label("sent_caption"),
        Post.content_hash.label("sent_hash"),
        Post.scheduled_at,
        # What waits beside it would only keep it waiting, too: what is out counts.
        planned(Other.id != Post.id, Other.status.in_(OUT)).label("planned"),
        and_(
            ~Post.allow_duplicate,
            _twin(Post.content_hash, Other.id != Post.id, ~Other.allow_duplicate),
        ).label("has_twin"),
    )
    .select_from(Post)
    .join(ContentPiece, ContentPiece.id == Post.piece_id)
    .join(SocialAccount, SocialAccount.id == Post.account_id)
).where(among(Post.id, "post_ids"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAsset:
    """A file in its place in a piece."""

    position: int
    alt_text: str | None
    width: int | None
    height: int | None
    duration_ms: int | None
    frames_per_s: float | None
    size_bytes: int
    is_video: bool
    is_ready: bool
    is_ai: bool
    is_let_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTarget:
    """All that is stored of a piece, an account, and what surrounds them."""

    account_id: UUID
    platform: Platform
    account_avatar_id: UUID | None
    """Whose account it is; None if it is no avatar's own."""
    account_status: AccountStatus
    token_ends: datetime | None
    can_refresh: bool
    piece_id: UUID
    avatar_id: UUID
    access: PieceAccess
    caption: str
    hashtags: list[str]
    content_hash: bytes
    approved_by: int | None
    is_approved: bool
    """The piece as it is now; the table has it that this is what was approved."""
    words_are_let_out: bool
    shown: Sequence[ShownAsset]
    """In their order."""
    is_on_stage: bool
    has_sheet: bool
    is_attested: bool
    profile_is_let_out: bool
    is_paused: bool
    planned: Sequence[datetime]
    has_twin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPost(KnownTarget):
    """The same of a post, with what it has taken along."""

    post_id: UUID
    format: PostFormat
    settings: dict[str, Any]
    sent_caption: str
    sent_hash: bytes
    scheduled_at: datetime


class PostFactRepository:
    """What the rules of publishing look at."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of_targets(
        self,
        member: Member,
        piece_id: UUID,
        account_ids: Sequence[UUID],
        *,
        besides: UUID | None = None,
    ) -> dict[UUID, KnownTarget]:
        """Return what is known of a piece and each account; leave one post out of it.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
            SocialAccountNotFoundError: the workspace lacks one of the accounts.
        """
        rows = await self._connection.all(
            _OF_TARGETS,
            workspace_id=member.workspace_id,
            piece_id=piece_id,
            account_ids=list(account_ids),
            besides=besides,
        )
        if not rows:
            raise PieceNotFoundError
        found = {row["account_id"]: row for row in rows if row["account_id"]}
        if found.keys() != set(account_ids):
            raise SocialAccountNotFoundError
        return {key: KnownTarget(**_read(dict(row))) for key, row in found.items()}

    async def of_posts(self, post_ids: Sequence[UUID]) -> list[KnownPost]:
        """Return what is known of posts, of whichever workspace: it is for a worker."""
        rows = await self._connection.all(_OF_POSTS, post_ids=list(post_ids))
        return [KnownPost(**_read(dict(row))) for row in rows]


def _read(row: dict[str, Any]) -> dict[str, Any]:
    shown = [ShownAsset(**asset) for asset in row["shown"] or ()]
    return row | {"shown": sorted(shown, key=lambda asset: asset.position)}
