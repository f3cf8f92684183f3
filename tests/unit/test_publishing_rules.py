"""What keeps a post from being published, and what would help."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vixenbliss.models.posts import PostFormat
from vixenbliss.models.social_accounts import AccountStatus, Platform
from vixenbliss.providers.oauth import Quota
from vixenbliss.providers.publishing import Facts, Wishes
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
PICTURE = Shown(width=1080, height=1350, is_ready=True, is_ai=True, alt_text="waves")
FILM = Shown(
    width=1080,
    height=1920,
    is_ready=True,
    is_ai=True,
    is_video=True,
    duration_s=12,
    frames_per_s=30,
    size_bytes=9_000_000,
)
FEED = Candidate(
    platform=Platform.INSTAGRAM,
    format=PostFormat.FEED,
    caption="A slow morning by the sea",
    pictures=[PICTURE],
    is_approved=True,
    is_publishable=True,
    is_presentable=True,
    is_for_all=True,
    is_paused=False,
    account_id=UUID(int=1),
    is_of_its_avatar=True,
    account_status=AccountStatus.CONNECTED,
    token_ends=NOW + 30 * DAY,
    can_refresh=True,
    facts=Facts(quota=Quota(100, 3, DAY)),
    scheduled_at=NOW + timedelta(hours=6),
    now=NOW,
    is_duplicate=False,
)
REEL = replace(FEED, format=PostFormat.REEL, pictures=[FILM])
STORY = replace(FEED, format=PostFormat.STORY, pictures=[FILM])
CREATOR = Facts(
    quota=Quota(15, None, DAY),
    privacy_levels=("PUBLIC_TO_EVERYONE", "SELF_ONLY"),
    longest_video_s=300,
)
PUBLIC = Wishes(privacy_level="PUBLIC_TO_EVERYONE")
PHOTO = replace(
    FEED,
    platform=Platform.TIKTOK,
    format=PostFormat.PHOTO,
    facts=CREATOR,
    wishes=PUBLIC,
)
CLIP = replace(PHOTO, format=PostFormat.VIDEO, pictures=[FILM])
ALL = {"feed": FEED, "reel": REEL, "story": STORY, "photo": PHOTO, "video": CLIP}
BROKEN: dict[str, Callable[[Candidate], Candidate]] = {
    "approval": lambda one: replace(one, is_approved=False),
    "policy": lambda one: replace(one, is_publishable=False),
    "avatar": lambda one: replace(one, is_presentable=False),
    "access": lambda one: replace(one, is_for_all=False),
    "paused": lambda one: replace(one, is_paused=True),
    "account": lambda one: replace(one, account_status=AccountStatus.NEEDS_REAUTH),
    "account_avatar": lambda one: replace(one, is_of_its_avatar=False),
    "token": lambda one: replace(one, token_ends=NOW, can_refresh=False),
    "time": lambda one: replace(one, scheduled_at=NOW - DAY),
    "quota": lambda one: replace(one, facts=Facts(quota=Quota(100, 100, DAY))),
    "duplicate": lambda one: replace(one, is_duplicate=True),
    "pictures": lambda one: replace(
        one, pictures=[replace(one.pictures[0], is_ready=False)]
    ),
    "count": lambda one: replace(one, pictures=[]),
    "caption": lambda one: replace(one, caption="a" * 4_001),
}


def broken_rules(candidate: Candidate) -> list[str]:
    return [one.rule for one in findings(candidate) if one.level is Level.ERROR]


@pytest.mark.parametrize("candidate", ALL.values(), ids=ALL)
def test_a_post_that_keeps_every_rule_is_clean(candidate: Candidate) -> None:
    found = findings(candidate)

    assert is_clean(found)
    assert broken_rules(candidate) == []


@pytest.mark.parametrize("candidate", ALL.values(), ids=ALL)
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
def test_instagram_has_rules_of_its_own(changes: dict[str, Any], rule: str) -> None:
    assert broken_rules(replace(FEED, **changes)) == [rule]


def test_a_story_may_be_as_tall_as_a_telephone() -> None:
    tall = replace(PICTURE, width=1080, height=1920)

    assert broken_rules(replace(FEED, format=PostFormat.STORY, pictures=[tall])) == []


@pytest.mark.parametrize("count", [2, 10])
def test_a_carousel_takes_two_to_ten(count: int) -> None:
    wanted = replace(FEED, format=PostFormat.CAROUSEL, pictures=[PICTURE] * count)

    assert broken_rules(wanted) == []


def test_a_quota_that_is_free_again_by_then_keeps_nobody() -> None:
    spent = Facts(quota=Quota(100, 100, DAY))

    found = broken_rules(replace(FEED, facts=spent, scheduled_at=NOW + 2 * DAY))

    assert found == []


@pytest.mark.parametrize("facts", [None, Facts()])
def test_a_quota_that_nobody_tells_is_no_error(facts: Facts | None) -> None:
    found = findings(replace(FEED, facts=facts))

    assert [(one.rule, one.level) for one in found] == [("quota", Level.WARNING)]


def test_one_too_many_says_which_it_would_be_and_when_there_is_room() -> None:
    told = Facts(quota=Quota(100, 100, DAY))

    (found,) = findings(replace(FEED, facts=told))

    assert found.message == (
        "It would be the 101st post within 24 hours; 100 are allowed."
    )
    assert found.fix == "The earliest time is 2026-11-22T12:00:00Z."


@pytest.mark.parametrize(
    ("candidate", "changes", "rule"),
    [
        (REEL, {"duration_s": 2.9}, "duration"),
        (REEL, {"duration_s": 900.1}, "duration"),
        (REEL, {"duration_s": 0}, "duration"),
        (REEL, {"size_bytes": 300_000_001}, "size"),
        (REEL, {"width": 1_921}, "width"),
        (REEL, {"frames_per_s": 22.9}, "frame_rate"),
        (STORY, {"frames_per_s": 60.1}, "frame_rate"),
        (CLIP, {"frames_per_s": 0}, "frame_rate"),
        (STORY, {"duration_s": 60.1}, "duration"),
        (STORY, {"size_bytes": 100_000_001}, "size"),
        (CLIP, {"duration_s": 300.1}, "duration"),
        (CLIP, {"duration_s": 0}, "duration"),
        (CLIP, {"size_bytes": 4_000_000_001}, "size"),
        (CLIP, {"width": 359}, "width"),
        (CLIP, {"height": 4_097}, "width"),
    ],
    ids=str,
)
def test_a_video_keeps_to_its_format(
    candidate: Candidate, changes: dict[str, Any], rule: str
) -> None:
    film = replace(FILM, **changes)

    assert broken_rules(replace(candidate, pictures=[film])) == [rule]


@pytest.mark.parametrize(
    ("candidate", "changes"),
    [
        (REEL, {"duration_s": 3, "width": 1_920, "height": 1_080}),
        (REEL, {"duration_s": 900, "size_bytes": 300_000_000}),
        (REEL, {"frames_per_s": 24_000 / 1_001}),
        (CLIP, {"frames_per_s": 60.04}),
        (STORY, {"duration_s": 60, "size_bytes": 100_000_000}),
        (CLIP, {"duration_s": 0.5, "width": 360, "height": 4_096}),
        (CLIP, {"duration_s": 300, "size_bytes": 4_000_000_000}),
    ],
    ids=str,
)
def test_a_video_may_go_to_the_limit(
    candidate: Candidate, changes: dict[str, Any]
) -> None:
    film = replace(FILM, **changes)

    assert broken_rules(replace(candidate, pictures=[film])) == []


@pytest.mark.parametrize(
    ("longest_s", "duration_s", "rules"),
    [
        (None, 600, []),
        (None, 600.1, ["duration"]),
        (3_600, 600.1, ["duration"]),
        (60, 60.1, ["duration"]),
    ],
)
def test_a_creator_may_be_allowed_less_than_tiktok_allows(
    longest_s: int | None, duration_s: float, rules: list[str]
) -> None:
    facts = replace(CREATOR, longest_video_s=longest_s)
    film = replace(FILM, duration_s=duration_s)

    assert broken_rules(replace(CLIP, facts=facts, pictures=[film])) == rules


@pytest.mark.parametrize(
    ("candidate", "pictures", "rule"),
    [
        (FEED, [FILM], "kind"),
        (REEL, [PICTURE], "kind"),
        (REEL, [FILM, FILM], "count"),
        (STORY, [FILM, PICTURE], "count"),
        (PHOTO, [PICTURE, FILM], "kind"),
        (CLIP, [PICTURE], "kind"),
        (CLIP, [FILM, FILM], "count"),
        (PHOTO, [PICTURE] * 36, "count"),
        (PHOTO, [replace(PICTURE, width=1080, height=1921)], "ratio"),
        (PHOTO, [replace(PICTURE, width=500, height=1921)], "ratio"),
        (PHOTO, [replace(PICTURE, width=2160, height=3842)], "ratio"),
    ],
    ids=str,
)
def test_a_format_takes_what_it_takes(
    candidate: Candidate, pictures: list[Shown], rule: str
) -> None:
    assert broken_rules(replace(candidate, pictures=pictures)) == [rule]


@pytest.mark.parametrize("size", [(2160, 3840), (4000, 3000), (100, 1920)])
def test_photos_are_made_no_wider_than_tiktok_takes_them(size: tuple[int, int]) -> None:
    large = replace(PICTURE, width=size[0], height=size[1])

    assert broken_rules(replace(PHOTO, pictures=[large] * 35)) == []


@pytest.mark.parametrize("candidate", [REEL, CLIP], ids=["reel", "video"])
@pytest.mark.parametrize(
    ("cover_ms", "rules"), [(0, []), (11_999, []), (12_000, ["cover"]), (-1, ["cover"])]
)
def test_a_cover_is_a_moment_of_its_video(
    candidate: Candidate, cover_ms: int, rules: list[str]
) -> None:
    wishes = replace(PUBLIC, cover_ms=cover_ms)

    assert broken_rules(replace(candidate, wishes=wishes)) == rules


@pytest.mark.parametrize(
    ("wishes", "rules"),
    [
        ({"privacy_level": None}, ["privacy"]),
        ({"privacy_level": "FOLLOWER_OF_CREATOR"}, ["privacy"]),
        ({"privacy_level": "SELF_ONLY"}, []),
        (
            {"privacy_level": "SELF_ONLY", "branded_content": True},
            ["branded_content"],
        ),
        ({"privacy_level": "SELF_ONLY", "own_brand": True}, []),
        ({"branded_content": True}, []),
        ({"mode": "upload"}, ["disclosure"]),
    ],
    ids=str,
)
@pytest.mark.parametrize("candidate", [PHOTO, CLIP], ids=["photo", "video"])
def test_tiktok_wants_to_be_told_who_sees_it(
    candidate: Candidate, wishes: dict[str, Any], rules: list[str]
) -> None:
    assert broken_rules(replace(candidate, wishes=replace(PUBLIC, **wishes))) == rules


@pytest.mark.parametrize(
    "candidate", [FEED, REEL, STORY], ids=["feed", "reel", "story"]
)
def test_a_partnership_that_instagram_is_not_told_is_named(
    candidate: Candidate,
) -> None:
    wishes = replace(candidate.wishes, branded_content=True)

    (found,) = findings(replace(candidate, wishes=wishes))

    assert (found.rule, found.level) == ("branded_content", Level.WARNING)
    assert "Instagram's app" in found.fix


def test_a_level_is_only_checked_where_levels_are_told() -> None:
    wishes = Wishes(privacy_level="FOLLOWER_OF_CREATOR")
    spent = replace(CREATOR, privacy_levels=None)

    assert broken_rules(replace(PHOTO, wishes=wishes, facts=spent)) == []


def test_drafts_are_not_offered_even_of_what_nobody_generated() -> None:
    wishes = replace(PUBLIC, mode="upload")
    real = replace(FILM, is_ai=False)

    assert broken_rules(replace(CLIP, wishes=wishes, pictures=[real])) == ["mode"]


@pytest.mark.parametrize(
    ("candidate", "rules"),
    [
        (CLIP, ["comments", "duets", "stitches"]),
        (PHOTO, ["comments"]),
        (replace(CLIP, platform=Platform.INSTAGRAM, format=PostFormat.REEL), []),
    ],
    ids=["video", "photo", "reel"],
)
def test_what_a_creator_has_turned_off_cannot_be_wished(
    candidate: Candidate, rules: list[str]
) -> None:
    closed = replace(
        CREATOR, comments_are_off=True, duets_are_off=True, stitches_are_off=True
    )
    wishes = replace(PUBLIC, comments=True, duets=True, stitches=True)

    assert broken_rules(replace(candidate, facts=closed, wishes=wishes)) == rules


def test_what_a_creator_has_turned_off_may_be_left_off() -> None:
    closed = replace(
        CREATOR, comments_are_off=True, duets_are_off=True, stitches_are_off=True
    )
    wishes = replace(PUBLIC, comments=False)

    assert broken_rules(replace(CLIP, facts=closed, wishes=wishes)) == []


def test_what_tiktok_asks_is_not_asked_of_instagram() -> None:
    wishes = Wishes(mode="upload")

    assert findings(replace(REEL, wishes=wishes)) == []


@pytest.mark.parametrize(
    ("candidate", "caption", "rules"),
    [
        (CLIP, "a" * 2_200, []),
        (CLIP, "a" * 2_201, ["caption"]),
        (CLIP, "🔥" * 1_101, ["caption"]),
        (PHOTO, "🔥" * 2_000 + AI_TAG, ["caption"]),
        (PHOTO, "a" * (4_000 - len(AI_TAG) - 2), []),
        (PHOTO, "a" * (4_000 - len(AI_TAG) - 1), ["caption"]),
        (PHOTO, "", []),
        (FEED, "🔥" * 2_200, []),
    ],
    ids=range(8),
)
def test_words_are_counted_as_their_platform_counts(
    candidate: Candidate, caption: str, rules: list[str]
) -> None:
    assert broken_rules(replace(candidate, caption=caption)) == rules


@given(
    caption=st.text(max_size=60),
    ai=st.lists(st.booleans(), min_size=1, max_size=5),
    platform=st.sampled_from(Platform),
    form=st.sampled_from(PostFormat),
)
def test_nothing_of_a_machine_is_without_its_label(
    caption: str, ai: list[bool], platform: Platform, form: PostFormat
) -> None:
    pictures = [replace(PICTURE, is_ai=is_ai) for is_ai in ai]
    candidate = replace(
        FEED, platform=platform, format=form, caption=caption, pictures=pictures
    )

    text = labelled(candidate)

    assert candidate.is_ai is any(ai)
    assert text.startswith(caption)
    if any(ai) and (platform, form) == (Platform.TIKTOK, PostFormat.PHOTO):
        assert AI_TAG in text.split()
    else:
        assert text == caption


@pytest.mark.parametrize(
    ("caption", "text"),
    [
        ("Sea\n\n#sea #aigenerated", "Sea\n\n#sea #aigenerated"),
        ("Sea\n\n#AIGenerated\n\n", "Sea\n\n#AIGenerated\n\n"),
        ("This is not #AIGenerated", f"This is not #AIGenerated\n\n{AI_TAG}"),
        ("#AIGenerated\n\nIt is not", f"#AIGenerated\n\nIt is not\n\n{AI_TAG}"),
        ("#AIGenerated\u0301", f"#AIGenerated\u0301\n\n{AI_TAG}"),
        ("#AIGenerated\u200dX", f"#AIGenerated\u200dX\n\n{AI_TAG}"),
        ("x.example/#AIGenerated", f"x.example/#AIGenerated\n\n{AI_TAG}"),
        ("Sea #AIGeneratedArt", f"Sea #AIGeneratedArt\n\n{AI_TAG}"),
        ("Sea not#AIGenerated", f"Sea not#AIGenerated\n\n{AI_TAG}"),
        ("", AI_TAG),
    ],
)
def test_the_tag_is_there_once_and_as_itself(caption: str, text: str) -> None:
    tagged = labelled(replace(PHOTO, caption=caption))

    assert tagged == text
    assert labelled(replace(PHOTO, caption=tagged)) == tagged


def test_hashtags_come_below_the_words() -> None:
    assert caption_of("By the sea", ["sea", "dawn"]) == "By the sea\n\n#sea #dawn"
    assert caption_of("", ["sea"]) == "#sea"
    assert caption_of("By the sea", []) == "By the sea"
