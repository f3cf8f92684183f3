"""What publishing pictures has in common wherever it is done.

A platform is asked in two steps where it can be: what is prepared may be prepared again
and is seen by nobody; what is published is published once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Failure(StrEnum):
    """What is to be done about a platform's no."""

    RETRY = "retry"
    FIX_CONTENT = "fix_content"
    REAUTHENTICATE = "reauthenticate"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, at an address from which the platform fetches it itself."""

    url: str
    alt_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be published.

    ``is_ai`` comes from the pictures' own records and has no default: nothing leaves
    without somebody having said what it is.
    """

    pictures: Sequence[Picture]
    caption: str
    is_ai: bool
    is_story: bool = False


class Stage(StrEnum):
    """How far a platform has come with what was prepared."""

    PREPARING = "preparing"
    READY = "ready"
    PUBLISHED = "published"
    LOST = "lost"
    """It failed or is too old; another one may be prepared."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """How what was prepared stands, and the platform's code where it went wrong."""

    stage: Stage
    their_code: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """A post as the platform shows it."""

    id: str
    caption: str
    published_at: datetime
    permalink: str | None
    is_labelled_ai: bool | None
    """What the platform says of the label; None where it does not say."""
