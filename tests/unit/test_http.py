"""One call to a provider, and what its failure means."""

import logging
import socket
import traceback
from typing import Any

import pytest
from pydantic import BaseModel

from tests.conftest import Set
from tests.support.drip import dripping
from tests.support.logs import listening
from tests.support.world import World
from vixenbliss.credentials import Credential
from vixenbliss.deadline import time_to_ask
from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from vixenbliss.loop import run
from vixenbliss.providers import http
from vixenbliss.providers.http import HttpProvider

AVAILABLE_AGAIN = ProviderUnavailableError
MEANS = {False: AVAILABLE_AGAIN, True: OutcomeUnknownError}
"""A lost answer, by whether the call may have had an effect."""
KEY = "canary-key-that-nobody-may-see"


class Page(BaseModel):
    """An answer, as far as these tests read it."""

    results: list[dict[str, Any]]


@pytest.fixture
def provider(world: World) -> HttpProvider:
    """Replicate's stand-in."""
    token = Credential("TOKEN", (world.providers.replicate_token,))
    return HttpProvider("Replicate", world.providers.replicate_base, token)


@pytest.fixture
def impatience(surroundings: Set) -> None:
    """Let the client wait for a moment only."""
    surroundings(REQUEST_TIMEOUT_S="0.2")


def ask(
    provider: HttpProvider, *, effect: bool = False, path: str = "/predictions"
) -> Page:
    return run(provider.call("GET", path, Page, effect=effect))


def failure(provider: HttpProvider, **how: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        ask(provider, **how)
    return caught.value


def told(error: BaseException) -> str:
    """Return all that a log would say of an error, its causes included."""
    return "".join(traceback.format_exception(error))


def test_an_answer_is_read(provider: HttpProvider) -> None:
    assert ask(provider).results == []


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("No file at https://b/x.jpg?X-Sig=a1b2", "No file at https://b/x.jpg"),
        ('"HTTP://b/x?s=a1b2" or http://b/y#a1b2, no', '"HTTP://b/x" or http://b/y no'),
        ("fetch?u=https%3A%2F%2Fb%2Fx%3Fs%3Da1b2 ", "fetch?u=https%3A%2F%2Fb%2Fx "),
        ("What? https://b/x is no picture", "What? https://b/x is no picture"),
    ],
)
def test_an_address_is_told_without_its_query(
    provider: HttpProvider, world: World, words: str, kept: str
) -> None:
    body = {"detail": words}
    world.fault("replicate", "predictions.list", "status", status=422, body=body)

    assert failure(provider).words == kept


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "before"},
        {"action": "after"},
        {"action": "status", "status": 500},
        {"action": "status", "status": 502},
        {"action": "status", "status": 503},
        {"action": "status_after", "status": 504},
        {"action": "rubbish"},
        {"action": "reply", "body": "", "status": 200},
        {"action": "reply", "body": [1, 2]},
        {"action": "reply", "body": {"results": "none"}},
        {
            "action": "reply",
            "body": "<html>Welcome!</html>",
            "headers": {"content-type": "text/html"},
        },
    ],
    ids=str,
)
@pytest.mark.parametrize("effect", [False, True])
def test_whether_a_lost_answer_may_be_asked_for_again_depends_on_the_effect(
    provider: HttpProvider,
    world: World,
    fault: dict[str, Any],
    *,
    effect: bool,
) -> None:
    world.fault("replicate", "predictions.list", **fault)

    assert type(failure(provider, effect=effect)) is MEANS[effect]


@pytest.mark.parametrize("effect", [False, True])
def test_what_says_not_now_may_be_asked_again(
    provider: HttpProvider, world: World, *, effect: bool
) -> None:
    world.fault("replicate", "predictions.list", "status", status=429)

    error = failure(provider, effect=effect)

    assert type(error) is AVAILABLE_AGAIN
    assert error.status == 429


@pytest.mark.parametrize("status", [408, 409, 425])
@pytest.mark.parametrize("effect", [False, True])
def test_what_is_said_in_between_does_not_tell_whether_the_call_came_through(
    provider: HttpProvider, world: World, status: int, *, effect: bool
) -> None:
    world.fault("replicate", "predictions.list", "status_after", status=status)

    error = failure(provider, effect=effect)

    assert type(error) is MEANS[effect]
    assert error.status == status


def test_a_conversation_in_use_has_taken_nothing(
    provider: HttpProvider, world: World
) -> None:
    body = {"error": {"code": "conversation_locked", "message": "Wait a moment."}}
    world.fault("replicate", "predictions.list", "status", status=409, body=body)

    assert type(failure(provider, effect=True)) is AVAILABLE_AGAIN


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 410, 422, 501])
@pytest.mark.parametrize("effect", [False, True])
def test_what_says_no_is_not_asked_again(
    provider: HttpProvider, world: World, status: int, *, effect: bool
) -> None:
    world.fault("replicate", "predictions.list", "status", status=status)

    error = failure(provider, effect=effect)

    assert type(error) is ProviderRefusedError
    assert error.status == status


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("86400", 900),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_a_provider_says_for_how_long_to_leave_it_alone(
    provider: HttpProvider, world: World, value: str, seconds: int | None
) -> None:
    headers = {"retry-after": value}
    world.fault("replicate", "predictions.list", "status", status=429, headers=headers)

    assert failure(provider).retry_after_s == seconds


def test_a_spent_quota_is_no_passing_trouble(
    provider: HttpProvider, world: World
) -> None:
    body = {"error": {"code": "insufficient_quota", "message": "You are out of it."}}
    world.fault("replicate", "predictions.list", "status", status=429, body=body)

    assert type(failure(provider)) is ProviderRefusedError


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(
    provider: HttpProvider, world: World, status: int
) -> None:
    there = {"location": f"{world.providers.replicate_base}/account"}
    world.fault("replicate", "predictions.list", "status", status=status, headers=there)

    error = failure(provider)

    assert type(error) is ProviderRefusedError
    assert world.calls("replicate", "account.get") == []


@pytest.mark.parametrize("effect", [False, True])
@pytest.mark.parametrize("action", ["hang", "hang_after"])
def test_patience_has_an_end(
    impatience: None,
    provider: HttpProvider,
    world: World,
    action: str,
    *,
    effect: bool,
) -> None:
    world.fault("replicate", "predictions.list", action)

    assert type(failure(provider, effect=effect)) is MEANS[effect]


@pytest.mark.parametrize("effect", [False, True])
def test_patience_ends_with_an_answer_that_does_not_end(
    impatience: None, *, effect: bool
) -> None:
    async def asking() -> None:
        async with dripping() as base:
            provider = HttpProvider("Somebody", base, Credential("TOKEN", (KEY,)))
            await provider.call("GET", "/", Page, effect=effect)

    with pytest.raises(MEANS[effect]):
        run(asking())


@pytest.mark.parametrize("effect", [False, True])
def test_a_batch_that_has_no_time_left_asks_nobody(
    provider: HttpProvider, world: World, *, effect: bool
) -> None:
    with time_to_ask(0):
        error = failure(provider, effect=effect)

    assert type(error) is AVAILABLE_AGAIN
    assert world.calls("replicate", "predictions.list") == []


@pytest.mark.parametrize("effect", [False, True])
def test_a_call_that_outlasts_its_batch_is_given_up(
    provider: HttpProvider, world: World, *, effect: bool
) -> None:
    world.fault("replicate", "predictions.list", "hang")

    with time_to_ask(0.2):
        error = failure(provider, effect=effect)

    assert type(error) is MEANS[effect]


@pytest.mark.parametrize("effect", [False, True])
def test_an_answer_that_is_too_large_is_refused(
    provider: HttpProvider,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    *,
    effect: bool,
) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 1000)
    large = {"results": [{"text": "x" * 1000}]}
    world.fault("replicate", "predictions.list", "reply", body=large)

    error = failure(provider, effect=effect)

    assert type(error) is MEANS[effect]
    assert "too large" in str(error)


@pytest.mark.parametrize("effect", [False, True])
def test_what_was_never_reached_has_had_no_effect(*, effect: bool) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{free.getsockname()[1]}"
        provider = HttpProvider("Nobody", base, Credential("TOKEN", (KEY,)))

        assert type(failure(provider, effect=effect)) is AVAILABLE_AGAIN


def test_without_a_key_nothing_is_asked(world: World) -> None:
    base = world.providers.replicate_base
    provider = HttpProvider("Replicate", base, Credential("TOKEN"))
    world.fault("replicate", "*", "status", status=500)

    assert type(failure(provider)) is ProviderRefusedError


@pytest.mark.parametrize(
    "base",
    [
        "http://api.replicate.com/v1",
        "http://10.0.0.7:8080",
        "http://127.0.0.1.evil.test",
        "http://localhost@evil.test",
        "ftp://127.0.0.2",
        "//api.replicate.com",
    ],
)
def test_a_key_is_not_sent_in_the_open(base: str) -> None:
    provider = HttpProvider("Replicate", base, Credential("TOKEN", (KEY,)))

    error = failure(provider)

    assert type(error) is ProviderRefusedError
    assert "https" in str(error)


def test_the_key_of_today_is_sent_after_a_rotation(world: World) -> None:
    secrets = (world.providers.replicate_token, "the one before")
    provider = HttpProvider(
        "Replicate", world.providers.replicate_base, Credential("TOKEN", secrets)
    )

    assert ask(provider).results == []


@pytest.mark.parametrize(
    "body",
    [
        {"detail": "its own words"},
        {"title": "its own words"},
        {"error": "its own words"},
        {"error": {"message": "its own words", "code": "x"}},
    ],
    ids=str,
)
def test_the_providers_own_words_are_kept_apart_from_the_reason(
    provider: HttpProvider, world: World, body: dict[str, Any]
) -> None:
    world.fault("replicate", "predictions.list", "status", status=422, body=body)

    failed = failure(provider)

    assert failed.words == "its own words"
    assert failed.reason == "Replicate answered HTTP 422"


def test_a_provider_has_not_many_words(provider: HttpProvider, world: World) -> None:
    body = {"detail": "x" * 10_000}
    world.fault("replicate", "predictions.list", "status", status=422, body=body)

    assert len(failure(provider).words) == 300


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "before"},
        {"action": "rubbish"},
        {"action": "status", "status": 500},
        {"action": "status", "status": 401, "body": {"detail": f"Bad key: {KEY}"}},
        {"action": "status", "status": 401, "body": {"error": {"message": KEY}}},
    ],
    ids=str,
)
def test_no_key_is_told_by_an_error_or_the_log(
    world: World, fault: dict[str, Any]
) -> None:
    world.fault("replicate", "predictions.list", **fault)
    token = Credential("TOKEN", (KEY,))
    provider = HttpProvider("Replicate", world.providers.replicate_base, token)

    with listening(logging.DEBUG) as lines:
        error = failure(provider)

    assert KEY not in told(error) + repr(error) + lines.text
