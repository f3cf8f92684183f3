"""What is looked at before something is published, and what is found."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from vixenbliss.models.posts import PostFormat
from vixenbliss.models.social_accounts import AccountStatus, Platform
from vixenbliss.providers.publishing import Facts, Wishes

AI_TAG = "#AIGenerated"
"""What tells of a machine where a platform has no flag for it: TikTok's photos."""
_PLAIN_SPACE = re.compile("[ \n]+")


class Level(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a post does not keep, and what would help."""

    rule: str
    level: Level
    message: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A picture or a video of a piece, as far as the rules look at it."""

    width: int
    height: int
    is_ready: bool
    is_ai: bool
    alt_text: str | None = None
    is_video: bool = False
    duration_s: float = 0
    frames_per_s: float = 0
    size_bytes: int = 0
    """Of a video; pictures are made anew for each platform."""

    @property
    def ratio(self) -> float:
        """Width over height."""
        return self.width / self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A piece on its way to an account, and what is known of both."""

    platform: Platform
    format: PostFormat
    caption: str
    """As it will be sent: the piece's words and its hashtags."""
    pictures: Sequence[Shown]
    """What it shows; a video is one of them."""
    is_approved: bool
    """By somebody, and of exactly this content."""
    is_publishable: bool
    """By the policy gate, words and pictures."""
    is_presentable: bool
    """Its avatar: described, vouched for, active."""
    is_for_all: bool
    """Not only for members, or for who pays."""
    is_paused: bool
    """The workspace's kill switch."""
    account_id: UUID
    is_of_its_avatar: bool
    """Whether the account is the piece's avatar's, or no avatar's own."""
    account_status: AccountStatus
    token_ends: datetime | None
    can_refresh: bool
    facts: Facts | None
    """What the platform says of the account; None where it did not."""
    planned: Sequence[datetime] = ()
    """When other posts appear on the account: those of the last day, and to come."""
    wishes: Wishes = field(default_factory=Wishes)
    scheduled_at: datetime
    now: datetime
    is_duplicate: bool
    has_time: bool = True
    """Whether the account has a free time, where one was asked for."""

    @property
    def is_ai(self) -> bool:
        """Whether a machine made any of it; nobody may say otherwise."""
        return any(picture.is_ai for picture in self.pictures)


type Rule = Callable[[Candidate], Iterator[Finding]]


def error(rule: str, message: str, fix: str) -> Finding:
    """Return a finding that keeps a post from being published."""
    return Finding(rule, Level.ERROR, message, fix)


def warning(rule: str, message: str, fix: str) -> Finding:
    """Return a finding that keeps no post from anything."""
    return Finding(rule, Level.WARNING, message, fix)


def caption_of(caption: str, hashtags: Sequence[str]) -> str:
    """Return the text that is sent: the words, and the hashtags below them."""
    tags = " ".join(f"#{tag}" for tag in hashtags)
    return "\n\n".join(filter(None, (caption, tags)))


class Captioned(Protocol):
    """Words on their way to a platform: a candidate's, or a post's."""

    @property
    def platform(self) -> Platform:
        """Where they go."""

    @property
    def format(self) -> PostFormat:
        """As what they go."""

    @property
    def caption(self) -> str:
        """All of them."""

    @property
    def is_ai(self) -> bool:
        """Whether a machine made any of what they stand below."""


def needs_tag(post: Captioned) -> bool:
    """Tell whether only words can say that a machine made it."""
    is_photo = post.format is PostFormat.PHOTO
    return post.is_ai and is_photo and post.platform is Platform.TIKTOK


def labelled(post: Captioned) -> str:
    """Return the caption with the tag that a post without a flag needs."""
    if not needs_tag(post) or _is_tagged(post.caption):
        return post.caption
    return "\n\n".join(filter(None, (post.caption, AI_TAG)))


def _is_tagged(caption: str) -> bool:
    """Tell whether the tag is among the hashtags below the words, as itself.

    Within a sentence it may say the contrary, and be no tag to the platform.
    """
    below = caption.strip(" \n").rsplit("\n\n", maxsplit=1)[-1]
    tags = _PLAIN_SPACE.split(below)
    is_there = AI_TAG.lower() in map(str.lower, tags)
    return is_there and all(tag.startswith("#") for tag in tags)
