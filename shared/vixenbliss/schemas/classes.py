"""Classes of courses, as the outside sees them."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from vixenbliss.schemas.base import (
    NFC,
    SLUG,
    UNSENT,
    Flag,
    Input,
    Output,
    SerialId,
    line,
    text,
)
from vixenbliss.schemas.links import PublicUrl

MAX_CLASSES = 200
"""How many a course has at most; they are all told at once."""
LONGEST_S = 24 * 60 * 60
MOST_DAYS = 365


def _each_once(ids: list[int]) -> list[int]:
    if len(set(ids)) < len(ids):
        message = "names a class twice"
        raise ValueError(message)
    return ids


ClassName = Annotated[str, line(at_least=1, at_most=255), NFC]
ClassText = Annotated[str, text(at_least=1, at_most=5_000), NFC]
ClassSlug = Annotated[str, Field(max_length=255, pattern=SLUG)]
Position = Annotated[int, Field(strict=True, ge=0, lt=MAX_CLASSES)]
"""Its place in the course, from 0; beyond the last one is at the end."""
Days = Annotated[int, Field(strict=True, ge=0, le=MOST_DAYS)]
Duration = Annotated[int, Field(strict=True, ge=0, le=LONGEST_S)]


class ClassCreate(Input):
    """A new class of a course."""

    name: ClassName
    description: ClassText
    video_url: PublicUrl
    slug: ClassSlug | None = None
    """Made from the name, if nothing is said."""
    position: Position | None = None
    """At the end, if nothing is said."""
    duration_s: Duration | None = None
    is_preview: Flag = False
    available_after_days: Days = 0


class ClassUpdate(Input):
    """What may change about a class; what is left out stays, null empties."""

    name: ClassName = UNSENT
    description: ClassText = UNSENT
    video_url: PublicUrl = UNSENT
    slug: ClassSlug = UNSENT
    position: Position = UNSENT
    duration_s: Duration | None = UNSENT
    is_preview: Flag = UNSENT
    available_after_days: Days = UNSENT


class ClassOrder(Input):
    """All classes of a course, in the order that they are to have."""

    ids: Annotated[
        list[Annotated[SerialId, Field(strict=True)]],
        Field(max_length=MAX_CLASSES),
        AfterValidator(_each_once),
    ]


class ClassListed(Output):
    """A class in its course's list."""

    id: int
    name: str
    description: str
    slug: str


class ClassRead(ClassListed):
    """A class as somebody sees it who may open it."""

    video_url: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class ClassWritten(ClassRead):
    """A class as those see it who make it."""

    position: int
    duration_s: int | None
    is_preview: bool
    available_after_days: int
