"""Responses over HTTP: the object, the refusals, and how models let one down."""

import json

import httpx
import pytest

from tests.stack.providers import Providers
from tests.unit.providers_standins.asking import CAPTION_SCHEMA, as_object, response_of

pytestmark = pytest.mark.asyncio

RESPOND = {"provider": "openai", "call": "responses.create"}


def captions_in(answer: httpx.Response) -> list[dict[str, object]]:
    """Walk the output as a client must, and parse its text."""
    texts = [
        part["text"]
        for item in answer.json()["output"]
        if item["type"] == "message"
        for part in item["content"]
        if part["type"] == "output_text"
    ]
    captions: object = json.loads("".join(texts))["captions"]
    assert isinstance(captions, list)
    return captions


async def test_a_response_has_the_shape_of_the_api(openai: httpx.AsyncClient) -> None:
    body = response_of(metadata={"job": "j1"}, store=False, max_output_tokens=900)

    answer = await openai.post("responses", json=body)

    shown = as_object(answer)
    assert answer.status_code == 200
    assert str(shown["id"]).startswith("resp_")
    picked = {key: shown[key] for key in ("object", "status", "model", "error")}
    assert picked == {
        "object": "response",
        "status": "completed",
        "model": "gpt-6-luna",
        "error": None,
    }
    assert (shown["metadata"], shown["store"]) == ({"job": "j1"}, False)
    assert shown["incomplete_details"] is None
    assert "conversation" not in shown
    (message,) = answer.json()["output"]
    assert {key: message[key] for key in ("type", "role", "status")} == {
        "type": "message",
        "role": "assistant",
        "status": "completed",
    }
    assert message["content"][0]["annotations"] == []


async def test_usage_adds_up(openai: httpx.AsyncClient) -> None:
    usage = (await openai.post("responses", json=response_of())).json()["usage"]

    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert usage["input_tokens_details"]["cached_tokens"] == 0
    assert usage["output_tokens_details"] == {"reasoning_tokens": 0}


async def test_each_request_gets_its_caption(openai: httpx.AsyncClient) -> None:
    body = response_of(("sunset on the beach", "morning coffee", "a quiet library"))

    captions = captions_in(await openai.post("responses", json=body))

    assert [caption["key"] for caption in captions] == ["k0", "k1", "k2"]
    assert len({str(caption["caption"]) for caption in captions}) == 3


async def test_the_same_question_gets_the_same_captions(
    openai: httpx.AsyncClient,
) -> None:
    answers = [await openai.post("responses", json=response_of()) for _ in range(2)]

    assert captions_in(answers[0]) == captions_in(answers[1])
    assert answers[0].json()["id"] != answers[1].json()["id"]


async def test_answers_carry_the_requests_id_and_limits(
    openai: httpx.AsyncClient,
) -> None:
    answers = [await openai.post("responses", json=response_of()) for _ in range(2)]

    first, second = (answer.headers for answer in answers)
    assert first["x-request-id"] != second["x-request-id"]
    left = [int(each["x-ratelimit-remaining-requests"]) for each in (first, second)]
    assert left[0] == left[1] + 1
    assert first["openai-processing-ms"].isdecimal()


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"model": "gpt-2"}, 404, "model_not_found"),
        ({"model": None}, 400, "missing_required_parameter"),
        ({"input": []}, 400, "missing_required_parameter"),
        ({"stream": True}, 400, "unsupported_value"),
        ({"metadata": {str(n): "x" for n in range(17)}}, 400, "invalid_value"),
    ],
)
async def test_a_wrong_request_is_refused_in_the_envelope(
    openai: httpx.AsyncClient, more: dict[str, object], status: int, code: str
) -> None:
    answer = await openai.post("responses", json=response_of() | more)

    assert answer.status_code == status
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["code"]) == ("invalid_request_error", code)


async def test_a_body_that_is_no_json_is_refused(openai: httpx.AsyncClient) -> None:
    answer = await openai.post("responses", content=b"{")

    assert answer.status_code == 400


async def test_a_loose_schema_is_not_strict(openai: httpx.AsyncClient) -> None:
    loose = {key: CAPTION_SCHEMA[key] for key in ("type", "properties", "required")}
    wanted = {"type": "json_schema", "name": "c", "strict": True, "schema": loose}

    answer = await openai.post("responses", json=response_of(text={"format": wanted}))

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalid_json_schema")
    assert "'additionalProperties' is required" in error["message"]


@pytest.mark.parametrize(
    ("header", "code"),
    [({}, None), ({"authorization": "Bearer sk-x"}, "invalid_api_key")],
)
async def test_a_stranger_is_refused(
    providers: Providers, header: dict[str, str], code: str | None
) -> None:
    async with httpx.AsyncClient(trust_env=False) as stranger:
        answer = await stranger.get(f"{providers.openai_base}/models", headers=header)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)


async def test_the_models_are_listed(openai: httpx.AsyncClient) -> None:
    body = (await openai.get("models")).json()

    names = {model["id"] for model in body["data"]}
    assert body["object"] == "list"
    assert {"gpt-6-luna", "omni-moderation-latest"} <= names


async def test_a_model_can_refuse(
    openai: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await control.put("faults", json=[RESPOND | {"action": "refusal", "error": "No."}])

    shown = (await openai.post("responses", json=response_of())).json()

    assert shown["status"] == "completed"
    assert shown["output"][0]["content"] == [{"type": "refusal", "refusal": "No."}]


@pytest.mark.parametrize("reason", ["max_output_tokens", "content_filter"])
async def test_a_response_can_break_off(
    openai: httpx.AsyncClient, control: httpx.AsyncClient, reason: str
) -> None:
    rule = RESPOND | {"action": "incomplete", "reason": reason}
    await control.put("faults", json=[rule])

    answer = await openai.post("responses", json=response_of())

    shown = answer.json()
    assert (shown["status"], shown["incomplete_details"]) == (
        "incomplete",
        {"reason": reason},
    )
    with pytest.raises(json.JSONDecodeError):
        captions_in(answer)


async def test_a_limit_too_low_breaks_the_response_off(
    openai: httpx.AsyncClient,
) -> None:
    body = response_of(max_output_tokens=16)

    shown = (await openai.post("responses", json=body)).json()

    assert shown["incomplete_details"] == {"reason": "max_output_tokens"}
    assert shown["usage"]["output_tokens"] == 16


async def test_a_response_can_fail_with_http_200(
    openai: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await control.put("faults", json=[RESPOND | {"action": "fail", "error": "Down."}])

    answer = await openai.post("responses", json=response_of())

    shown = answer.json()
    assert (answer.status_code, shown["status"], shown["output"]) == (200, "failed", [])
    assert shown["error"] == {"code": "server_error", "message": "Down."}


async def test_a_stored_response_can_be_read_and_deleted(
    openai: httpx.AsyncClient,
) -> None:
    made = (await openai.post("responses", json=response_of())).json()

    read = await openai.get(f"responses/{made['id']}")
    deleted = await openai.delete(f"responses/{made['id']}")
    gone = await openai.get(f"responses/{made['id']}")

    assert read.json() == made
    assert deleted.json()["deleted"] is True
    assert gone.status_code == 404


async def test_a_response_that_was_not_to_be_stored_is_not(
    openai: httpx.AsyncClient,
) -> None:
    made = (await openai.post("responses", json=response_of(store=False))).json()

    answer = await openai.get(f"responses/{made['id']}")

    assert answer.status_code == 404
