"""Instagram: a file becomes a container, a container a post, and a post is found."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.support.world import World
from tests.unit.providers_standins.host import film, picture
from vixenbliss.clock import now
from vixenbliss.deadline import time_to_ask
from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
    RateLimitedError,
)
from vixenbliss.loop import run
from vixenbliss.models.posts import Failure, PostFormat
from vixenbliss.providers.instagram_publishing import (
    CONTAINER,
    RATE_LIMITS,
    InstagramPublisher,
)
from vixenbliss.providers.publishing import (
    Order,
    Outcome,
    Picture,
    Prepared,
    Published,
    Stage,
    Video,
    Wishes,
)
from vixenbliss.providers.s3 import Bucket
from vixenbliss.settings import settings

CAPTION = "A slow morning by the sea #vxpost-1"
FILM = film()
KINDS = ["one", "several", "reel", "story", "video story"]
SEEN_IN_LISTS = ["one", "several", "reel"]
type Orders = Mapping[str, Order]


async def no_bytes(first: int, last: int) -> bytes:
    raise AssertionError(f"Instagram fetches files itself, also {first} to {last}")


@pytest.fixture
def orders(aws: dict[str, str]) -> Orders:
    """What may be published, at addresses where Instagram finds it."""
    bucket = Bucket()
    run(bucket.put("renditions/sea.jpg", picture(), "image/jpeg"))
    run(bucket.put("renditions/sea.mp4", FILM, "video/mp4"))
    shown = Picture(bucket.link("renditions/sea.jpg")[0], "waves")
    url = bucket.link("renditions/sea.mp4")[0]
    video = Video(url, len(FILM), "video/mp4", no_bytes)
    one = Order(format=PostFormat.FEED, caption=CAPTION, is_ai=True, pictures=[shown])
    moving = replace(one, pictures=[], video=video)
    return {
        "one": one,
        "several": replace(one, format=PostFormat.CAROUSEL, pictures=[shown] * 3),
        "reel": replace(moving, format=PostFormat.REEL),
        "story": replace(one, format=PostFormat.STORY),
        "video story": replace(moving, format=PostFormat.STORY),
    }


@pytest.fixture
def counted() -> list[str]:
    """Return the calls that were counted, as they come."""
    return []


@pytest.fixture
def instagram(world: World, counted: list[str]) -> InstagramPublisher:
    """An account that may publish."""

    async def admit(call: str) -> None:
        counted.append(call)

    world.turn("instagram", image_s=0, video_s=0)
    given = world.tell("instagram", "tokens", username="luna.vega")
    token, user_id = given["access_token"], given["user_id"]
    return InstagramPublisher(settings(), token, user_id, admit)


def published(instagram: InstagramPublisher, order: Order) -> Published:
    """Publish something, and return it as Instagram shows it."""
    sent = run(instagram.publish(order, run(instagram.prepare(order))))
    assert sent.post_id is not None
    return run(instagram.read_back(sent.post_id))


def lost(instagram: InstagramPublisher, order: Order) -> Prepared:
    """Publish something, and hear nothing of it."""
    prepared = run(instagram.prepare(order))
    with pytest.raises(OutcomeUnknownError):
        run(instagram.publish(order, prepared))
    return prepared


def outcome(
    instagram: InstagramPublisher, prepared: Prepared, since: datetime
) -> Outcome:
    assert prepared.handle is not None
    return run(instagram.outcome(prepared.handle, caption=CAPTION, since=since))


def readiness(instagram: InstagramPublisher, order: Order) -> Outcome:
    """Return how a new container stands."""
    return run(instagram.readiness(run(instagram.prepare(order)).handle or ""))


def refusal(instagram: InstagramPublisher, order: Order) -> ProviderError:
    """Return why a container is not made."""
    with pytest.raises(ProviderError) as caught:
        run(instagram.prepare(order))
    return caught.value


def a_while_ago() -> datetime:
    return now() - timedelta(seconds=2)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_prepared_is_published_once_with_its_label(
    instagram: InstagramPublisher, world: World, orders: Orders, kind: str
) -> None:
    shown = published(instagram, orders[kind])

    assert shown.is_labelled_ai is True
    assert shown.permalink is not None
    assert len(world.effects("instagram", "media_publish")) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_nobody_generated_is_not_labelled(
    instagram: InstagramPublisher, orders: Orders, kind: str
) -> None:
    shown = published(instagram, replace(orders[kind], is_ai=False))

    assert shown.is_labelled_ai is False


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_prepared_waits_for_the_one_call(
    instagram: InstagramPublisher, world: World, orders: Orders, kind: str
) -> None:
    found = readiness(instagram, orders[kind])

    assert found == Outcome(Stage.READY)
    assert world.effects("instagram", "media_publish") == []


@pytest.mark.parametrize(
    ("kind", "count"), [("one", 1), ("several", 4), ("reel", 1), ("story", 1)]
)
def test_each_container_is_counted(
    instagram: InstagramPublisher,
    orders: Orders,
    counted: list[str],
    kind: str,
    count: int,
) -> None:
    run(instagram.prepare(orders[kind]))

    assert counted == [CONTAINER] * count
    assert set(counted) <= set(RATE_LIMITS)


def test_what_may_not_be_counted_is_not_asked(
    world: World, orders: Orders, instagram: InstagramPublisher
) -> None:
    async def admit(call: str) -> None:
        raise RateLimitedError("Instagram", wait_s=60)

    limited = InstagramPublisher(settings(), "IGx", "1", admit)

    with pytest.raises(RateLimitedError):
        run(limited.prepare(orders["one"]))

    assert world.calls("instagram", "media.create") == []


def test_the_parts_of_a_carousel_are_made_at_once_in_their_order(
    instagram: InstagramPublisher, world: World, orders: Orders
) -> None:
    shown = orders["several"].pictures[0]
    pictures = [replace(shown, alt_text=str(number)) for number in range(4)]
    order = replace(orders["several"], pictures=pictures)
    world.fault("instagram", "media.create", "slow", seconds=0.5, match="alt_text=0")
    world.fault("instagram", "media.create", "slow", seconds=0.4, times=4)

    with time_to_ask(1.6):
        run(instagram.prepare(order))

    asked = {one["id"]: one["asked"] for one in world.see("instagram", "containers")}
    (parent,) = [one for one in asked.values() if one.get("media_type") == "CAROUSEL"]
    made = [asked[child]["alt_text"] for child in parent["children"].split(",")]
    assert made == ["0", "1", "2", "3"]


def test_a_carousel_that_may_not_be_counted_whole_is_not_begun(
    world: World, orders: Orders
) -> None:
    counted: list[str] = []

    async def admit(call: str) -> None:
        if len(counted) == 3:
            raise RateLimitedError("Instagram", wait_s=60)
        counted.append(call)

    limited = InstagramPublisher(settings(), "IGx", "1", admit)

    with pytest.raises(RateLimitedError):
        run(limited.prepare(orders["several"]))

    assert world.calls("instagram", "media.create") == []


def test_a_reel_shows_what_was_wished(
    instagram: InstagramPublisher, world: World, orders: Orders
) -> None:
    wishes = Wishes(share_to_feed=False, cover_ms=1_500)

    run(instagram.prepare(replace(orders["reel"], wishes=wishes)))

    (container,) = world.see("instagram", "containers")
    asked = container["asked"]
    assert (asked["share_to_feed"], asked["thumb_offset"]) == ("false", "1500")


@pytest.mark.parametrize("kind", SEEN_IN_LISTS)
def test_a_lost_answer_is_found_by_its_words(
    instagram: InstagramPublisher, world: World, orders: Orders, kind: str
) -> None:
    begun = a_while_ago()
    world.fault("instagram", "media_publish", "after")
    prepared = lost(instagram, orders[kind])

    found = outcome(instagram, prepared, begun)

    assert found.stage is Stage.PUBLISHED
    assert found.published is not None
    assert found.published.is_labelled_ai is True
    assert len(world.effects("instagram", "media_publish")) == 1


def test_a_lost_story_is_known_to_be_published_and_not_as_what(
    instagram: InstagramPublisher, world: World, orders: Orders
) -> None:
    begun = a_while_ago()
    world.fault("instagram", "media_publish", "after")
    prepared = lost(instagram, orders["story"])  # which Instagram lists nowhere

    found = outcome(instagram, prepared, begun)

    assert found == Outcome(Stage.PUBLISHED)


def test_what_was_never_published_still_waits(
    instagram: InstagramPublisher, world: World, orders: Orders
) -> None:
    world.fault("instagram", "media_publish", "before")
    prepared = lost(instagram, orders["one"])

    found = outcome(instagram, prepared, a_while_ago())

    assert found == Outcome(Stage.READY)


def test_of_two_posts_with_the_same_words_neither_is_taken_for_the_lost_one(
    instagram: InstagramPublisher, world: World, orders: Orders
) -> None:
    begun = a_while_ago()
    published(instagram, orders["one"])
    world.fault("instagram", "media_publish", "after")
    prepared = lost(instagram, orders["one"])

    found = outcome(instagram, prepared, begun)

    assert found == Outcome(Stage.PUBLISHED)


def test_an_older_post_with_the_same_words_is_another(
    instagram: InstagramPublisher, world: World, orders: Orders
) -> None:
    world.fault("instagram", "media_publish", "after")
    prepared = lost(instagram, orders["one"])

    found = outcome(instagram, prepared, now() + timedelta(minutes=1))

    assert found == Outcome(Stage.PUBLISHED)


def test_a_container_takes_its_time(
    instagram: InstagramPublisher, world: World, orders: Orders
) -> None:
    world.fault("instagram", "media.create", "stuck")

    assert readiness(instagram, orders["one"]) == Outcome(Stage.PREPARING)


def test_a_container_may_be_lost_and_made_again(
    instagram: InstagramPublisher, world: World, orders: Orders
) -> None:
    world.fault("instagram", "media.create", "fail", error="2207032")

    found = readiness(instagram, orders["one"])

    assert (found.stage, found.failure) == (Stage.LOST, Failure.RETRY)


def test_a_video_that_instagram_cannot_show_is_for_its_author(
    instagram: InstagramPublisher, world: World, orders: Orders
) -> None:
    world.fault("instagram", "media.create", "fail", error="2207026")

    found = readiness(instagram, orders["reel"])

    assert (found.stage, found.failure) == (Stage.LOST, Failure.FIX_CONTENT)
    assert found.their_code == "2207026"


def test_a_container_of_yesterday_is_lost(
    instagram: InstagramPublisher, world: World, orders: Orders
) -> None:
    handle = run(instagram.prepare(orders["one"])).handle or ""
    world.tell("instagram", "containers/expire")

    found = run(instagram.readiness(handle))

    assert (found.stage, found.failure) == (Stage.LOST, Failure.RETRY)


NOT_FOUND = [(24, 2207006), (24, 2207008), (100, 33)]


@pytest.mark.parametrize(("code", "subcode"), NOT_FOUND)
def test_a_container_that_is_not_found_is_made_anew(
    instagram: InstagramPublisher,
    world: World,
    orders: Orders,
    code: int,
    subcode: int,
) -> None:
    body = {"error": {"code": code, "error_subcode": subcode, "message": "no"}}
    world.fault("instagram", "media.status", "reply", status=400, body=body)

    found = readiness(instagram, orders["one"])

    assert found == Outcome(Stage.LOST, f"{code}/{subcode}", Failure.RETRY)


@pytest.mark.parametrize(("code", "subcode"), NOT_FOUND)
def test_a_container_that_is_not_found_after_the_one_call_leaves_it_open(
    instagram: InstagramPublisher,
    world: World,
    orders: Orders,
    code: int,
    subcode: int,
) -> None:
    world.fault("instagram", "media_publish", "after")
    prepared = lost(instagram, orders["one"])
    body = {"error": {"code": code, "error_subcode": subcode, "message": "no"}}
    world.fault("instagram", "media.status", "reply", status=400, body=body)

    with pytest.raises(OutcomeUnknownError) as caught:
        outcome(instagram, prepared, a_while_ago())

    assert caught.value.their_code == f"{code}/{subcode}"


def test_whose_token_is_over_is_not_told_of_containers(
    instagram: InstagramPublisher, world: World
) -> None:
    world.tell("instagram", "tokens/expire")

    with pytest.raises(ProviderRefusedError) as caught:
        run(instagram.readiness("17900000000000000"))

    assert instagram.failure_of(caught.value) is Failure.REAUTHENTICATE


def test_a_post_is_taken_back(
    instagram: InstagramPublisher, world: World, orders: Orders
) -> None:
    shown = published(instagram, orders["one"])

    run(instagram.delete(shown.id or ""))

    with pytest.raises(ProviderError):
        run(instagram.read_back(shown.id or ""))
    assert len(world.effects("instagram", "media.delete")) == 1


def test_what_is_taken_back_twice_is_gone_once(
    instagram: InstagramPublisher, world: World, orders: Orders
) -> None:
    shown = published(instagram, orders["one"])
    run(instagram.delete(shown.id or ""))

    run(instagram.delete(shown.id or ""))

    assert len(world.effects("instagram", "media.delete")) == 1


def test_a_post_that_never_was_is_gone(
    instagram: InstagramPublisher, world: World
) -> None:
    run(instagram.delete("18050000000000000"))

    (asked,) = world.calls("instagram", "media.delete")
    assert asked.outcome == "refused"


def test_a_post_that_may_not_be_taken_back_is_still_there(
    instagram: InstagramPublisher, world: World, orders: Orders
) -> None:
    shown = published(instagram, orders["one"])
    world.turn("instagram", can_delete=False)

    with pytest.raises(ProviderError):
        run(instagram.delete(shown.id or ""))

    assert run(instagram.read_back(shown.id or "")).id == shown.id


def test_a_no_under_the_status_of_a_yes_has_taken_nothing_back(
    instagram: InstagramPublisher, world: World
) -> None:
    world.fault("instagram", "media.delete", "reply", body={"success": False})

    with pytest.raises(ProviderRefusedError) as caught:
        run(instagram.delete("18050000000000000"))

    assert instagram.failure_of(caught.value) is Failure.STOP


def test_a_post_that_is_shown_is_not_gone_whatever_is_said(
    instagram: InstagramPublisher, world: World, orders: Orders
) -> None:
    shown = published(instagram, orders["one"])
    not_found = {"error": {"code": 100, "error_subcode": 33, "message": "Unsupported"}}
    world.fault("instagram", "media.delete", "reply", status=400, body=not_found)

    with pytest.raises(ProviderRefusedError):
        run(instagram.delete(shown.id or ""))


@pytest.mark.parametrize(("status", "code"), [(500, 2), (400, 190), (400, 10)], ids=str)
def test_whether_a_post_is_gone_has_to_be_told(
    instagram: InstagramPublisher, world: World, status: int, code: int
) -> None:
    body = {"error": {"code": code, "message": "no"}}
    world.fault("instagram", "media.get", "reply", status=status, body=body)

    with pytest.raises(ProviderError) as caught:
        run(instagram.delete("18050000000000000"))

    assert caught.value.their_code == str(code)


def test_an_account_tells_how_many_posts_are_left(
    instagram: InstagramPublisher, orders: Orders
) -> None:
    published(instagram, orders["one"])

    facts = run(instagram.facts())

    assert facts.quota is not None
    assert (facts.quota.limit, facts.quota.used) == (100, 1)


def moved(order: Order) -> Order:
    """Return what is at an address no more."""
    there = order.pictures[0].url.replace("sea.jpg", "moon.jpg")
    return replace(order, pictures=[Picture(there)])


@pytest.mark.parametrize("change", ["address", "words"])
def test_what_is_wrong_with_the_content_is_for_its_author(
    instagram: InstagramPublisher, orders: Orders, change: str
) -> None:
    one = orders["one"]
    wrong = {"address": moved(one), "words": replace(one, caption="a" * 2_201)}

    error = refusal(instagram, wrong[change])

    assert instagram.failure_of(error) is Failure.FIX_CONTENT


def test_a_token_that_is_over_asks_for_its_owner(
    instagram: InstagramPublisher, world: World, orders: Orders
) -> None:
    world.tell("instagram", "tokens/expire")

    error = refusal(instagram, orders["one"])

    assert instagram.failure_of(error) is Failure.REAUTHENTICATE


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("", Failure.RETRY),
        ("2", Failure.RETRY),
        ("-1/2207001", Failure.RETRY),
        ("4", Failure.RETRY),
        ("4/2207051", Failure.STOP),
        ("9/2207042", Failure.RETRY),
        ("9007/2207027", Failure.RETRY),
        ("190/463", Failure.REAUTHENTICATE),
        ("36001/2207005", Failure.FIX_CONTENT),
        ("100/33", Failure.FIX_CONTENT),
        ("368", Failure.STOP),
        ("777/1", Failure.STOP),
    ],
)
def test_each_code_says_what_is_to_be_done(
    instagram: InstagramPublisher, code: str, failure: Failure
) -> None:
    error = ProviderError("Instagram", "no", their_code=code)

    assert instagram.failure_of(error) is failure


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_gateways_words_are_no_code(
    instagram: InstagramPublisher, world: World, orders: Orders, status: int
) -> None:
    body = {"error": "Service Unavailable"}
    world.fault("instagram", "media.create", "reply", status=status, body=body)

    error = refusal(instagram, orders["one"])

    assert instagram.failure_of(error) is Failure.RETRY


@pytest.mark.parametrize("code", [777, 100, 10, 36001])
def test_what_instagram_calls_transient_is_tried_again(
    instagram: InstagramPublisher, world: World, orders: Orders, code: int
) -> None:
    body = {"error": {"code": code, "message": "no", "is_transient": True}}
    world.fault("instagram", "media_publish", "reply", status=400, body=body)
    prepared = run(instagram.prepare(orders["one"]))

    with pytest.raises(ProviderRefusedError) as caught:
        run(instagram.publish(orders["one"], prepared))

    assert instagram.failure_of(caught.value) is Failure.RETRY


def test_who_takes_offence_is_left_alone_even_if_that_is_transient(
    instagram: InstagramPublisher,
) -> None:
    error = ProviderError("Instagram", "no", their_code="368", is_transient=True)

    assert instagram.failure_of(error) is Failure.STOP
