"""TikTok: a video's bytes become a post, photos do at once, or nothing does."""

from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import Set
from tests.support.tiktok import (
    CAPTION,
    CLIP,
    FILM,
    LONG,
    OK,
    PUBLIC,
    failing,
    outcome,
    photos_of_the_sea,
    publisher,
    sent,
    told,
    video,
)
from tests.support.world import World
from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderRefusedError,
    ProviderUnavailableError,
    RateLimitedError,
)
from vixenbliss.loop import run
from vixenbliss.models.posts import Failure
from vixenbliss.providers.publishing import (
    Order,
    Outcome,
    Prepared,
    Sent,
    Stage,
)
from vixenbliss.providers.tiktok_publishing import RATE_LIMITS, TikTokPublisher
from vixenbliss.settings import settings


@pytest.fixture
def counted() -> list[str]:
    """Return the calls that were counted, as they come."""
    return []


@pytest.fixture
def tiktok(world: World, counted: list[str]) -> TikTokPublisher:
    """An account that may publish."""
    return publisher(world, counted)


@pytest.fixture
def impatient(surroundings: Set) -> None:
    """Wait for no answer longer than a stand-in takes."""
    surroundings(REQUEST_TIMEOUT_S="0.3")


@pytest.fixture
def photos(aws: dict[str, str]) -> Order:
    """Photos, where TikTok finds them."""
    return photos_of_the_sea()


def test_a_video_is_announced_and_seen_by_nobody(
    tiktok: TikTokPublisher, world: World, counted: list[str]
) -> None:
    prepared = run(tiktok.prepare(CLIP))

    assert run(tiktok.readiness(prepared.handle or "")) == Outcome(Stage.READY)
    assert prepared.expires_at is None
    assert world.effects("tiktok", "video.upload") == []
    assert counted == ["init", "status"]
    assert set(counted) < set(RATE_LIMITS)


@pytest.mark.parametrize("content", [FILM, LONG], ids=["small", "in chunks"])
@pytest.mark.parametrize("is_ai", [True, False])
def test_a_video_becomes_a_post_with_its_label(
    tiktok: TikTokPublisher,
    world: World,
    content: bytes,
    is_ai: bool,  # noqa: FBT001 - parametrised
) -> None:
    handle = sent(tiktok, replace(CLIP, video=video(content), is_ai=is_ai))

    world.wait()
    assert outcome(tiktok, handle).stage is Stage.PUBLISHED
    assert told(world)["is_aigc"] is is_ai
    assert told(world)["files"][0]["size_bytes"] == len(content)
    assert len(world.effects("tiktok", "video.upload")) == 1


def test_a_video_says_what_was_wished(tiktok: TikTokPublisher, world: World) -> None:
    wishes = replace(PUBLIC, comments=False, duets=True, own_brand=True, cover_ms=900)

    run(tiktok.prepare(replace(CLIP, wishes=wishes)))

    assert told(world)["post_info"] == {
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "disable_comment": True,
        "brand_content_toggle": False,
        "brand_organic_toggle": True,
        "title": CAPTION,
        "disable_duet": False,
        "disable_stitch": True,
        "video_cover_timestamp_ms": 900,
        "is_aigc": True,
    }


def test_photos_are_on_their_way_with_one_call(
    tiktok: TikTokPublisher, world: World, photos: Order, counted: list[str]
) -> None:
    wishes = replace(PUBLIC, branded_content=True, music=True)

    handle = sent(tiktok, replace(photos, wishes=wishes))

    world.wait()
    assert counted == ["init"]
    assert outcome(tiktok, handle).stage is Stage.PUBLISHED
    assert len(world.effects("tiktok", "content.init")) == 1
    assert told(world)["urls"] == [one.url for one in photos.pictures]
    assert told(world)["post_info"] == {
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "disable_comment": False,
        "brand_content_toggle": True,
        "brand_organic_toggle": False,
        "title": "",
        "description": CAPTION,
        "auto_add_music": True,
    }


def test_photos_need_no_announcement(
    tiktok: TikTokPublisher, world: World, photos: Order
) -> None:
    prepared = run(tiktok.prepare(photos))

    assert prepared == Prepared()
    assert world.see("tiktok", "posts") == []


@pytest.mark.parametrize("is_photo", [False, True])
def test_nothing_is_left_in_an_inbox(
    tiktok: TikTokPublisher,
    world: World,
    photos: Order,
    is_photo: bool,  # noqa: FBT001 - parametrised
) -> None:
    order = replace(photos if is_photo else CLIP, wishes=replace(PUBLIC, mode="upload"))

    error = failing(tiktok, order)

    assert isinstance(error, ProviderRefusedError)
    assert tiktok.failure_of(error) is Failure.FIX_CONTENT
    assert world.see("tiktok", "posts") == []


BROKEN_CALLS: list[tuple[str, dict[str, Any]]] = [
    ("before", {}),
    ("after", {}),
    ("status", {"status": 500}),
    ("status_after", {"status": 500}),
    ("status_after", {"status": 409}),
    ("rubbish", {}),
    ("rubbish_before", {}),
    ("hang", {}),
    ("reply", {"body": {"data": {}, "error": OK}}),
    ("reply", {"body": {"data": {}, "error": {"code": "internal_error"}}}),
    ("reply", {"status": 503, "body": {"error": "Service Unavailable"}}),
]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("action", "more"), BROKEN_CALLS, ids=str)
def test_a_lost_announcement_is_made_again(
    tiktok: TikTokPublisher,
    world: World,
    action: str,
    more: dict[str, Any],
) -> None:
    world.fault("tiktok", "video.init", action, **more)

    error = failing(tiktok)

    assert isinstance(error, ProviderUnavailableError)
    assert tiktok.failure_of(error) is Failure.RETRY


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("action", "more"), BROKEN_CALLS, ids=str)
def test_photos_without_an_answer_may_be_a_post(
    tiktok: TikTokPublisher,
    world: World,
    photos: Order,
    action: str,
    more: dict[str, Any],
) -> None:
    world.fault("tiktok", "content.init", action, **more)

    error = failing(tiktok, photos)

    assert isinstance(error, OutcomeUnknownError)
    assert len(world.calls("tiktok", "content.init")) == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("action", "more"), BROKEN_CALLS, ids=str)
def test_a_status_that_is_not_told_is_asked_again(
    tiktok: TikTokPublisher,
    world: World,
    action: str,
    more: dict[str, Any],
) -> None:
    handle = sent(tiktok)
    world.wait()
    world.fault("tiktok", "status.fetch", action, **more)

    with pytest.raises((ProviderUnavailableError, OutcomeUnknownError)):
        outcome(tiktok, handle)

    assert outcome(tiktok, handle).stage is Stage.PUBLISHED


@pytest.mark.parametrize("call", ["video.init", "content.init"])
def test_a_no_under_the_status_of_a_yes_is_a_no(
    tiktok: TikTokPublisher, world: World, photos: Order, call: str
) -> None:
    code = "spam_risk_user_banned_from_posting"
    body = {"data": {"publish_id": "v_pub_1"}, "error": {"code": code, "message": ""}}
    world.fault("tiktok", call, "reply", body=body)

    error = failing(tiktok, CLIP if call == "video.init" else photos)

    assert isinstance(error, ProviderRefusedError)
    assert error.their_code == code
    assert tiktok.failure_of(error) is Failure.STOP


@pytest.mark.parametrize("is_photo", [False, True])
def test_too_many_calls_are_for_another_time(
    tiktok: TikTokPublisher,
    world: World,
    photos: Order,
    is_photo: bool,  # noqa: FBT001 - parametrised
) -> None:
    world.turn("tiktok", quotas={"inits_a_minute": 0})

    error = failing(tiktok, photos if is_photo else CLIP)

    assert isinstance(error, ProviderUnavailableError)
    assert error.their_code == "rate_limit_exceeded"
    assert tiktok.failure_of(error) is Failure.RETRY


@pytest.mark.parametrize("is_photo", [False, True])
def test_what_may_not_be_counted_is_not_prepared(
    world: World,
    photos: Order,
    is_photo: bool,  # noqa: FBT001 - parametrised
) -> None:
    async def admit(call: str) -> None:
        raise RateLimitedError("TikTok", wait_s=10)

    limited = TikTokPublisher(settings(), "act.x", admit)

    with pytest.raises(RateLimitedError):
        run(limited.prepare(photos if is_photo else CLIP))

    assert world.calls("tiktok", "video.init") == []


@pytest.mark.parametrize("is_photo", [False, True])
def test_nothing_is_counted_once_the_one_call_is_intended(
    tiktok: TikTokPublisher,
    photos: Order,
    counted: list[str],
    is_photo: bool,  # noqa: FBT001 - parametrised
) -> None:
    order = photos if is_photo else CLIP
    prepared = run(tiktok.prepare(order))
    counted.clear()

    run(tiktok.publish(order, prepared))

    assert counted == []


def test_a_sent_video_is_known_by_its_publish_id(tiktok: TikTokPublisher) -> None:
    prepared = run(tiktok.prepare(CLIP))

    assert run(tiktok.publish(CLIP, prepared)) == Sent(prepared.handle)
