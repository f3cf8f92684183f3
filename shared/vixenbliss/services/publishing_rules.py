"""The rules that a post has to keep, each with its way out. No I/O.

One list for two askers: the preflight shows all that is wrong, the worker stops at the
first error of the same list. Numbers are the platforms' own, from their references, or
stricter where they contradict themselves.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from vixenbliss.models.posts import PostFormat
from vixenbliss.models.social_accounts import AccountStatus, Platform
from vixenbliss.providers.publishing import Facts, Wishes

# Instagram, IG User/media: what a post may show and say.
INSTAGRAM_CAPTION = 2_200
INSTAGRAM_HASHTAGS = 30
INSTAGRAM_MENTIONS = 20
INSTAGRAM_ALT_TEXT = 1_000
INSTAGRAM_CAROUSEL = range(2, 11)
INSTAGRAM_TALLEST, INSTAGRAM_BROADEST = 4 / 5, 1.91
# TikTok, Content Posting API: photo posts.
TIKTOK_TITLE = 90
TIKTOK_DESCRIPTION = 4_000
TIKTOK_PHOTOS = range(1, 36)
LEAST_NOTICE = timedelta(minutes=-5)
"""How late a wish may be; what is earlier is a mistake in the date."""
FURTHEST = timedelta(days=365)
AI_TAG = "#AIGenerated"
"""What tells of a machine where a platform has no flag for it: TikTok's photos."""


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
    size_bytes: int = 0

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
    is_approved: bool
    """By somebody, and of exactly this content."""
    is_publishable: bool
    """By the policy gate, words and pictures."""
    is_presentable: bool
    """Its avatar: described, vouched for, active."""
    is_paused: bool
    """The workspace's kill switch."""
    account_id: UUID
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

    @property
    def is_ai(self) -> bool:
        """Whether a machine made any of it; nobody may say otherwise."""
        return any(picture.is_ai for picture in self.pictures)


type Rule = Callable[[Candidate], Iterator[Finding]]


def findings(candidate: Candidate) -> list[Finding]:
    """Return all that a post does not keep, the errors first."""
    found = [finding for rule in RULES for finding in rule(candidate)]
    return sorted(found, key=lambda finding: finding.level is not Level.ERROR)


def is_clean(found: Sequence[Finding]) -> bool:
    """Tell whether nothing keeps a post from being published."""
    return all(finding.level is not Level.ERROR for finding in found)


def caption_of(caption: str, hashtags: Sequence[str]) -> str:
    """Return the text that is sent: the words, and the hashtags below them."""
    tags = " ".join(f"#{tag}" for tag in hashtags)
    return "\n\n".join(filter(None, (caption, tags)))


def labelled(candidate: Candidate) -> str:
    """Return the caption with the tag that a platform without a flag needs."""
    if not candidate.is_ai or candidate.platform is not Platform.TIKTOK:
        return candidate.caption
    if AI_TAG.casefold() in candidate.caption.casefold():
        return candidate.caption
    return "\n\n".join(filter(None, (candidate.caption, AI_TAG)))


def _error(rule: str, message: str, fix: str) -> Finding:
    return Finding(rule, Level.ERROR, message, fix)


def _approval(candidate: Candidate) -> Iterator[Finding]:
    if not candidate.is_approved:
        message = "Nobody has approved exactly this content."
        yield _error("approval", message, "Submit the piece and have it approved.")


def _policy(candidate: Candidate) -> Iterator[Finding]:
    if not candidate.is_publishable:
        message = "The policy gate has not let all of it through."
        fix = "Change what it names, or have a verdict of review set aside."
        yield _error("policy", message, fix)
    if not candidate.is_presentable:
        message = "The avatar may not be shown."
        yield _error("avatar", message, "See what its activation says is missing.")


def _kill_switch(candidate: Candidate) -> Iterator[Finding]:
    if candidate.is_paused:
        message = "Publishing is paused in this workspace."
        yield _error("paused", message, "Resume publishing.")


def _account(candidate: Candidate) -> Iterator[Finding]:
    if candidate.account_status is AccountStatus.NEEDS_REAUTH:
        message = "The account's owner has to say yes again."
        yield _error("account", message, "Connect the account again.")
    elif candidate.account_status in (
        AccountStatus.DISABLED,
        AccountStatus.DISCONNECTED,
    ):
        message = f"The account is {candidate.account_status}."
        yield _error("account", message, "Enable or connect the account.")


def _token(candidate: Candidate) -> Iterator[Finding]:
    ends = candidate.token_ends
    if ends and ends <= candidate.scheduled_at and not candidate.can_refresh:
        message = "The account's token ends before that, and cannot be refreshed."
        yield _error("token", message, "Connect the account again before that.")


def _time(candidate: Candidate) -> Iterator[Finding]:
    ahead = candidate.scheduled_at - candidate.now
    if ahead < LEAST_NOTICE:
        yield _error("time", "That is in the past.", "Name a time to come, or now.")
    elif ahead > FURTHEST:
        yield _error("time", "That is more than a year ahead.", "Name an earlier day.")


def _quota(candidate: Candidate) -> Iterator[Finding]:
    quota = candidate.facts.quota if candidate.facts else None
    if quota is None:
        message = "The platform does not say how many posts are left."
        fix = "Nothing to do; it is asked again before the post is published."
        yield Finding("quota", Level.WARNING, message, fix)
        return
    is_within = candidate.scheduled_at - candidate.now < quota.per
    if quota.used is not None and quota.used >= quota.limit and is_within:
        hours = quota.per // timedelta(hours=1)
        message = f"The account has published {quota.used} of {quota.limit} posts."
        yield _error("quota", message, f"Choose a time {hours} hours from now.")


def _duplicate(candidate: Candidate) -> Iterator[Finding]:
    if candidate.is_duplicate:
        message = "The same content is on its way to this account, or there already."
        fix = "Change it, or say that you mean it with allow_duplicate."
        yield _error("duplicate", message, fix)


def _pictures(candidate: Candidate) -> Iterator[Finding]:
    if not all(picture.is_ready for picture in candidate.pictures):
        message = "A picture is not ready."
        yield _error("pictures", message, "Wait for the gate, or choose another.")


def _count(candidate: Candidate) -> Iterator[Finding]:
    count = len(candidate.pictures)
    allowed = _COUNTS.get((candidate.platform, candidate.format))
    if allowed is None:
        message = f"{candidate.platform} has no format {candidate.format}."
        yield _error("format", message, "Choose a format of that platform.")
    elif count not in allowed:
        message = f"{candidate.format} takes {_bounds(allowed)}, not {count}."
        yield _error("count", message, "Choose other pictures, or another format.")


def _words(candidate: Candidate) -> Iterator[Finding]:
    text = labelled(candidate)
    is_instagram = candidate.platform is Platform.INSTAGRAM
    longest = INSTAGRAM_CAPTION if is_instagram else TIKTOK_DESCRIPTION
    length = len(text) if is_instagram else len(text.encode("utf-16-le")) // 2
    if length > longest:
        message = f"The caption has {length} characters; {longest} are allowed."
        yield _error("caption", message, "Shorten it.")
    if is_instagram:
        yield from _signs("hashtags", text.count("#"), INSTAGRAM_HASHTAGS)
        yield from _signs("mentions", text.count("@"), INSTAGRAM_MENTIONS)


def _signs(rule: str, count: int, most: int) -> Iterator[Finding]:
    if count > most:
        message = f"There are {count} {rule}; {most} are allowed."
        yield _error(rule, message, "Leave some out.")


def _shapes(candidate: Candidate) -> Iterator[Finding]:
    if candidate.platform is not Platform.INSTAGRAM:
        return
    if candidate.format is PostFormat.STORY:
        return
    for number, picture in enumerate(candidate.pictures, 1):
        if not INSTAGRAM_TALLEST <= picture.ratio <= INSTAGRAM_BROADEST:
            message = f"Picture {number} is {picture.width} x {picture.height}."
            yield _error("ratio", message, "Crop it to between 4:5 and 1.91:1.")
        if len(picture.alt_text or "") > INSTAGRAM_ALT_TEXT:
            message = f"The alt text of picture {number} is too long."
            yield _error("alt_text", message, f"Keep to {INSTAGRAM_ALT_TEXT}.")


def _disclosure(candidate: Candidate) -> Iterator[Finding]:
    """Say how the label will be told; it cannot be left off."""
    if candidate.is_ai and candidate.platform is Platform.TIKTOK:
        message = "TikTok has no AI flag for photos; the caption will say it."
        fix = f"Nothing to do; {AI_TAG} is added unless it is there."
        yield Finding("disclosure", Level.WARNING, message, fix)


def _bounds(allowed: range) -> str:
    least, most = allowed[0], allowed[-1]
    return f"{least}" if least == most else f"{least} to {most}"


_COUNTS = {
    (Platform.INSTAGRAM, PostFormat.FEED): range(1, 2),
    (Platform.INSTAGRAM, PostFormat.STORY): range(1, 2),
    (Platform.INSTAGRAM, PostFormat.CAROUSEL): INSTAGRAM_CAROUSEL,
    (Platform.TIKTOK, PostFormat.PHOTO): TIKTOK_PHOTOS,
}
RULES: Sequence[Rule] = (
    _kill_switch,
    _approval,
    _policy,
    _account,
    _token,
    _time,
    _quota,
    _duplicate,
    _pictures,
    _count,
    _words,
    _shapes,
    _disclosure,
)
