"""The posts: an approved piece on its way to an account, and the proof that it came."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text

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
    STORY = "story"
    PHOTO = "photo"


class PostStatus(StrEnum):
    """Where a post is on its way."""

    SCHEDULED = "scheduled"
    QUEUED = "queued"
    PUBLISHING = "publishing"
    PROCESSING = "processing"
    PUBLISHED = "published"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RECALLED = "recalled"


class ErrorClass(StrEnum):
    """What is to be done about a failure."""

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
    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id"))
    group_id: Mapped[UUID]
    avatar_id: Mapped[UUID] = mapped_column(ForeignKey("avatars.id"))
    piece_id: Mapped[UUID] = mapped_column(ForeignKey("content_pieces.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("social_accounts.id"))
    format: Mapped[PostFormat]
    settings: Mapped[Json] = mapped_column(server_default="{}")
    caption: Mapped[str]
    content_hash: Mapped[bytes]
    """Of the piece as it was approved."""
    is_ai: Mapped[bool]
    """From the assets; the platform is told, whoever asks for the post."""
    allow_duplicate: Mapped[bool] = mapped_column(server_default="false")

    status: Mapped[PostStatus] = mapped_column(server_default=PostStatus.SCHEDULED)
    scheduled_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default="0")
    container_id: Mapped[str | None] = mapped_column(String(120))
    container_expires_at: Mapped[datetime | None]
    publish_intent_at: Mapped[datetime | None]
    platform_post_id: Mapped[str | None] = mapped_column(String(120))
    permalink: Mapped[str | None] = mapped_column(String(512))
    label_read_back: Mapped[bool | None]
    """What the platform says of the AI label; None where it does not say."""
    request_sha256: Mapped[bytes | None]
    published_at: Mapped[datetime | None]
    recalled_at: Mapped[datetime | None]
    recall_note: Mapped[str | None] = mapped_column(String(300))
    error_class: Mapped[ErrorClass | None]
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None] = mapped_column(String(500))

    fence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    lease_until: Mapped[datetime | None]
    check_at: Mapped[datetime | None]
    """When the platform, or silence, is to be looked at."""
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    version: Mapped[Version]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        one_of("format", PostFormat),
        one_of("status", PostStatus),
        one_of("error_class", ErrorClass),
        within("caption", at_most=2_200),
        CheckConstraint(
            f"attempts BETWEEN 0 AND {MAX_POST_ATTEMPTS}", name="three_tries"
        ),
        CheckConstraint(
            "status NOT IN ('processing', 'published', 'unconfirmed')"
            " OR publish_intent_at IS NOT NULL",
            name="intent_comes_first",
        ),
        CheckConstraint(
            "status <> 'published' OR (platform_post_id IS NOT NULL"
            " AND published_at IS NOT NULL)",
            name="published_has_a_name",
        ),
        CheckConstraint(
            "status <> 'failed' OR error_code IS NOT NULL", name="failure_has_a_code"
        ),
        Index(
            "uq_posts_live_content",
            "account_id",
            "content_hash",
            unique=True,
            postgresql_where=text(
                "NOT allow_duplicate"
                " AND status NOT IN ('failed', 'cancelled', 'recalled')"
            ),
        ),
        Index(
            "uq_posts_platform_post_id",
            "account_id",
            "platform_post_id",
            unique=True,
            postgresql_where=text("platform_post_id IS NOT NULL"),
        ),
        Index(
            "ix_posts_due",
            "scheduled_at",
            postgresql_where=text("status = 'scheduled'"),
        ),
        Index("ix_posts_check_at", "check_at"),
        Index("ix_posts_workspace_id", "workspace_id", "scheduled_at", "id"),
        Index("ix_posts_piece_id", "piece_id"),
    )


class PostStep(StrEnum):
    """A call of the way to a post."""

    CONTAINER = "container"
    STATUS = "status"
    PUBLISH = "publish"
    READ_BACK = "read_back"
    RECALL = "recall"


class PostAttempt(Base):
    """A call to the platform about a post, and what came of it."""

    __tablename__ = "post_attempts"
    __table_args__ = (
        one_of("step", PostStep),
        one_of("error_class", ErrorClass),
        Index("ix_post_attempts_post_id", "post_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    step: Mapped[PostStep]
    http_status: Mapped[int | None]
    outcome: Mapped[str] = mapped_column(String(60))
    error_class: Mapped[ErrorClass | None]
    detail: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[Born]
