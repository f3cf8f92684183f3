"""The openings: that people have opened what they hold, for when it is disputed."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, Uuid

from vixenbliss.models.base import Base, Born, Mapped, mapped_column


class Opening(Base):
    """A holder has opened a piece on a day (UTC), once or often."""

    __tablename__ = "openings"

    user_id: Mapped[int] = mapped_column(
        Integer(), ForeignKey("users.id"), primary_key=True
    )
    piece_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("content_pieces.id"), primary_key=True, index=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    created_at: Mapped[Born]
    """When it was first opened on that day."""
