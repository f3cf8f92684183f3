"""What TikTok wants to be told, and what it lets a creator do. No I/O.

Its Content Sharing Guidelines and the references of direct posts and of photos. What is
wished for another platform is not looked at.
"""

from collections.abc import Iterator, Sequence
from typing import get_args

from vixenbliss.models.posts import PostFormat
from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.publishing import Facts, PrivacyLevel
from vixenbliss.services.candidates import (
    AI_TAG,
    Candidate,
    Finding,
    Rule,
    error,
    needs_tag,
    warning,
)

EVERY_LEVEL: tuple[str, ...] = get_args(PrivacyLevel.__value__)


def _privacy(candidate: Candidate) -> Iterator[Finding]:
    level, facts = candidate.wishes.privacy_level, candidate.facts
    told = facts.privacy_levels if facts else None
    fix = f"Choose one of {', '.join(EVERY_LEVEL if told is None else told)}."
    if level is None:
        yield error("privacy", "Nobody has said who is to see it.", fix)
    elif told is not None and level not in told:
        yield error("privacy", f"The account does not offer {level}.", fix)


def _partnership(candidate: Candidate) -> Iterator[Finding]:
    wishes = candidate.wishes
    if wishes.branded_content and wishes.privacy_level == "SELF_ONLY":
        message = "A paid partnership cannot be for one pair of eyes."
        yield error("branded_content", message, "Let others see it, too.")


def _company(candidate: Candidate) -> Iterator[Finding]:
    """Find what is wished of others that the creator has turned off."""
    wishes, facts = candidate.wishes, candidate.facts or Facts()
    is_video = candidate.format is PostFormat.VIDEO
    unwanted = {
        "comments": wishes.comments and facts.comments_are_off,
        "duets": is_video and wishes.duets and facts.duets_are_off,
        "stitches": is_video and wishes.stitches and facts.stitches_are_off,
    }
    for name in (name for name, is_unwanted in unwanted.items() if is_unwanted):
        message = f"The account has turned {name} off."
        yield error(name, message, f"Wish for no {name}, or turn them on in TikTok.")


def _mode(candidate: Candidate) -> Iterator[Finding]:
    if candidate.wishes.mode == "direct":
        return
    fix = "Publish it directly."
    if candidate.is_ai:
        message = "A draft loses the label that a machine made it."
        yield error("disclosure", message, fix)
    else:
        yield error("mode", "Drafts in TikTok's inbox are not offered.", fix)


def _disclosure(candidate: Candidate) -> Iterator[Finding]:
    """Say how the label will be told; it cannot be left off."""
    if needs_tag(candidate):
        message = "TikTok has no AI flag for photos; the caption will say it."
        fix = f"Nothing to do; {AI_TAG} is added unless it is among the hashtags."
        yield warning("disclosure", message, fix)


def tiktok_rules(candidate: Candidate) -> Iterator[Finding]:
    """Find what TikTok would not take, of what goes there."""
    if candidate.platform is Platform.TIKTOK:
        for rule in _RULES:
            yield from rule(candidate)


_RULES: Sequence[Rule] = (_privacy, _partnership, _company, _mode, _disclosure)
