"""The rules that a post has to keep, each with its way out. No I/O.

One list for two askers: the preflight shows all that is wrong, the worker stops at the
first error of the same list. Numbers are the platforms' own, from their references, or
stricter where they contradict themselves. What only a file's bytes tell is not here.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from vixenbliss.models.posts import PostFormat
from vixenbliss.models.social_accounts import AccountStatus, Platform
from vixenbliss.services.candidates import (
    AI_TAG,
    Candidate,
    Finding,
    Level,
    Rule,
    Shown,
    caption_of,
    error,
    labelled,
    warning,
)
from vixenbliss.services.media_rules import MEDIA_RULES
from vixenbliss.services.quota_rules import earliest, forecast, quota_rule
from vixenbliss.services.tiktok_rules import tiktok_rules

__all__ = [  # the one door to the rules, of which there are several files
    "AI_TAG",
    "Candidate",
    "Finding",
    "Level",
    "Shown",
    "caption_of",
    "earliest",
    "findings",
    "forecast",
    "is_clean",
    "labelled",
]

# Instagram, IG User/media: what a post may say.
INSTAGRAM_CAPTION = 2_200
INSTAGRAM_HASHTAGS = 30
INSTAGRAM_MENTIONS = 20
# TikTok, Content Posting API: the title of a video, the description of photos.
CAPTIONS = {PostFormat.VIDEO: 2_200, PostFormat.PHOTO: 4_000}
LEAST_NOTICE = timedelta(minutes=-5)
"""How late a wish may be; what is earlier is a mistake in the date."""
FURTHEST = timedelta(days=365)


def findings(candidate: Candidate) -> list[Finding]:
    """Return all that a post does not keep, the errors first."""
    found = [finding for rule in RULES for finding in rule(candidate)]
    return sorted(found, key=lambda finding: finding.level is not Level.ERROR)


def is_clean(found: Sequence[Finding]) -> bool:
    """Tell whether nothing keeps a post from being published."""
    return all(finding.level is not Level.ERROR for finding in found)


def _approval(candidate: Candidate) -> Iterator[Finding]:
    if not candidate.is_approved:
        message = "Nobody has approved exactly this content."
        yield error("approval", message, "Submit the piece and have it approved.")


def _policy(candidate: Candidate) -> Iterator[Finding]:
    if not candidate.is_publishable:
        message = "The policy gate has not let all of it through."
        fix = "Change what it names, or have a verdict of review set aside."
        yield error("policy", message, fix)
    if not candidate.is_presentable:
        message = "The avatar may not be shown."
        yield error("avatar", message, "See what its activation says is missing.")


def _access(candidate: Candidate) -> Iterator[Finding]:
    if not candidate.is_for_all:
        message = "The piece is not for everybody; posts are."
        yield error("access", message, "Make the piece public first.")


def _kill_switch(candidate: Candidate) -> Iterator[Finding]:
    if candidate.is_paused:
        message = "Publishing is paused in this workspace."
        yield error("paused", message, "Resume publishing.")


def _account(candidate: Candidate) -> Iterator[Finding]:
    if candidate.account_status is AccountStatus.NEEDS_REAUTH:
        message = "The account's owner has to say yes again."
        yield error("account", message, "Connect the account again.")
    elif candidate.account_status in (
        AccountStatus.DISABLED,
        AccountStatus.DISCONNECTED,
    ):
        message = f"The account is {candidate.account_status}."
        yield error("account", message, "Enable or connect the account.")
    if not candidate.is_of_its_avatar:
        message = "The account is another avatar's."
        fix = "Choose an account of the piece's avatar, or give it this one."
        yield error("account_avatar", message, fix)


def _token(candidate: Candidate) -> Iterator[Finding]:
    ends = candidate.token_ends
    if ends and ends <= candidate.scheduled_at and not candidate.can_refresh:
        message = "The account's token ends before that, and cannot be refreshed."
        yield error("token", message, "Connect the account again before that.")


def _time(candidate: Candidate) -> Iterator[Finding]:
    ahead = candidate.scheduled_at - candidate.now
    if ahead < LEAST_NOTICE:
        yield error("time", "That is in the past.", "Name a time to come, or now.")
    elif ahead > FURTHEST:
        yield error("time", "That is more than a year ahead.", "Name an earlier day.")


def _duplicate(candidate: Candidate) -> Iterator[Finding]:
    if candidate.is_duplicate:
        message = "The same content is on its way to this account, or there already."
        fix = "Change it, or say that you mean it with allow_duplicate."
        yield error("duplicate", message, fix)


def _words(candidate: Candidate) -> Iterator[Finding]:
    text = labelled(candidate)
    is_instagram = candidate.platform is Platform.INSTAGRAM
    longest = CAPTIONS.get(candidate.format, INSTAGRAM_CAPTION)
    length = len(text) if is_instagram else len(text.encode("utf-16-le")) // 2
    if length > longest:
        message = f"The caption has {length} characters; {longest} are allowed."
        yield error("caption", message, "Shorten it.")
    if is_instagram:
        yield from _signs("hashtags", text.count("#"), INSTAGRAM_HASHTAGS)
        yield from _signs("mentions", text.count("@"), INSTAGRAM_MENTIONS)


def _signs(rule: str, count: int, most: int) -> Iterator[Finding]:
    if count > most:
        message = f"There are {count} {rule}; {most} are allowed."
        yield error(rule, message, "Leave some out.")


def _partnership(candidate: Candidate) -> Iterator[Finding]:
    """Say what is left to somebody; TikTok's label is a rule of its own."""
    is_instagram = candidate.platform is Platform.INSTAGRAM
    if is_instagram and candidate.wishes.branded_content:
        message = (
            "Instagram's API with Instagram Login takes no paid partnership label."
        )
        fix = "Add the label in Instagram's app as soon as the post is there."
        yield warning("branded_content", message, fix)


RULES: Sequence[Rule] = (
    _kill_switch,
    _approval,
    _policy,
    _access,
    _account,
    _token,
    _time,
    quota_rule,
    _duplicate,
    *MEDIA_RULES,
    _words,
    _partnership,
    tiktok_rules,
)
