"""The control door: understood or refused, and back to the start."""

import httpx
import pytest

from tests.unit.providers_standins.asking import as_object, finished, prediction_of

pytestmark = pytest.mark.asyncio

RULE = {"provider": "openai", "call": "models.list", "action": "before"}


@pytest.mark.parametrize(
    ("method", "path", "body", "reason"),
    [
        ("PUT", "faults", [RULE | {"call": "models.make"}], "openai has no call"),
        ("PUT", "faults", [RULE | {"action": "boom"}], "0.action: Input should be"),
        ("POST", "faults", {"provider": "openai"}, "call: Field required"),
        ("PUT", "settings", {"latency": 1}, "latency: Extra inputs"),
        ("PUT", "settings", [1], "Input should be a valid"),
        ("PUT", "webhooks", {"duplicate": 0}, "duplicate: Input should be greater"),
        ("POST", "clock", {}, "advance_s: Field required"),
    ],
)
async def test_what_is_not_understood_is_refused_with_the_reason(
    control: httpx.AsyncClient, method: str, path: str, body: object, reason: str
) -> None:
    answer = await control.request(method, path, json=body)

    assert answer.status_code == 400
    assert reason in answer.json()["error"]


async def test_a_body_that_is_no_json_is_refused(control: httpx.AsyncClient) -> None:
    answer = await control.put("faults", content=b"[{")

    assert answer.status_code == 400
    assert "not understood" in answer.json()["error"]


async def test_faults_are_put_added_shown_and_deleted(
    control: httpx.AsyncClient,
) -> None:
    await control.put("faults", json=[RULE])
    await control.post("faults", json=RULE | {"action": "after"})

    shown = (await control.get("faults")).json()["rules"]
    left = (await control.delete("faults")).json()["rules"]

    assert [rule["action"] for rule in shown] == ["before", "after"]
    assert left == []


async def test_settings_not_named_stay_as_they_are(control: httpx.AsyncClient) -> None:
    await control.put("settings", json={"seed": 9})

    answer = await control.put("settings", json={"retention_s": 60})

    settings = answer.json()
    assert (settings["seed"], settings["retention_s"], settings["latency_s"]) == (
        9,
        60,
        0,
    )


async def test_further_models_can_be_made_known(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await control.put("settings", json={"models": ["me/avatar-42"]})

    done = await finished(replicate, prediction_of(version="me/avatar-42"))

    assert done["model"] == "me/avatar-42"


async def test_predictions_are_shown_with_their_jobs(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    hook = "http://127.0.0.1:9/hook?job=j9"
    await finished(replicate, prediction_of(webhook=hook, seed=4))

    (shown,) = (await control.get("predictions")).json()

    assert (shown["job"], shown["seed"], shown["webhook"]) == ("j9", 4, hook)


async def test_not_idle_is_told_when_patience_ends(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await control.put("settings", json={"latency_s": 60})
    await replicate.post("predictions", json=prediction_of())

    answer = await control.post("wait_idle", json={"timeout_s": 0.05})

    assert answer.json() == {"idle": False}


async def test_the_state_is_forgotten_and_its_work_stopped(
    replicate: httpx.AsyncClient, openai: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await control.put("settings", json={"latency_s": 60})
    await replicate.post("predictions", json=prediction_of())
    talk = as_object(await openai.post("conversations", json={}))["id"]

    answer = await control.delete("state")

    assert answer.status_code == 204
    assert (await control.post("wait_idle")).json() == {"idle": True}
    assert (await replicate.get("predictions")).json()["results"] == []
    assert (await openai.get(f"conversations/{talk}")).status_code == 404


async def test_a_reset_takes_back_all_that_was_turned(
    control: httpx.AsyncClient,
) -> None:
    await control.put("faults", json=[RULE])
    await control.put("webhooks", json={"drop": True})
    await control.post("clock", json={"advance_s": 7200})

    await control.post("reset")

    assert (await control.get("faults")).json()["rules"] == []
    assert (await control.get("webhooks")).json()["drop"] is False
    assert (await control.get("settings")).json()["latency_s"] == 0.4


@pytest.mark.parametrize(
    ("path", "key"),
    [("../replicate/v1/nothing", "title"), ("../openai/v1/no", "error")],
)
async def test_unknown_paths_are_answered_in_the_providers_words(
    control: httpx.AsyncClient, path: str, key: str
) -> None:
    answer = await control.get(str(control.base_url.join(path)))

    assert answer.status_code == 404
    assert key in answer.json()
