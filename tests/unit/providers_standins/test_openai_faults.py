"""Faults of OpenAI: its envelope, and where a lost answer is found again."""

import httpx
import pytest

from tests.stack.providers import Providers
from tests.unit.providers_standins.asking import as_object, response_of, script

pytestmark = pytest.mark.asyncio

RESPOND: dict[str, object] = {"provider": "openai", "call": "responses.create"}


async def test_openais_troubles_come_in_its_envelope(
    openai: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await script(
        control, RESPOND | {"action": "status", "status": 429, "retry_after": 2}
    )

    answer = await openai.post("responses", json=response_of())

    error = answer.json()["error"]
    assert answer.headers["retry-after"] == "2"
    assert (error["code"], error["param"]) == ("rate_limit_exceeded", None)
    assert answer.headers["x-request-id"].startswith("req_")


async def test_a_quota_can_be_scripted_to_be_spent(
    openai: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    spent = {"error": {"message": "…", "type": "insufficient_quota", "param": None}}
    rule = RESPOND | {"action": "status", "status": 429, "body": spent}
    await script(control, rule)

    answer = await openai.post("responses", json=response_of())

    assert answer.json() == spent


async def test_a_lost_response_was_paid_for_and_lies_in_its_conversation(
    openai: httpx.AsyncClient, control: httpx.AsyncClient, providers: Providers
) -> None:
    conversation = as_object(await openai.post("conversations", json={}))["id"]
    await script(control, RESPOND | {"action": "after"})

    with pytest.raises(httpx.TransportError):
        await openai.post("responses", json=response_of(conversation=conversation))

    items = (await openai.get(f"conversations/{conversation}/items")).json()["data"]
    (effect,) = providers.journal("openai").effects("responses.create")
    assert [item["role"] for item in items] == ["assistant", "user"]
    assert effect.keys == ("k0",)
