"""What publishing has in common wherever it is done.

Before the one call that cannot be taken back, everything may be done again and is seen
by nobody; after it, a platform is only read. Where the line runs differs: Instagram
publishes a container, TikTok begins with a video's bytes, or with a photo's address.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol

from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderUnavailableError,
)
from vixenbliss.models.posts import Failure, PostFormat
from vixenbliss.providers.oauth import Quota

type Admit = Callable[[str], Awaitable[None]]
"""Counts a call that the platform counts; raises ``RateLimitedError`` if it may not."""
FLEETING = (OutcomeUnknownError, ProviderUnavailableError)
"""Errors that pass, unless a code that is known says otherwise: a gateway's own words
are no code of the platform's."""
type PrivacyLevel = Literal[
    "PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"
]


HANDLES_LAST = timedelta(hours=23)
"""How long what is prepared is good for, where a platform keeps it for a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What may be chosen for a post. What is not of its platform is not looked at."""

    mode: Literal["direct", "upload"] = "direct"
    """Published at once, or left in the creator's TikTok inbox to be finished there."""
    privacy_level: PrivacyLevel | None = None
    """TikTok: who sees it; there is no default, its guidelines want somebody's word."""
    comments: bool = True
    duets: bool = False
    stitches: bool = False
    music: bool = False
    """TikTok adds music to photos."""
    branded_content: bool = False
    """A paid partnership."""
    own_brand: bool = False
    """It promotes the creator's own business."""
    share_to_feed: bool = True
    """Instagram shows a reel in the feed, too."""
    cover_ms: int | None = None
    """At which moment a video shows its cover."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, at an address from which the platform fetches it itself."""

    url: str
    alt_text: str | None = None


@dataclass(frozen=True, slots=True)
class Video:
    """A video: its address, and a way to read some of its bytes (first, last)."""

    url: str
    size_bytes: int
    content_type: str
    read: Callable[[int, int], Awaitable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be published: pictures, or one video.

    ``is_ai`` comes from the files' own records and has no default: nothing leaves
    without somebody having said what it is.
    """

    format: PostFormat
    caption: str
    is_ai: bool
    pictures: Sequence[Picture] = ()
    video: Video | None = None
    wishes: Wishes = field(default_factory=Wishes)


class Stage(StrEnum):
    """How far a platform has come."""

    PREPARING = "preparing"
    READY = "ready"
    """It waits for the one call, and has not had it."""
    PUBLISHED = "published"
    LOST = "lost"
    """It will never be a post."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What stands ready for the one call.

    Without an end it is good for this try alone: what else belongs to it is told to
    nobody and kept nowhere.
    """

    handle: str | None = None
    expires_at: datetime | None = None
    upload_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """What the one call was answered with; either may be told only later."""

    handle: str | None = None
    post_id: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """A post as the platform shows it; None for what it does not tell."""

    id: str | None
    published_at: datetime | None = None
    permalink: str | None = None
    is_labelled_ai: bool | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a post, by the platform's word."""

    stage: Stage
    their_code: str = ""
    failure: Failure | None = None
    """What is to be done about it where it is lost."""
    published: Published | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What an account may do now; None for what its platform does not tell."""

    quota: Quota | None = None
    privacy_levels: tuple[str, ...] | None = None
    longest_video_s: int | None = None
    comments_are_off: bool = False
    duets_are_off: bool = False
    stitches_are_off: bool = False


class Publisher(Protocol):
    """Publishes for one account. Every method may raise ``ProviderError``."""

    can_delete: bool
    """Whether a post can be taken back by us."""

    async def facts(self) -> Facts:
        """Return what the account may do now."""
        ...

    async def prepare(self, order: Order) -> Prepared:
        """Do what may be done again, and count the one call; seen by nobody."""
        ...

    async def readiness(self, handle: str) -> Outcome:
        """Return whether what was prepared waits for the one call.

        What is not found is lost, and prepared anew.
        """
        ...

    async def publish(self, order: Order, prepared: Prepared) -> Sent:
        """Make the one call, and nothing before it that may fail by itself.

        Never twice for one post, unless it was refused.

        Raises:
            OutcomeUnknownError: it may have had its effect.
            ProviderError: it had none; see ``failure_of``.
        """
        ...

    async def outcome(self, handle: str, *, caption: str, since: datetime) -> Outcome:
        """Return what became of the one call, which was made after ``since``.

        Raises:
            ProviderError: that is not told, also of what is not found: it stays open.
        """
        ...

    async def read_back(self, post_id: str) -> Published:
        """Return a post as the platform shows it."""
        ...

    async def delete(self, post_id: str) -> None:
        """Take a post back; one that is gone already is gone."""
        ...

    def failure_of(self, error: ProviderError) -> Failure:
        """Return what is to be done about an error; one that passes is tried again."""
        ...

    def rest_for(self, error: ProviderError) -> timedelta | None:
        """Return for how long an error wants the account left alone, if it does."""
        ...
