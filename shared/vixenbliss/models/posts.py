"""The posts: an approved piece on its way to an account, and the proof that it came."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from vixenbliss.models.base import (
    Base,
    Born,
    Id,
    Json,
    Mapped,
    Touched,
    Version,
    mapped_column,
    one_of,
    within,
)

MAX_POST_ATTEMPTS = 3


class PostFormat(StrEnum):
    """What a piece becomes on a platform."""

    FEED = "feed"
    CAROUSEL = "carousel"
    REEL = "reel"
    STORY = "story"
    VIDEO = "video"
    PHOTO = "photo"


class PostStatus(StrEnum):
    """Where a post is on its way."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    PUBLISHING = "publishing"
    """Being prepared; nothing has been done that anybody could see."""
    PROCESSING = "processing"
    """The one call has been made, or not: from here on the platform is only read."""
    PUBLISHED = "published"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RECALLED = "recalled"


LIVE = (
    PostStatus.SCHEDULED,
    PostStatus.QUEUED,
    PostStatus.PUBLISHING,
    PostStatus.PROCESSING,
    PostStatus.PUBLISHED,
    PostStatus.UNCONFIRMED,
)
"""On its way, or there."""


class Failure(StrEnum):
    """What is to be done about a platform's no."""

    RETRY = "retry"
    FIX_CONTENT = "fix_content"
    REAUTHENTICATE = "reauthenticate"
    STOP = "stop"


class Post(Base):
    """One piece on one account.

    ``publish_intent_at`` is committed before the one call that cannot be taken back:
    from then on the platform is only read, and what it does not tell is `unconfirmed`.
    """

    __tablename__ = "posts"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    group_id: Mapped[UUID]
    """What was asked for together: one piece for several accounts."""
    avatar_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("avatars.id"))
    piece_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("content_pieces.id"))
    account_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("social_accounts.id"))
    format: Mapped[PostFormat]
    settings: Mapped[Json] = mapped_column(server_default="{}")
    caption: Mapped[str]
    """As it is sent: words, hashtags, and the tag that labels where no flag does."""
    content_hash: Mapped[bytes]
    """Of the piece as it was approved."""
    approved_by: Mapped[int | None] = mapped_column(Integer(), ForeignKey("users.id"))
    """Who has approved that: the piece's word, taken along with it."""
    is_ai: Mapped[bool]
    """From the assets; the platform is told, whoever asks for the post."""
    allow_duplicate: Mapped[bool] = mapped_column(server_default="false")

    status: Mapped[PostStatus] = mapped_column(server_default=PostStatus.SCHEDULED)
    scheduled_at: Mapped[datetime]
    """When somebody wished it to appear."""
    due_at: Mapped[datetime]
    """When it is to be tried: as wished, or later after a failed try."""
    attempts: Mapped[int] = mapped_column(server_default="0")
    handle: Mapped[str | None] = mapped_column(String(120))
    """How the platform knows it before it is a post: a container, a publish_id."""
    handle_expires_at: Mapped[datetime | None]
    publish_intent_at: Mapped[datetime | None]
    request_sha256: Mapped[bytes | None]
    """Of all that the platform was told, without the token."""
    platform_post_id: Mapped[str | None] = mapped_column(String(120))
    permalink: Mapped[str | None] = mapped_column(String(512))
    label_read_back: Mapped[bool | None]
    """What the platform says of the AI label; None where it does not say."""
    published_at: Mapped[datetime | None]
    recall_asked_at: Mapped[datetime | None]
    recall_reason: Mapped[str | None]
    recalled_at: Mapped[datetime | None]
    recall_note: Mapped[str | None] = mapped_column(String(300))
    """What of it could not be taken back, and who is to do it."""
    error_class: Mapped[Failure | None]
    error_code: Mapped[str | None] = mapped_column(String(60))
    """Ours, or the platform's own."""
    error_message: Mapped[str | None] = mapped_column(String(500))

    fence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    lease_until: Mapped[datetime | None]
    check_at: Mapped[datetime | None]
    """When somebody is to look whether it still moves; None when nothing is open."""
    created_by: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    version: Mapped[Version]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        one_of("format", PostFormat),
        one_of("status", PostStatus),
        one_of("error_class", Failure),
        within("caption", at_most=4_000),
        within("recall_reason", at_least=1, at_most=500),
        CheckConstraint(
            f"attempts BETWEEN 0 AND {MAX_POST_ATTEMPTS}", name="three_tries"
        ),
        CheckConstraint(
            "status NOT IN ('processing', 'published', 'unconfirmed')"
            " OR publish_intent_at IS NOT NULL",
            name="intent_comes_first",
        ),
        CheckConstraint(
            "status NOT IN ('draft', 'scheduled', 'queued', 'publishing')"
            " OR publish_intent_at IS NULL",
            name="intent_is_not_taken_back",
        ),
        CheckConstraint(
            "status <> 'published' OR published_at IS NOT NULL",
            name="published_has_a_time",
        ),
        CheckConstraint(
            "status <> 'failed' OR error_code IS NOT NULL", name="failure_has_a_code"
        ),
        CheckConstraint(
            "(status = 'recalled') = (recalled_at IS NOT NULL)", name="recalled_at_set"
        ),
        CheckConstraint("octet_length(content_hash) = 32", name="content_hash_length"),
        Index(
            "uq_posts_live_content",
            "account_id",
            "content_hash",
            unique=True,
            postgresql_where=text(
                "NOT allow_duplicate"
                " AND status NOT IN ('draft', 'failed', 'cancelled', 'recalled')"
            ),
        ),
        Index(
            "uq_posts_handle",
            "account_id",
            "handle",
            unique=True,
            postgresql_where=text("handle IS NOT NULL"),
        ),
        Index(
            "uq_posts_platform_post_id",
            "account_id",
            "platform_post_id",
            unique=True,
            postgresql_where=text("platform_post_id IS NOT NULL"),
        ),
        Index(
            "ix_posts_due_at",
            "due_at",
            postgresql_where=text("status = 'scheduled'"),
        ),
        Index(
            "ix_posts_unconfirmed",
            "publish_intent_at",
            postgresql_where=text("status = 'unconfirmed'"),
        ),
        Index(
            "ix_posts_check_at",
            "check_at",
            postgresql_where=text("check_at IS NOT NULL"),
        ),
        Index("ix_posts_workspace_id", "workspace_id", "scheduled_at", "id"),
        Index("ix_posts_account_id", "account_id", "scheduled_at"),
        Index(
            "ix_posts_appears_at",
            "account_id",
            text("coalesce(published_at, publish_intent_at, due_at)"),
        ),
        Index(
            "ix_posts_published_at",
            "published_at",
            postgresql_where=text("published_at IS NOT NULL"),
        ),
        Index("ix_posts_piece_id", "piece_id"),
        Index("ix_posts_avatar_id", "avatar_id"),
        Index("ix_posts_group_id", "group_id"),
    )


class PostStep(StrEnum):
    """A call of the way to a post, and back."""

    CHECK = "check"
    PREPARE = "prepare"
    READINESS = "readiness"
    PUBLISH = "publish"
    OUTCOME = "outcome"
    READ_BACK = "read_back"
    CONFIRM = "confirm"
    """Somebody has looked, and said how it is."""
    RECALL = "recall"


class PostAttempt(Base):
    """A step that a post has taken, or has not, and what came of it."""

    __tablename__ = "post_attempts"
    __table_args__ = (
        one_of("step", PostStep),
        one_of("error_class", Failure),
        Index("ix_post_attempts_post_id", "post_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    post_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("posts.id", ondelete="CASCADE")
    )
    attempt: Mapped[int]
    step: Mapped[PostStep]
    outcome: Mapped[str] = mapped_column(String(60))
    http_status: Mapped[int | None]
    error_class: Mapped[Failure | None]
    detail: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[Born]


class PostReceipt(Base):
    """What we say of a post that is there, as signed; the newest one counts.

    There is a second one where the platform tells the rest only later.
    """

    __tablename__ = "post_receipts"

    id: Mapped[Id]
    post_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("posts.id"), index=True)
    payload: Mapped[str]
    """Canonical JSON, the exact characters whose UTF-8 was signed."""
    signature: Mapped[bytes]
    key_id: Mapped[str] = mapped_column(String(120), ForeignKey("signing_keys.id"))
    created_at: Mapped[Born]


class PlatformCalls(Base):
    """When an account was last used for a call of which a platform counts."""

    __tablename__ = "platform_calls"

    account_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("social_accounts.id", ondelete="CASCADE"), primary_key=True
    )
    call: Mapped[str] = mapped_column(String(30), primary_key=True)
    made_at: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))
