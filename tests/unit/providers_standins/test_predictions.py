"""Predictions over HTTP: created, followed, refused, forgotten."""

import asyncio
import hashlib
from datetime import datetime

import httpx
import pytest

from tests.stack.providers import Providers
from tests.unit.providers_standins.asking import (
    MODEL,
    as_object,
    finished,
    prediction_of,
)

pytestmark = pytest.mark.asyncio


async def test_a_prediction_starts_and_is_told_where_it_can_be_asked_for(
    replicate: httpx.AsyncClient, providers: Providers
) -> None:
    answer = await replicate.post("predictions", json=prediction_of(seed=7))

    assert answer.status_code == 201
    born = as_object(answer)
    own = f"{providers.replicate_base}/predictions/{born['id']}"
    assert born["model"] == MODEL
    assert born["version"] == "hidden"
    assert born["source"] == "api"
    assert born["input"] == {"prompt": "Luna on the beach", "seed": 7}
    urls = born["urls"]
    assert isinstance(urls, dict)
    assert (urls["get"], urls["cancel"]) == (own, f"{own}/cancel")


async def test_a_finished_prediction_has_files_metrics_and_times(
    replicate: httpx.AsyncClient,
) -> None:
    done = await finished(replicate, prediction_of(num_outputs=2, output_format="jpg"))

    assert done["status"] == "succeeded"
    assert isinstance(done["output"], list)
    assert [url[-9:] for url in done["output"]] == ["out-0.jpg", "out-1.jpg"]
    assert isinstance(done["metrics"], dict)
    assert set(done["metrics"]) == {"total_time", "predict_time", "image_count"}
    times = [done["created_at"], done["started_at"], done["completed_at"]]
    assert all(str(time).endswith("Z") for time in times)
    assert times == sorted(times, key=str)


async def test_an_output_file_is_the_picture_in_the_format_asked_for(
    replicate: httpx.AsyncClient,
) -> None:
    done = await finished(replicate, prediction_of(output_format="png"))
    assert isinstance(done["output"], list)

    first, again = [await replicate.get(done["output"][0]) for _ in range(2)]

    assert first.headers["content-type"] == "image/png"
    assert first.content.startswith(b"\x89PNG")
    assert first.content == again.content


@pytest.mark.parametrize(
    "version",
    [MODEL, f"{MODEL}:{'0' * 64}", hashlib.sha256(MODEL.encode()).hexdigest()],
)
async def test_a_version_may_be_a_name_a_name_with_hash_or_a_hash(
    replicate: httpx.AsyncClient, version: str
) -> None:
    done = await finished(replicate, prediction_of(version=version))

    assert done["model"] == MODEL


async def test_an_official_model_runs_without_a_version(
    replicate: httpx.AsyncClient,
) -> None:
    body = {"input": {"prompt": "Luna"}}

    answer = await replicate.post(f"models/{MODEL}/predictions", json=body)

    assert answer.status_code == 201


@pytest.mark.parametrize("path", ["models/no/body/predictions", "predictions/none"])
async def test_what_is_not_there_is_a_404(
    replicate: httpx.AsyncClient, path: str
) -> None:
    method = "POST" if path.startswith("models") else "GET"

    answer = await replicate.request(method, path, json={"input": {"prompt": "x"}})

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert as_object(answer)["status"] == 404


async def test_a_missing_prompt_is_named_among_the_invalid_fields(
    replicate: httpx.AsyncClient,
) -> None:
    answer = await replicate.post("predictions", json={"version": MODEL, "input": {}})

    assert answer.status_code == 422
    assert answer.json() == {
        "detail": "- input: prompt is required\n",
        "status": 422,
        "title": "Input validation failed",
        "invalid_fields": [
            {"type": "required", "field": "input", "description": "prompt is required"}
        ],
    }


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"num_outputs": 5}, "input.num_outputs"),
        ({"seed": "seven"}, "input.seed"),
        ({"aspect_ratio": "7:5"}, "input.aspect_ratio"),
        ({"output_format": "gif"}, "input.output_format"),
        ({"webhook": "ftp://x"}, "webhook"),
        ({"webhook_events_filter": ["end"]}, "webhook_events_filter"),
    ],
)
async def test_a_wrong_value_is_refused_by_the_name_of_its_field(
    replicate: httpx.AsyncClient, wrong: dict[str, object], field: str
) -> None:
    answer = await replicate.post("predictions", json=prediction_of("Luna", **wrong))

    assert answer.status_code == 422
    assert [wrong["field"] for wrong in answer.json()["invalid_fields"]] == [field]


async def test_an_unknown_version_is_refused_in_replicates_words(
    replicate: httpx.AsyncClient,
) -> None:
    body = prediction_of(version="nobody/nothing")

    answer = await replicate.post("predictions", json=body)

    assert answer.status_code == 422
    assert answer.json()["title"] == "Invalid version or not permitted"


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ({}, "You did not pass an authentication token"),
        ({"authorization": "Bearer r8_other"}, "You did not pass a valid"),
    ],
)
async def test_a_stranger_is_unauthenticated(
    providers: Providers, header: dict[str, str], detail: str
) -> None:
    async with httpx.AsyncClient(trust_env=False) as stranger:
        answer = await stranger.get(
            f"{providers.replicate_base}/account", headers=header
        )

    assert answer.status_code == 401
    assert answer.json()["title"] == "Unauthenticated"
    assert answer.json()["detail"].startswith(detail)


async def test_the_webhook_key_is_the_accounts(
    replicate: httpx.AsyncClient, providers: Providers
) -> None:
    answer = await replicate.get("webhooks/default/secret")

    assert answer.json() == {"key": providers.webhook_secret}


async def test_a_running_prediction_can_be_cancelled_once(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient, providers: Providers
) -> None:
    await control.put("settings", json={"latency_s": 60})
    born = as_object(await replicate.post("predictions", json=prediction_of()))

    answers = [await replicate.post(f"predictions/{born['id']}/cancel") for _ in "12"]

    assert [answer.json()["status"] for answer in answers] == ["canceled"] * 2
    assert len(providers.journal("replicate").effects("predictions.cancel")) == 1


async def test_waiting_too_short_is_answered_202_with_the_unfinished_prediction(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await control.put("settings", json={"latency_s": 60})

    answer = await replicate.post(
        "predictions", json=prediction_of(), headers={"prefer": "wait=1"}
    )

    assert answer.status_code == 202
    assert answer.json()["status"] == "starting"


@pytest.mark.parametrize(
    ("stuck_in", "ends"), [("starting", "aborted"), ("processing", "canceled")]
)
async def test_a_deadline_ends_what_has_not_finished(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient, stuck_in: str, ends: str
) -> None:
    stuck = {"provider": "replicate", "call": "predictions.create", "action": "stuck"}
    await control.put("faults", json=[stuck | {"reason": stuck_in}])
    await control.put("settings", json={"time_scale": 0.001})

    answer = await replicate.post(
        "predictions",
        json=prediction_of(),
        headers={"cancel-after": "1m30s", "prefer": "wait"},
    )

    assert answer.json()["status"] == ends
    made, due = (answer.json()[name] for name in ("created_at", "deadline"))
    patience = datetime.fromisoformat(due) - datetime.fromisoformat(made)
    assert patience.total_seconds() == 90


async def test_a_deadline_under_five_seconds_is_refused(
    replicate: httpx.AsyncClient,
) -> None:
    answer = await replicate.post(
        "predictions", json=prediction_of(), headers={"cancel-after": "4s"}
    )

    assert answer.status_code == 422


async def test_an_unsafe_prompt_fails_the_run_not_the_request(
    replicate: httpx.AsyncClient,
) -> None:
    done = await finished(replicate, prediction_of("Luna, nsfw"))

    assert done["status"] == "failed"
    assert str(done["error"]).startswith("NSFW content detected")
    assert done["output"] is None


async def test_the_same_prompt_gets_another_seed_each_time(
    replicate: httpx.AsyncClient, providers: Providers
) -> None:
    for _ in range(2):
        await finished(replicate, prediction_of())

    seeds = {
        e.seed for e in providers.journal("replicate").effects("predictions.create")
    }
    assert len(seeds) == 2


async def test_predictions_run_side_by_side(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await control.put("settings", json={"latency_s": 2})

    async with asyncio.timeout(30):  # one after the other they would take a minute
        done = await asyncio.gather(
            *(finished(replicate, prediction_of(f"Luna {n}")) for n in range(30))
        )

    assert {one["status"] for one in done} == {"succeeded"}
