"""Replicate: images on request."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import Set
from tests.support.drip import dripping
from tests.support.world import World
from vixenbliss.clock import now
from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from vixenbliss.loop import run
from vixenbliss.providers import replicate as module
from vixenbliss.providers.replicate import ImageRequest, Prediction, Replicate
from vixenbliss.settings import settings

RECENTLY = timedelta(minutes=1)


def wish(**changes: Any) -> ImageRequest:
    facts: dict[str, Any] = {
        "model": "black-forest-labs/flux-schnell",
        "prompt": "a beach at sunset",
        "seed": 7,
        "aspect_ratio": "4:5",
    }
    return ImageRequest(**facts | changes)


@pytest.fixture
def replicate(world: World) -> Replicate:
    return Replicate(settings())


def find(replicate: Replicate, *, is_free: bool = True) -> Prediction | None:
    """Look for what was wished for."""

    async def _is_free(_: str) -> bool:
        return is_free

    return run(replicate.find(wish(), sent_after=now() - RECENTLY, is_free=_is_free))


def made(replicate: Replicate, world: World, **changes: Any) -> Prediction:
    """Return a prediction that has ended."""
    created = run(replicate.create(wish(**changes), webhook=""))
    world.wait()
    return run(replicate.get(created.id))


def test_a_prediction_is_asked_for_and_ends(replicate: Replicate, world: World) -> None:
    prediction = made(replicate, world)

    assert prediction.status == "succeeded"
    assert not prediction.is_running
    assert len(prediction.files) == 1


def test_an_output_is_fetched(replicate: Replicate, world: World) -> None:
    (url,) = made(replicate, world).files

    assert run(replicate.fetch(url)).startswith(b"\x89PNG")


def test_a_prediction_is_known_by_what_was_asked(
    replicate: Replicate, world: World
) -> None:
    prediction = made(replicate, world)

    assert wish().is_input_of(prediction)
    assert not wish(seed=8).is_input_of(prediction)
    assert not wish(prompt="another beach").is_input_of(prediction)
    assert not wish(aspect_ratio="16:9").is_input_of(prediction)
    assert not wish(negative_prompt="rain").is_input_of(prediction)


def test_a_prediction_made_to_avoid_something_is_not_taken_for_another(
    replicate: Replicate, world: World
) -> None:
    prediction = made(replicate, world, negative_prompt="rain")

    assert wish(negative_prompt="rain").is_input_of(prediction)
    assert not wish().is_input_of(prediction)


def test_what_a_model_adds_to_the_input_changes_nothing() -> None:
    said = {"id": "p1", "status": "succeeded", "input": wish().as_input() | {"go": 1}}

    assert wish().is_input_of(Prediction.model_validate(said))


@pytest.mark.parametrize("action", ["after", "status_after", "rubbish"])
def test_a_lost_prediction_is_found_and_not_paid_for_twice(
    replicate: Replicate, world: World, action: str
) -> None:
    world.fault("replicate", "predictions.create", action)
    with pytest.raises(OutcomeUnknownError):
        run(replicate.create(wish(), webhook=""))

    found = find(replicate)

    assert found is not None
    assert len(world.effects("replicate", "predictions.create")) == 1


def test_a_prediction_that_was_never_taken_is_not_found(
    replicate: Replicate, world: World
) -> None:
    world.fault("replicate", "predictions.create", "before")
    with pytest.raises(OutcomeUnknownError):
        run(replicate.create(wish(), webhook=""))

    assert find(replicate) is None


def test_a_prediction_that_somebody_has_is_not_found(
    replicate: Replicate, world: World
) -> None:
    made(replicate, world)

    assert find(replicate, is_free=False) is None


def test_nothing_is_found_of_a_list_that_cannot_be_read_to_its_end(
    replicate: Replicate, world: World
) -> None:
    endless = {
        "next": f"{world.providers.replicate_base}/predictions?c=1",
        "results": [],
    }
    world.fault("replicate", "predictions.list", "reply", body=endless, times=None)

    with pytest.raises(ProviderUnavailableError, match="too many"):
        find(replicate)


def test_the_search_stays_at_home_whatever_a_page_says(
    replicate: Replicate, world: World
) -> None:
    page = {"next": "https://evil.test/replicate/v1/predictions", "results": []}
    made(replicate, world)
    world.fault("replicate", "predictions.list", "reply", body=page)

    assert find(replicate) is not None


@pytest.mark.parametrize("status", [402, 422])
def test_a_prediction_may_be_refused(
    replicate: Replicate, world: World, status: int
) -> None:
    world.fault("replicate", "predictions.create", "status", status=status)

    with pytest.raises(ProviderRefusedError):
        run(replicate.create(wish(), webhook=""))


def test_a_model_that_is_busy_says_for_how_long(
    replicate: Replicate, world: World
) -> None:
    world.fault("replicate", "predictions.create", "status", status=429, retry_after=9)

    with pytest.raises(ProviderUnavailableError) as caught:
        run(replicate.create(wish(), webhook=""))

    assert caught.value.retry_after_s == 9


@pytest.mark.parametrize("answer", [{"id": "p"}, {"id": "", "status": "starting"}])
def test_a_prediction_without_id_or_status_is_an_open_question(
    replicate: Replicate, world: World, answer: dict[str, Any]
) -> None:
    world.fault("replicate", "predictions.create", "reply", body=answer, status=201)

    with pytest.raises(OutcomeUnknownError):
        run(replicate.create(wish(), webhook=""))


def test_a_status_that_nobody_knows_is_not_understood(
    replicate: Replicate, world: World
) -> None:
    body = {"id": "p1", "status": "dreaming"}
    world.fault("replicate", "predictions.get", "reply", body=body)

    with pytest.raises(ProviderUnavailableError, match="malformed"):
        run(replicate.get("p1"))


def test_a_prediction_is_called_off(replicate: Replicate, world: World) -> None:
    world.fault("replicate", "predictions.create", "stuck")
    created = run(replicate.create(wish(), webhook=""))

    run(replicate.cancel(created.id))

    assert not run(replicate.get(created.id)).is_running


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/a.png",
        "https://replicate.delivery.evil.test/a.png",
        "https://evilreplicate.delivery/a.png",
        "https://replicate.delivery@evil.test/a.png",
        "https://replicate.delivery:8443/a.png",
        "http://replicate.delivery/a.png",
        "http://a.replicate.delivery/a.png",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/a.png",
        "http://localhost/a.png",
        "http://[::1]/a.png",
        "http://0.0.0.0/a.png",
        "file:///etc/passwd",
        "//replicate.delivery/a.png",
        "",
    ],
)
def test_an_output_is_fetched_from_nowhere_else(replicate: Replicate, url: str) -> None:
    with pytest.raises(ProviderRefusedError, match="foreign host"):
        run(replicate.fetch(url))


def test_an_output_that_is_gone_is_gone(replicate: Replicate, world: World) -> None:
    (url,) = made(replicate, world).files
    world.expire()

    with pytest.raises(ProviderRefusedError, match="gone"):
        run(replicate.fetch(url))


def test_an_output_that_is_too_large_is_refused(
    replicate: Replicate, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (url,) = made(replicate, world).files
    monkeypatch.setattr(module, "MAX_OUTPUT_BYTES", 1000)

    with pytest.raises(ProviderRefusedError, match="too large"):
        run(replicate.fetch(url))


def test_an_output_that_never_ends_is_given_up(world: World, surroundings: Set) -> None:
    surroundings(REQUEST_TIMEOUT_S="0.2")

    async def fetching() -> None:
        async with dripping() as base:
            there = replace(settings(), replicate_api_base=base)
            await Replicate(there).fetch(f"{base}/a.png")

    with pytest.raises(ProviderUnavailableError):
        run(fetching())


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "before"},
        {"action": "status", "status": 500},
        {"action": "status", "status": 429},
        {
            "action": "status",
            "status": 302,
            "headers": {"location": "https://evil.test"},
        },
    ],
    ids=str,
)
def test_an_output_that_does_not_come_may_be_asked_for_again(
    replicate: Replicate, world: World, fault: dict[str, Any]
) -> None:
    (url,) = made(replicate, world).files
    world.fault("replicate", "files.get", **fault)

    with pytest.raises(ProviderUnavailableError):
        run(replicate.fetch(url))


@pytest.mark.parametrize(
    ("output", "files"),
    [(None, []), ("https://a", ["https://a"]), (["b", "c"], ["b", "c"])],
)
def test_output_comes_in_three_shapes(output: object, files: list[str]) -> None:
    said = {"id": "p1", "status": "succeeded", "output": output}

    assert Prediction.model_validate(said).files == files


def test_a_negative_prompt_is_sent_only_where_there_is_one() -> None:
    assert "negative_prompt" not in wish().as_input()
    assert wish(negative_prompt="rain").as_input()["negative_prompt"] == "rain"
