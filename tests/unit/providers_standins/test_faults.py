"""Faults over HTTP: what the caller sees, and what has happened nevertheless."""

import asyncio

import httpx
import pytest

from tests.stack.providers import Journal, Providers
from tests.unit.providers_standins.asking import (
    as_object,
    finished,
    prediction_of,
    script,
)

pytestmark = pytest.mark.asyncio

CREATE: dict[str, object] = {"provider": "replicate", "call": "predictions.create"}


@pytest.fixture
def journal(providers: Providers) -> Journal:
    return providers.journal("replicate")


@pytest.mark.parametrize(("action", "effects"), [("before", 0), ("after", 1)])
async def test_a_dropped_connection_gives_no_answer_before_or_after_the_effect(
    replicate: httpx.AsyncClient,
    control: httpx.AsyncClient,
    journal: Journal,
    action: str,
    effects: int,
) -> None:
    await script(control, CREATE | {"action": action})

    with pytest.raises(httpx.TransportError):
        await replicate.post("predictions", json=prediction_of())

    listed = (await replicate.get("predictions")).json()["results"]
    assert len(listed) == len(journal.effects("predictions.create")) == effects
    (entry,) = journal.entries("predictions.create")
    assert (entry.status, entry.fault) == (None, action)
    assert entry.outcome == ("effect" if effects else "fault")


async def test_after_the_drop_the_next_call_is_answered(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await script(control, CREATE | {"action": "before"})
    with pytest.raises(httpx.TransportError):
        await replicate.post("predictions", json=prediction_of())

    answer = await replicate.post("predictions", json=prediction_of())

    assert answer.status_code == 201


@pytest.mark.parametrize(("action", "effects"), [("hang", 0), ("hang_after", 1)])
async def test_a_hanging_call_outlasts_the_callers_patience(
    replicate: httpx.AsyncClient,
    control: httpx.AsyncClient,
    journal: Journal,
    action: str,
    effects: int,
) -> None:
    await script(control, CREATE | {"action": action})

    impatient = httpx.Timeout(60, read=1)
    with pytest.raises(httpx.ReadTimeout):
        await replicate.post("predictions", json=prediction_of(), timeout=impatient)

    assert len(journal.effects("predictions.create")) == effects


async def test_a_hanging_call_is_dropped_when_its_seconds_are_over(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await script(control, CREATE | {"action": "hang", "seconds": 0.05})

    with pytest.raises(httpx.TransportError) as raised:
        await replicate.post("predictions", json=prediction_of())

    assert not isinstance(raised.value, httpx.TimeoutException)


@pytest.mark.parametrize("action", ["slow", "slow_after"])
async def test_a_slow_call_takes_its_seconds_and_goes_well(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient, action: str
) -> None:
    await script(control, CREATE | {"action": action, "seconds": 0.1})
    began = asyncio.get_running_loop().time()

    answer = await replicate.post("predictions", json=prediction_of())

    assert answer.status_code == 201
    assert asyncio.get_running_loop().time() - began >= 0.1


@pytest.mark.parametrize(("action", "effects"), [("status", 0), ("status_after", 1)])
async def test_an_error_answer_may_hide_an_effect(
    replicate: httpx.AsyncClient,
    control: httpx.AsyncClient,
    journal: Journal,
    action: str,
    effects: int,
) -> None:
    await script(control, CREATE | {"action": action, "status": 503})

    answer = await replicate.post("predictions", json=prediction_of())

    assert answer.status_code == 503
    assert answer.json()["status"] == 503
    assert len(journal.effects("predictions.create")) == effects


async def test_a_throttled_call_is_worded_as_replicate_does(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await script(
        control, CREATE | {"action": "status", "status": 429, "retry_after": 8}
    )

    answer = await replicate.post("predictions", json=prediction_of())

    assert answer.headers["retry-after"] == "8"
    assert answer.json() == {
        "detail": "Request was throttled. Your rate limit resets in ~8s.",
        "status": 429,
        "retry_after": 8,
    }


async def test_an_account_without_credit_is_told_so(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await script(control, CREATE | {"action": "status", "status": 402})

    answer = await replicate.post("predictions", json=prediction_of())

    assert (answer.status_code, answer.json()["title"]) == (402, "Insufficient credit")


@pytest.mark.parametrize(("action", "effects"), [("rubbish", 1), ("rubbish_before", 0)])
async def test_rubbish_is_a_200_nobody_can_read(
    replicate: httpx.AsyncClient,
    control: httpx.AsyncClient,
    journal: Journal,
    action: str,
    effects: int,
) -> None:
    await script(control, CREATE | {"action": action})

    answer = await replicate.post("predictions", json=prediction_of())

    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Unterminated"):
        answer.json()
    assert len(journal.effects("predictions.create")) == effects


async def test_rubbish_can_be_of_any_kind(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    page = {
        "body": "<html>Bad gateway</html>",
        "headers": {"content-type": "text/html"},
    }
    await script(control, CREATE | {"action": "rubbish", "status": 201} | page)

    answer = await replicate.post("predictions", json=prediction_of())

    assert (answer.status_code, answer.text) == (201, "<html>Bad gateway</html>")
    assert answer.headers["content-type"] == "text/html"


async def test_a_reply_is_given_as_scripted_and_nothing_happens(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient, journal: Journal
) -> None:
    lie = {"id": "x", "status": "succeeded"}
    await script(control, CREATE | {"action": "reply", "status": 201, "body": lie})

    answer = await replicate.post("predictions", json=prediction_of())

    assert (answer.status_code, answer.json()) == (201, lie)
    assert journal.effects() == []


async def test_a_prediction_can_fail_with_a_given_error(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await script(control, CREATE | {"action": "fail", "error": "CUDA error"})

    done = await finished(replicate, prediction_of())

    assert (done["status"], done["error"], done["output"]) == (
        "failed",
        "CUDA error",
        None,
    )


async def test_a_stuck_prediction_keeps_nobody_from_being_idle(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await script(control, CREATE | {"action": "stuck"})
    born = as_object(await replicate.post("predictions", json=prediction_of()))

    idle = await control.post("wait_idle", json={"timeout_s": 30})

    now = as_object(await replicate.get(f"predictions/{born['id']}"))
    assert idle.json() == {"idle": True}
    assert now["status"] == "processing"


@pytest.mark.parametrize("output", [[], None, "http://127.0.0.1:9/inside", {"a": 1}])
async def test_a_prediction_can_succeed_with_any_output(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient, output: object
) -> None:
    await script(control, CREATE | {"action": "output", "body": output})

    done = await finished(replicate, prediction_of())

    assert (done["status"], done["output"]) == ("succeeded", output)


async def test_files_and_reads_fail_like_any_call(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    done = await finished(replicate, prediction_of())
    assert isinstance(done["output"], list)
    of_files: dict[str, object] = {"provider": "replicate", "call": "files.get"}
    await script(control, of_files | {"action": "status", "status": 500})

    answers = [await replicate.get(done["output"][0]) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [500, 200]


async def test_a_match_strikes_one_job_among_many(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient, journal: Journal
) -> None:
    await script(
        control, CREATE | {"action": "status", "status": 500, "match": "job=2"}
    )

    for job in "123":
        hook = f"http://127.0.0.1:9/?job={job}"
        await replicate.post("predictions", json=prediction_of(webhook=hook))

    assert sorted(journal.jobs("predictions.create")) == ["1", "3"]


async def test_a_stranger_uses_up_no_fault(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await script(control, CREATE | {"action": "status", "status": 500})
    body = prediction_of()
    await replicate.post("predictions", json=body, headers={"authorization": "no"})

    answer = await replicate.post("predictions", json=body)

    assert answer.status_code == 500
