"""The user_sessions table: one row a sign-in, whose refresh token keeps changing."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.dialects.postgresql import INET

from vixenbliss.models.base import Base, Born, Id, Mapped, mapped_column


class UserSession(Base):
    """A refresh-token family.

    Only hashes are kept: of what all tokens of the family share, which tells a token
    that was spent from one that never was ours; of the current token; and of the one
    before it, so that a client whose answer was lost is told apart from a thief.
    """

    __tablename__ = "user_sessions"
    __table_args__ = (CheckConstraint("expires_at > created_at", name="expires_later"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(
        Integer(), ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    family_hash: Mapped[bytes]
    refresh_hash: Mapped[bytes]
    previous_hash: Mapped[bytes | None]
    rotated_at: Mapped[datetime | None]
    user_agent: Mapped[str | None] = mapped_column(String(255))
    ip: Mapped[str | None] = mapped_column(INET)
    created_at: Mapped[Born]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
