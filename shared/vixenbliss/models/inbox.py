"""The inbox: what people write to an account, each thing once."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, Uuid

from vixenbliss.models.base import (
    Base,
    Born,
    Id,
    Mapped,
    mapped_column,
    one_of,
    within,
)


class ThreadKind(StrEnum):
    """How somebody turned to an account."""

    COMMENT = "comment"
    MENTION = "mention"
    DIRECT = "direct"


class InboxThread(Base):
    """A conversation: below a post, around a mention, or in private."""

    __tablename__ = "inbox_threads"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    account_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("social_accounts.id"))
    kind: Mapped[ThreadKind]
    external_id: Mapped[str] = mapped_column(String(160))
    """The first comment's id, the medium that mentions, or who writes in private."""
    media_id: Mapped[str | None] = mapped_column(String(120))
    """What it is below of, by the platform's name."""
    participant_id: Mapped[str | None] = mapped_column(String(120))
    participant: Mapped[str | None] = mapped_column(String(120))
    last_message_at: Mapped[datetime]
    created_at: Mapped[Born]

    __table_args__ = (
        one_of("kind", ThreadKind),
        UniqueConstraint("account_id", "kind", "external_id"),
        Index("ix_inbox_threads_workspace_id", "workspace_id", "last_message_at", "id"),
    )


class InboxMessage(Base):
    """Something somebody wrote, known by the platform's own id for it."""

    __tablename__ = "inbox_messages"

    id: Mapped[Id]
    thread_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("inbox_threads.id", ondelete="CASCADE")
    )
    external_id: Mapped[str] = mapped_column(String(255))
    author_id: Mapped[str | None] = mapped_column(String(120))
    author: Mapped[str | None] = mapped_column(String(120))
    body: Mapped[str]
    revision: Mapped[int] = mapped_column(server_default="0")
    """Which edit this is; the latest counts, in whatever order they are told."""
    sent_at: Mapped[datetime]
    created_at: Mapped[Born]

    __table_args__ = (
        UniqueConstraint("thread_id", "external_id"),
        within("body", at_most=10_000),
    )
