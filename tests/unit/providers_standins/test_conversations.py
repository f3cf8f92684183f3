"""Conversations: kept, filled by responses, and locked while one is written."""

import asyncio

import httpx
import pytest

from tests.unit.providers_standins.asking import as_object, response_of

pytestmark = pytest.mark.asyncio


async def begun(openai: httpx.AsyncClient, **body: object) -> str:
    return str(as_object(await openai.post("conversations", json=body))["id"])


def said(*texts: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text} for text in texts]


def texts_of(answer: httpx.Response) -> list[str]:
    return [item["content"][0]["text"] for item in answer.json()["data"]]


async def test_a_conversation_is_made_read_updated_and_deleted(
    openai: httpx.AsyncClient,
) -> None:
    its_id = await begun(openai, metadata={"avatar": "luna"})

    read = as_object(await openai.get(f"conversations/{its_id}"))
    updated = as_object(
        await openai.post(f"conversations/{its_id}", json={"metadata": {"a": "b"}})
    )
    deleted = as_object(await openai.delete(f"conversations/{its_id}"))
    gone = await openai.get(f"conversations/{its_id}")

    assert its_id.startswith("conv_")
    assert (read["object"], read["metadata"]) == ("conversation", {"avatar": "luna"})
    assert isinstance(read["created_at"], int)
    assert updated["metadata"] == {"a": "b"}
    assert deleted == {"id": its_id, "object": "conversation.deleted", "deleted": True}
    assert gone.status_code == 404


@pytest.mark.parametrize("as_object_with_id", [True, False])
async def test_a_response_adds_what_was_asked_and_answered(
    openai: httpx.AsyncClient, *, as_object_with_id: bool
) -> None:
    its_id = await begun(openai)
    given = {"id": its_id} if as_object_with_id else its_id

    response = as_object(
        await openai.post("responses", json=response_of(conversation=given))
    )

    items = (
        await openai.get(f"conversations/{its_id}/items", params={"order": "asc"})
    ).json()["data"]
    assert response["conversation"] == {"id": its_id}
    assert [item["role"] for item in items] == ["user", "assistant"]
    assert items[0]["content"][0]["type"] == "input_text"
    assert response["output"] == items[1:]


async def test_items_come_in_pages_newest_first(openai: httpx.AsyncClient) -> None:
    its_id = await begun(openai, items=said("a", "b", "c"))
    path = f"conversations/{its_id}/items"

    first = await openai.get(path, params={"limit": 2})
    last = first.json()["last_id"]
    second = await openai.get(path, params={"limit": 2, "after": last})

    assert texts_of(first) == ["c", "b"]
    assert texts_of(second) == ["a"]
    assert (first.json()["has_more"], second.json()["has_more"]) == (True, False)
    assert first.json()["object"] == "list"
    assert first.json()["first_id"] == first.json()["data"][0]["id"]


async def test_items_can_be_added_by_hand(openai: httpx.AsyncClient) -> None:
    its_id = await begun(openai)
    path = f"conversations/{its_id}/items"

    added = await openai.post(path, json={"items": said("hello")})

    assert texts_of(added) == ["hello"]
    assert texts_of(await openai.get(path)) == ["hello"]


@pytest.mark.parametrize(
    ("query", "status"),
    [({"limit": "0"}, 400), ({"limit": "101"}, 400), ({"after": "msg_x"}, 404)],
)
async def test_a_page_that_cannot_be_is_refused(
    openai: httpx.AsyncClient, query: dict[str, str], status: int
) -> None:
    its_id = await begun(openai, items=said("a"))

    answer = await openai.get(f"conversations/{its_id}/items", params=query)

    assert answer.status_code == status


async def test_more_than_twenty_items_at_once_are_refused(
    openai: httpx.AsyncClient,
) -> None:
    answer = await openai.post("conversations", json={"items": said(*"x" * 21)})

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "items"


async def test_a_response_on_an_unknown_conversation_is_refused(
    openai: httpx.AsyncClient,
) -> None:
    body = response_of(conversation="conv_none")

    answer = await openai.post("responses", json=body)

    assert answer.status_code == 404


async def test_a_second_response_finds_the_conversation_locked(
    openai: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    its_id = await begun(openai)
    await control.put("settings", json={"openai_latency_s": 1})
    body = response_of(conversation=its_id)

    answers = await asyncio.gather(
        *(openai.post("responses", json=body) for _ in range(3))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400]
    refused = next(answer for answer in answers if answer.status_code == 400)
    error = refused.json()["error"]
    assert (error["code"], error["param"]) == ("conversation_locked", "conversation")
    items = (await openai.get(f"conversations/{its_id}/items")).json()["data"]
    assert len(items) == 2


async def test_a_failed_response_adds_nothing_and_unlocks(
    openai: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    its_id = await begun(openai)
    fail = {"provider": "openai", "call": "responses.create", "action": "fail"}
    await control.put("faults", json=[fail])
    body = response_of(conversation=its_id)

    failed = await openai.post("responses", json=body)

    items = (await openai.get(f"conversations/{its_id}/items")).json()["data"]
    again = await openai.post("responses", json=body)
    assert failed.json()["status"] == "failed"
    assert items == []
    assert again.json()["status"] == "completed"
