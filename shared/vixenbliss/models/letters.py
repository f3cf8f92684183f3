"""The letters table: mail that somebody is to get, each letter once."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text

from vixenbliss.models.base import Base, Born, Id, Mapped, mapped_column, one_of


class LetterKind(StrEnum):
    """What a letter is about."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a letter, no password
    CHANGE_EMAIL = "change_email"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - likewise
    EMAIL_CHANGED = "email_changed"
    INVITATION = "invitation"
    EXPORT_READY = "export_ready"
    ERASED = "erased"


class LetterStatus(StrEnum):
    """Whether a letter has left."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Letter(Base):
    """A letter. It holds no secret: a token in it is made when it is sent."""

    __tablename__ = "letters"

    id: Mapped[Id]
    kind: Mapped[LetterKind]
    user_id: Mapped[int | None] = mapped_column(
        Integer(), ForeignKey("users.id"), index=True
    )
    """None where the address is nobody's yet."""
    email: Mapped[str] = mapped_column(String(320))
    subject_id: Mapped[UUID | None]
    """The row that it is about: an invitation, a data request."""
    status: Mapped[LetterStatus] = mapped_column(server_default=LetterStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(server_default="0")
    message_id: Mapped[str | None] = mapped_column(String(120))
    """How SES names what it has taken."""
    error_code: Mapped[str | None] = mapped_column(String(60))
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    check_at: Mapped[datetime | None]
    """When the sweep is to look whether it has left; None when it has ended."""
    created_at: Mapped[Born]
    sent_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("kind", LetterKind),
        one_of("status", LetterStatus),
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent_once"),
        CheckConstraint(
            "(lease_token IS NULL) = (lease_until IS NULL)", name="lease_is_whole"
        ),
        Index(
            "ix_letters_check_at",
            "check_at",
            postgresql_where=text("check_at IS NOT NULL"),
        ),
    )
