"""Nothing that a machine made leaves without saying so, whatever it becomes.

What is looked at is what the platforms' stand-ins were sent.
"""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from tests.support.offers import FILM, PICTURE, candidate, order_of, publisher
from tests.support.world import World
from vixenbliss.errors import ProviderRefusedError
from vixenbliss.loop import run
from vixenbliss.models.posts import PostFormat
from vixenbliss.models.social_accounts import Platform
from vixenbliss.services.media_rules import FORMATS
from vixenbliss.services.publishing_rules import (
    AI_TAG,
    Candidate,
    Shown,
    findings,
    is_clean,
)

CAPTIONS = ("", "By the sea", f"By the sea {AI_TAG}")
IN_AN_INBOX = ("inbox.video.init", "video.init", "content.init")


def offers() -> list[Candidate]:
    """Return everything that may be published: each file from a machine, or not."""
    found = []
    for (platform, form), takes in FORMATS.items():
        kinds = [PICTURE] * takes.pictures + [FILM] * takes.videos
        counts = sorted({takes.counts[0], min(takes.counts[-1], 3)})
        for kind, count, caption in product(kinds, counts, CAPTIONS):
            for made in product((True, False), repeat=count):
                shown: list[Shown] = [replace(kind, is_ai=one) for one in made]
                found.append(candidate(platform, form, caption=caption, pictures=shown))
    return found


def name(offered: Candidate) -> str:
    made = "".join("a" if one.is_ai else "h" for one in offered.pictures)
    kind = "film" if offered.pictures[0].is_video else "picture"
    words = CAPTIONS.index(offered.caption)
    return f"{offered.platform}-{offered.format}-{kind}-{made}-{words}"


OFFERS = offers()
OF_INSTAGRAM = [one for one in OFFERS if one.platform is Platform.INSTAGRAM]
CLIPS = [one for one in OFFERS if one.format is PostFormat.VIDEO]
PHOTOS = [one for one in OFFERS if one.format is PostFormat.PHOTO]


def send(world: World, offered: Candidate) -> None:
    """Have something published, as far as its label is told."""
    there, order = publisher(world, offered.platform), order_of(offered)
    prepared = run(there.prepare(order))
    if offered.format is PostFormat.PHOTO:
        run(there.publish(order, prepared))


def told_tiktok(world: World) -> dict[str, Any]:
    """Return what TikTok was told of the one post there."""
    (post,) = world.see("tiktok", "posts")
    info = post["post_info"]
    assert isinstance(info, dict)
    return info


def test_everything_that_may_be_published_is_tried() -> None:
    tried = {(one.platform, one.format) for one in OFFERS}

    assert tried == set(FORMATS)
    assert {one.is_ai for one in OFFERS} == {True, False}


@pytest.mark.parametrize("offered", OF_INSTAGRAM, ids=name)
def test_instagram_is_told_of_the_whole_and_never_of_a_part(
    world: World, aws: dict[str, str], offered: Candidate
) -> None:
    send(world, offered)

    asked = [one["asked"] for one in world.see("instagram", "containers")]
    parts = [one for one in asked if one.get("is_carousel_item") == "true"]
    (whole,) = [one for one in asked if one not in parts]
    assert whole["is_ai_generated"] == ("true" if offered.is_ai else "false")
    assert len(parts) == (len(offered.pictures) if len(asked) > 1 else 0)
    assert not any("is_ai_generated" in part for part in parts)


@pytest.mark.parametrize("offered", CLIPS, ids=name)
def test_tiktok_is_told_of_videos_by_its_flag(
    world: World, aws: dict[str, str], offered: Candidate
) -> None:
    send(world, offered)

    info = told_tiktok(world)
    assert info["is_aigc"] is offered.is_ai
    assert info["title"] == offered.caption


@pytest.mark.parametrize("offered", PHOTOS, ids=name)
def test_tiktok_is_told_of_photos_in_words(
    world: World, aws: dict[str, str], offered: Candidate
) -> None:
    send(world, offered)

    words = told_tiktok(world)["description"].split()
    assert (AI_TAG in words) is (offered.is_ai or AI_TAG in offered.caption)
    assert not offered.is_ai or words[-1] == AI_TAG


@pytest.mark.parametrize(
    "offered",
    [one for one in (*CLIPS, *PHOTOS) if not one.caption],
    ids=name,
)
def test_nothing_leaves_where_its_label_would_be_lost(
    world: World, aws: dict[str, str], offered: Candidate
) -> None:
    draft = replace(offered, wishes=replace(offered.wishes, mode="upload"))

    with pytest.raises(ProviderRefusedError):
        send(world, draft)

    assert not is_clean(findings(draft))
    assert [one for call in IN_AN_INBOX for one in world.calls("tiktok", call)] == []
