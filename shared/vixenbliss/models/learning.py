"""Who takes which course, and how far they have come."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    Uuid,
)

from vixenbliss.models.base import Base, Born, Id, Mapped, Touched, mapped_column


class Enrollment(Base):
    """A person in a course, once. What they hold decides whether it is open to them.

    Nothing here ends with a membership: who comes back goes on where they were.
    """

    __tablename__ = "enrollments"

    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(Integer(), ForeignKey("courses.id"))
    user_id: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    enrolled_at: Mapped[Born]
    completed_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("course_id", "user_id"),
        Index("ix_enrollments_user_id", "user_id", "enrolled_at"),
    )


class LessonProgress(Base):
    """How far somebody has come in a class, and where they go on."""

    __tablename__ = "lesson_progress"
    __table_args__ = (CheckConstraint("position_s >= 0", name="position_not_negative"),)

    enrollment_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("enrollments.id", ondelete="CASCADE"), primary_key=True
    )
    lesson_id: Mapped[int] = mapped_column(
        Integer(), ForeignKey("lessons.id"), primary_key=True, index=True
    )
    position_s: Mapped[int] = mapped_column(server_default="0")
    completed_at: Mapped[datetime | None]
    updated_at: Mapped[Touched]
