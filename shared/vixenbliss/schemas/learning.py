"""Who takes which course and how far they have come, as the outside sees it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from vixenbliss.schemas.base import SLUG, Flag, Input, Output

CourseSlug = Annotated[str, StringConstraints(pattern=SLUG, max_length=255)]


class EnrollmentStatus(StrEnum):
    """How somebody stands in a course, by what they hold just now."""

    ACTIVE = "active"
    COMPLETED = "completed"
    SUSPENDED = "suspended"
    """It is closed to them; what they have done is kept for when they come back."""


class CourseTaken(Output):
    """A course that somebody takes."""

    id: int
    slug: str
    name: str
    thumbnail: str


class LessonTaken(Output):
    """A class of it, and how far they have come."""

    id: int
    name: str
    slug: str
    duration_seconds: int | None
    position_seconds: int
    completed_at: datetime | None
    opens_at: datetime | None
    """Some days after they have enrolled; None if it has been open since then."""


class EnrollmentRead(Output):
    """Somebody in a course."""

    id: UUID
    course: CourseTaken
    ai_presented: bool
    """Whether one of its teachers is an avatar."""
    status: EnrollmentStatus
    percent: int
    """Of its classes, rounded down: 100 is all of them."""
    enrolled_at: datetime
    completed_at: datetime | None


class EnrollmentDetail(EnrollmentRead):
    """Somebody in a course, class by class."""

    next_class: LessonTaken | None
    """The first that they have not completed; None after the last one."""
    classes: list[LessonTaken]


class ProgressUpdate(Input):
    """Where somebody is in a class, and whether they are through with it."""

    position_seconds: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
    completed: Flag | None = None
    """Left out, it stays as it is; false takes it back."""


class ProgressRead(Output):
    """How far somebody has come in a course."""

    percent: int
