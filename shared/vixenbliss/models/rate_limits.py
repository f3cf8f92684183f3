"""The rate_limits table: how often something was tried, in a window of time."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String

from vixenbliss.models.base import Base, Mapped, mapped_column


class RateLimit(Base):
    """A counter; ``bucket`` says of what and by whom, with addresses hashed."""

    __tablename__ = "rate_limits"
    __table_args__ = (
        CheckConstraint("hits >= 0", name="hits_not_negative"),
        Index("ix_rate_limits_ends_at", "ends_at"),
    )

    bucket: Mapped[str] = mapped_column(String(160), primary_key=True)
    ends_at: Mapped[datetime]
    """When the window ends; the next try after that begins another."""
    hits: Mapped[int]
