"""Instagram: a picture becomes a container, a container a post, and a post is found."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.world import World
from tests.unit.providers_standins.host import picture
from vixenbliss.clock import now
from vixenbliss.errors import OutcomeUnknownError, ProviderError
from vixenbliss.loop import run
from vixenbliss.providers.instagram_publishing import InstagramPublisher, failure_of
from vixenbliss.providers.publishing import Failure, Order, Picture, Readiness, Stage
from vixenbliss.providers.s3 import Bucket
from vixenbliss.settings import settings

CAPTION = "A slow morning by the sea #vxpost-1"
KINDS = ["one", "story", "several"]


@pytest.fixture
def address(aws: dict[str, str]) -> str:
    """Where Instagram finds a picture that it takes."""
    bucket = Bucket()
    run(bucket.put("renditions/sea.jpg", picture(), "image/jpeg"))
    return bucket.link("renditions/sea.jpg")[0]


@pytest.fixture
def instagram(world: World) -> InstagramPublisher:
    """An account that may publish."""
    world.turn("instagram", image_s=0)
    given = world.tell("instagram", "tokens", username="luna.vega")
    return InstagramPublisher(settings(), given["access_token"], given["user_id"])


def order(address: str, kind: str = "one", **changes: Any) -> Order:
    """Return what to publish."""
    count = 3 if kind == "several" else 1
    pictures = [Picture(address, "waves") for _ in range(count)]
    wanted = Order(
        pictures=pictures, caption=CAPTION, is_ai=True, is_story=kind == "story"
    )
    return replace(wanted, **changes)


def refusal(instagram: InstagramPublisher, wanted: Order) -> ProviderError:
    """Return why a container is not made."""
    with pytest.raises(ProviderError) as caught:
        run(instagram.prepare(wanted))
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_prepared_is_published_with_its_label(
    instagram: InstagramPublisher, world: World, address: str, kind: str
) -> None:
    container = run(instagram.prepare(order(address, kind)))
    ready = run(instagram.readiness(container))

    post_id = run(instagram.publish(container))

    shown = run(instagram.read_back(post_id))
    assert ready == Readiness(Stage.READY)
    assert (shown.id, shown.is_labelled_ai) == (post_id, True)
    assert shown.permalink is not None
    assert run(instagram.readiness(container)).stage is Stage.PUBLISHED
    assert len(world.effects("instagram", "media_publish")) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_nobody_generated_is_not_labelled(
    instagram: InstagramPublisher, address: str, kind: str
) -> None:
    container = run(instagram.prepare(order(address, kind, is_ai=False)))

    shown = run(instagram.read_back(run(instagram.publish(container))))

    assert shown.is_labelled_ai is False


def test_a_lost_answer_is_found_by_its_words(
    instagram: InstagramPublisher, world: World, address: str
) -> None:
    container = run(instagram.prepare(order(address)))
    begun = now() - timedelta(seconds=2)
    world.fault("instagram", "media_publish", "after")
    with pytest.raises(OutcomeUnknownError):
        run(instagram.publish(container))

    found = run(instagram.find(CAPTION, since=begun))

    assert found is not None
    assert found.caption == CAPTION
    assert run(instagram.readiness(container)).stage is Stage.PUBLISHED


def test_nothing_is_found_of_what_was_never_published(
    instagram: InstagramPublisher, world: World, address: str
) -> None:
    container = run(instagram.prepare(order(address)))
    world.fault("instagram", "media_publish", "before")
    with pytest.raises(OutcomeUnknownError):
        run(instagram.publish(container))

    assert run(instagram.find(CAPTION, since=now() - timedelta(minutes=1))) is None
    assert run(instagram.readiness(container)).stage is Stage.READY


def test_of_two_posts_with_the_same_words_neither_is_taken_for_the_lost_one(
    instagram: InstagramPublisher, address: str
) -> None:
    begun = now() - timedelta(seconds=2)
    for _ in range(2):
        run(instagram.publish(run(instagram.prepare(order(address)))))

    assert run(instagram.find(CAPTION, since=begun)) is None


def test_a_container_takes_its_time(
    instagram: InstagramPublisher, world: World, address: str
) -> None:
    world.fault("instagram", "media.create", "stuck")

    container = run(instagram.prepare(order(address)))

    assert run(instagram.readiness(container)).stage is Stage.PREPARING


def test_a_container_may_be_lost(
    instagram: InstagramPublisher, world: World, address: str
) -> None:
    world.fault("instagram", "media.create", "fail", error="2207032")

    container = run(instagram.prepare(order(address)))

    assert run(instagram.readiness(container)).stage is Stage.LOST


def test_an_address_that_leads_nowhere_is_for_the_author(
    instagram: InstagramPublisher, address: str
) -> None:
    error = refusal(instagram, order(address.replace("sea.jpg", "moon.jpg")))

    assert failure_of(error) is Failure.FIX_CONTENT


def test_too_many_words_are_for_the_author(
    instagram: InstagramPublisher, address: str
) -> None:
    error = refusal(instagram, order(address, caption="a" * 2_201))

    assert failure_of(error) is Failure.FIX_CONTENT


def test_a_token_that_is_over_asks_for_its_owner(
    instagram: InstagramPublisher, world: World, address: str
) -> None:
    world.tell("instagram", "tokens/expire")

    assert failure_of(refusal(instagram, order(address))) is Failure.REAUTHENTICATE


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
def test_each_code_says_what_is_to_be_done(code: str, failure: Failure) -> None:
    assert failure_of(ProviderError("Instagram", "no", their_code=code)) is failure
