"""The academy: courses, their classes, who teaches them and what they are rated."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Uuid,
    func,
    text,
)

from vixenbliss.models.base import (
    Base,
    Born,
    Mapped,
    Touched,
    Version,
    mapped_column,
    one_of,
    within,
)

_SLUG = "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'"


class Teacher(Base):
    """Somebody who teaches; perhaps an avatar."""

    __tablename__ = "teachers"

    id: Mapped[int] = mapped_column(Integer(), Identity(), primary_key=True)
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    name: Mapped[str]
    email: Mapped[str] = mapped_column(String(320))
    avatar_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("avatars.id"), index=True
    )
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        within("name", at_least=1, at_most=255),
        Index(
            "uq_teachers_email",
            "workspace_id",
            func.lower(email),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )


class CourseStatus(StrEnum):
    """Who may see a course."""

    DRAFT = "draft"
    PUBLISHED = "published"


class CourseAccess(StrEnum):
    """Who may open its classes."""

    FREE = "free"
    PAID = "paid"
    """Whoever holds a grant for the benefit of kind ``course`` that names it."""


class Course(Base):
    """A course, found by its slug, which is never all digits: ids share its place."""

    __tablename__ = "courses"

    id: Mapped[int] = mapped_column(Integer(), Identity(), primary_key=True)
    workspace_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("workspaces.id"), index=True
    )
    name: Mapped[str]
    description: Mapped[str]
    thumbnail: Mapped[str] = mapped_column(String(500))
    slug: Mapped[str] = mapped_column(String(255))
    status: Mapped[CourseStatus] = mapped_column(server_default=CourseStatus.DRAFT)
    access: Mapped[CourseAccess] = mapped_column(server_default=CourseAccess.FREE)
    version: Mapped[Version]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]
    published_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("status", CourseStatus),
        one_of("access", CourseAccess),
        within("name", at_least=1, at_most=255),
        within("description", at_least=1, at_most=5_000),
        CheckConstraint(f"{_SLUG} AND slug ~ '[a-z]'", name="slug_spelled"),
        CheckConstraint(
            "(status = 'published') = (published_at IS NOT NULL)",
            name="published_has_a_time",
        ),
        Index(
            "uq_courses_slug",
            "slug",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "ix_courses_published",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("deleted_at IS NULL AND status = 'published'"),
        ),
    )


class CourseTeacher(Base):
    """Who teaches what."""

    __tablename__ = "course_teachers"

    course_id: Mapped[int] = mapped_column(
        Integer(), ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True
    )
    teacher_id: Mapped[int] = mapped_column(
        Integer(), ForeignKey("teachers.id"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(server_default="0")


class Lesson(Base):
    """A class of a course, as the outside calls it."""

    __tablename__ = "lessons"

    id: Mapped[int] = mapped_column(Integer(), Identity(), primary_key=True)
    course_id: Mapped[int] = mapped_column(
        Integer(), ForeignKey("courses.id", ondelete="CASCADE")
    )
    position: Mapped[int] = mapped_column(server_default="0")
    name: Mapped[str]
    description: Mapped[str]
    slug: Mapped[str] = mapped_column(String(255))
    video_url: Mapped[str] = mapped_column(String(500))
    duration_s: Mapped[int | None]
    is_preview: Mapped[bool] = mapped_column(server_default="false")
    """Open to anybody, though the course is not."""
    available_after_days: Mapped[int] = mapped_column(server_default="0")
    """How many days after somebody has enrolled it opens."""
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        within("name", at_least=1, at_most=255),
        within("description", at_least=1, at_most=5_000),
        CheckConstraint(_SLUG, name="slug_spelled"),
        CheckConstraint("duration_s >= 0", name="lasts_some_time"),
        CheckConstraint(
            "available_after_days BETWEEN 0 AND 365", name="opens_some_day"
        ),
        Index(
            "uq_lessons_slug",
            "course_id",
            "slug",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_lessons_order", "course_id", "position", "id"),
    )


class CourseRating(Base):
    """What somebody thinks of a course: one to five, once."""

    __tablename__ = "course_ratings"

    id: Mapped[int] = mapped_column(Integer(), Identity(), primary_key=True)
    course_id: Mapped[int] = mapped_column(
        Integer(), ForeignKey("courses.id", ondelete="CASCADE")
    )
    user_id: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"), index=True)
    rating: Mapped[int]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("rating BETWEEN 1 AND 5", name="one_to_five"),
        Index(
            "uq_course_ratings_live",
            "course_id",
            "user_id",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )
