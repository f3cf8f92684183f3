"""What keeps a post from being published, and what would help."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vixenbliss.models.posts import PostFormat
from vixenbliss.models.social_accounts import AccountStatus, Platform
from vixenbliss.providers.oauth import Quota
from vixenbliss.services.publishing_rules import (
    AI_TAG,
    Candidate,
    Level,
    Shown,
    caption_of,
    findings,
    is_clean,
    labelled,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PICTURE = Shown(1080, 1350, is_ready=True, is_ai=True, alt_text="waves")
FEED = Candidate(
    platform=Platform.INSTAGRAM,
    format=PostFormat.FEED,
    caption="A slow morning by the sea",
    pictures=[PICTURE],
    is_approved=True,
    is_publishable=True,
    is_presentable=True,
    is_paused=False,
    account_id=UUID(int=1),
    account_status=AccountStatus.CONNECTED,
    token_ends=NOW + 30 * DAY,
    can_refresh=True,
    quota=Quota(100, 3, DAY),
    scheduled_at=NOW + timedelta(hours=6),
    now=NOW,
    is_duplicate=False,
)
PHOTO = replace(FEED, platform=Platform.TIKTOK, format=PostFormat.PHOTO)
BROKEN: dict[str, Callable[[Candidate], Candidate]] = {
    "approval": lambda one: replace(one, is_approved=False),
    "policy": lambda one: replace(one, is_publishable=False),
    "avatar": lambda one: replace(one, is_presentable=False),
    "paused": lambda one: replace(one, is_paused=True),
    "account": lambda one: replace(one, account_status=AccountStatus.NEEDS_REAUTH),
    "token": lambda one: replace(one, token_ends=NOW, can_refresh=False),
    "time": lambda one: replace(one, scheduled_at=NOW - DAY),
    "quota": lambda one: replace(one, quota=Quota(100, 100, DAY)),
    "duplicate": lambda one: replace(one, is_duplicate=True),
    "pictures": lambda one: replace(one, pictures=[replace(PICTURE, is_ready=False)]),
    "count": lambda one: replace(one, pictures=[]),
    "caption": lambda one: replace(one, caption="a" * 4_001),
}


def broken_rules(candidate: Candidate) -> list[str]:
    return [one.rule for one in findings(candidate) if one.level is Level.ERROR]


@pytest.mark.parametrize("candidate", [FEED, PHOTO], ids=["instagram", "tiktok"])
def test_a_post_that_keeps_every_rule_is_clean(candidate: Candidate) -> None:
    found = findings(candidate)

    assert is_clean(found)
    assert broken_rules(candidate) == []


@pytest.mark.parametrize("candidate", [FEED, PHOTO], ids=["instagram", "tiktok"])
@pytest.mark.parametrize("rule", BROKEN)
def test_what_is_broken_is_named_and_comes_with_a_way_out(
    candidate: Candidate, rule: str
) -> None:
    found = findings(BROKEN[rule](candidate))

    assert not is_clean(found)
    assert [one.rule for one in found if one.level is Level.ERROR] == [rule]
    assert all(one.message and one.fix for one in found)


def test_all_that_is_wrong_is_said_at_once_and_errors_come_first() -> None:
    candidate = PHOTO
    for change in ("approval", "duplicate", "caption"):
        candidate = BROKEN[change](candidate)

    found = findings(candidate)

    assert [one.rule for one in found] == [
        "approval",
        "duplicate",
        "caption",
        "disclosure",
    ]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"format": PostFormat.PHOTO}, "format"),
        ({"format": PostFormat.CAROUSEL}, "count"),
        ({"pictures": [PICTURE] * 2}, "count"),
        ({"pictures": [replace(PICTURE, width=1080, height=1920)]}, "ratio"),
        ({"pictures": [replace(PICTURE, width=2000, height=1000)]}, "ratio"),
        ({"pictures": [replace(PICTURE, alt_text="a" * 1_001)]}, "alt_text"),
        ({"caption": " ".join(f"#tag{n}" for n in range(31))}, "hashtags"),
        ({"caption": "@luna " * 21}, "mentions"),
        ({"caption": "a" * 2_201}, "caption"),
        ({"scheduled_at": NOW + 366 * DAY}, "time"),
        ({"account_status": AccountStatus.DISABLED}, "account"),
    ],
    ids=str,
)
def test_instagram_has_rules_of_its_own(changes: dict[str, object], rule: str) -> None:
    assert broken_rules(replace(FEED, **changes)) == [rule]  # type: ignore[arg-type]  # of a table


def test_a_story_may_be_as_tall_as_a_telephone() -> None:
    tall = replace(PICTURE, width=1080, height=1920)

    assert broken_rules(replace(FEED, format=PostFormat.STORY, pictures=[tall])) == []


@pytest.mark.parametrize("count", [2, 10])
def test_a_carousel_takes_two_to_ten(count: int) -> None:
    wanted = replace(FEED, format=PostFormat.CAROUSEL, pictures=[PICTURE] * count)

    assert broken_rules(wanted) == []


def test_a_quota_that_is_free_again_by_then_keeps_nobody() -> None:
    spent = replace(FEED, quota=Quota(100, 100, DAY), scheduled_at=NOW + 2 * DAY)

    assert broken_rules(spent) == []


def test_a_quota_that_nobody_tells_is_no_error() -> None:
    found = findings(replace(FEED, quota=None))

    assert [(one.rule, one.level) for one in found] == [("quota", Level.WARNING)]


@given(
    caption=st.text(max_size=60),
    ai=st.lists(st.booleans(), min_size=1, max_size=5),
    platform=st.sampled_from(Platform),
)
def test_nothing_of_a_machine_is_without_its_label(
    caption: str, ai: list[bool], platform: Platform
) -> None:
    pictures = [replace(PICTURE, is_ai=is_ai) for is_ai in ai]
    candidate = replace(FEED, platform=platform, caption=caption, pictures=pictures)

    text = labelled(candidate)

    assert candidate.is_ai is any(ai)
    assert text.startswith(caption)
    if candidate.is_ai and platform is Platform.TIKTOK:
        assert AI_TAG.casefold() in text.casefold()
    else:
        assert text == caption


def test_hashtags_come_below_the_words() -> None:
    assert caption_of("By the sea", ["sea", "dawn"]) == "By the sea\n\n#sea #dawn"
    assert caption_of("", ["sea"]) == "#sea"
    assert caption_of("By the sea", []) == "By the sea"
