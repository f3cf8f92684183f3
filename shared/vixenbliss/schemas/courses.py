"""Courses, as the outside sees them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from vixenbliss.models.academy import CourseAccess, CourseStatus
from vixenbliss.schemas.base import (
    NFC,
    SLUG,
    UNSENT,
    Input,
    Output,
    PageQuery,
    SerialId,
    line,
    text,
)
from vixenbliss.schemas.classes import ClassListed
from vixenbliss.schemas.links import PublicUrl

MAX_TEACHERS = 20
MAX_SLUG = 255


def _with_a_letter(slug: str) -> str:
    if slug.replace("-", "").isdigit():
        message = "needs a letter: ids are all digits"
        raise ValueError(message)
    return slug


def _each_once(ids: list[int]) -> list[int]:
    if len(set(ids)) < len(ids):
        message = "names a teacher twice"
        raise ValueError(message)
    return ids


CourseName = Annotated[str, line(at_least=1, at_most=255), NFC]
Description = Annotated[str, text(at_least=1, at_most=5_000), NFC]
CourseSlug = Annotated[
    str, Field(max_length=MAX_SLUG, pattern=SLUG), AfterValidator(_with_a_letter)
]
TeacherIds = Annotated[
    list[Annotated[SerialId, Field(strict=True)]],
    Field(max_length=MAX_TEACHERS),
    AfterValidator(_each_once),
]
"""The first one is named first."""


class CourseCreate(Input):
    """A new course, which nobody outside sees before it is published."""

    name: CourseName
    description: Description
    thumbnail: PublicUrl
    slug: CourseSlug | None = None
    """Made from the name, if nothing is said."""
    access: CourseAccess = CourseAccess.FREE
    teacher_ids: TeacherIds = Field(default_factory=list)


class CourseUpdate(Input):
    """What may change about a course; what is left out stays."""

    name: CourseName = UNSENT
    description: Description = UNSENT
    thumbnail: PublicUrl = UNSENT
    slug: CourseSlug = UNSENT
    access: CourseAccess = UNSENT
    teacher_ids: TeacherIds = UNSENT


class CourseQuery(PageQuery):
    """Which courses are wanted."""

    q: Annotated[str, line(at_most=100), NFC] | None = None
    """A part of the name, in whatever case."""
    teacher_id: SerialId | None = None


class CourseRead(Output):
    """A course in a list."""

    id: int
    name: str
    description: str
    thumbnail: str
    slug: str


class CourseDetail(CourseRead):
    """A course with who teaches it, its classes in their order, and its rating."""

    teacher_id: list[int]
    """The same as ``teacher_ids``: the contract has both."""
    teacher_ids: list[int]
    classes: list[ClassListed]
    average_rating: float
    """To two decimals; 0 while nobody has rated it."""
    total_ratings: int


class CourseWritten(CourseDetail):
    """A course as those see it who make it."""

    workspace_id: UUID
    status: CourseStatus
    access: CourseAccess
    version: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
