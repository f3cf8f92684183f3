"""The one_time_tokens table: what opens something once, sent by mail."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String

from vixenbliss.models.base import Base, Born, Id, Mapped, mapped_column, one_of


class TokenPurpose(StrEnum):
    """What a token is good for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, no password
    CHANGE_EMAIL = "change_email"


class OneTimeToken(Base):
    """A token that a user was sent; only its hash is kept.

    It is good for the address that it was sent to, as long as nothing newer is.
    """

    __tablename__ = "one_time_tokens"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(
        Integer(), ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[TokenPurpose]
    email: Mapped[str] = mapped_column(String(320))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[Born]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("purpose", TokenPurpose),
        CheckConstraint("expires_at > created_at", name="expires_later"),
    )
