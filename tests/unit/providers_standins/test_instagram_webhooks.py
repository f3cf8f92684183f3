"""Instagram's webhooks: signed over escaped bytes, in the shapes that were seen."""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import pytest_asyncio

from tests.stack.providers import Providers
from tests.stack.providers.instagram.keys import META_APP_SECRET
from tests.stack.providers.instagram.webhooks import GAPS_S, signature
from tests.unit.providers_standins.graph import USER, Graph, refused
from tests.unit.providers_standins.host import ECHO
from tests.unit.providers_standins.receiver import Delivered, Receiver

VECTOR_SECRET = "0123456789abcdef0123456789abcdef"
VECTOR_BODY = (
    b'{"object":"instagram","entry":[{"id":"17841400000000001","time":1795219200,'
    b'"changes":[{"field":"comments","value":{"id":"17900000000000001","from":{"id":'
    b'"1234567890","username":"fan_one"},"text":"caf\\u00e9 \\ud83d\\udd25","media":'
    b'{"id":"17950000000000001","media_product_type":"REELS"}}}]}]}'
)
MESSAGE = {"kind": "message", "username": USER, "text": "caf\u00e9 \U0001f525"}
MENTION = {"kind": "mention", "username": USER, "media_id": "1795"}


@pytest_asyncio.fixture
async def told(graph: Graph, receiver: Receiver) -> Receiver:
    """A receiver whom the app named, of an account that tells it everything."""
    await graph.set(webhook_url=receiver.url)
    await graph.change(subscribed=["comments", "mentions", "messages"])
    return receiver


def verified(delivered: Delivered, secret: str) -> bool:
    """Check a delivery as a stranger would who has read only the documents."""
    mac = hmac.new(secret.encode(), delivered.body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(
        delivered.headers["x-hub-signature-256"], f"sha256={mac}"
    )


async def tell(graph: Graph, *updates: dict[str, str], **more: bool) -> httpx.Response:
    order = {"updates": list(updates)} | more
    answer = await graph.control.post("instagram/updates", json=order)
    assert answer.status_code == 200, answer.text
    return answer


def test_a_signature_is_that_of_the_provider_vector() -> None:
    assert signature(VECTOR_SECRET, VECTOR_BODY) == (
        "sha256=4d1a17637ad57bb46e5a1b48a886b4926fcc8c67a7796a7e4320a7ee07b96135"
    )


def test_attempts_thin_out_over_a_day_and_a_half() -> None:
    assert GAPS_S[:2] == (0, 0)
    assert 30 * 3600 < sum(GAPS_S) <= 36 * 3600
    assert list(GAPS_S) == sorted(GAPS_S)


@pytest.mark.asyncio
async def test_a_comment_is_told_signed_and_escaped(
    graph: Graph, told: Receiver, providers: Providers
) -> None:
    post = await graph.post()
    update = {"kind": "comment", "post_id": post, "text": "caf\u00e9 \U0001f525"}

    answer = await tell(graph, update)

    (delivered,) = await told.after(1)
    body = json.loads(delivered.body)
    (entry,) = body["entry"]
    (change,) = entry["changes"]
    assert b"caf\\u00e9 \\ud83d\\udd25" in delivered.body
    assert verified(delivered, providers.instagram_app_secret)
    assert (body["object"], entry["id"][:5]) == ("instagram", "17841")
    assert (change["field"], [change["value"]]) == ("comments", answer.json()["values"])
    assert change["value"]["media"] == {"id": post, "media_product_type": "FEED"}
    assert delivered.headers["x-hub-signature"].startswith("sha1=")


@pytest.mark.asyncio
async def test_a_message_has_its_own_shape(graph: Graph, told: Receiver) -> None:
    await tell(graph, MESSAGE, MESSAGE | {"is_echo": "true"})

    (delivered,) = await told.after(1)
    first, second = (entry["messaging"][0] for entry in body_of(delivered)["entry"])
    assert first["message"]["text"] == MESSAGE["text"]
    assert first["recipient"] == second["sender"]
    assert first["timestamp"] > 10**12
    assert second["message"]["is_echo"] is True


@pytest.mark.asyncio
async def test_a_mention_tells_ids_only(graph: Graph, told: Receiver) -> None:
    await tell(graph, MENTION | {"comment_id": "1786"})

    (delivered,) = await told.after(1)
    (change,) = body_of(delivered)["entry"][0]["changes"]
    value = {"media_id": "1795", "comment_id": "1786"}
    assert change == {"field": "mentions", "value": value}


@pytest.mark.asyncio
async def test_news_can_be_flat_and_in_an_array(graph: Graph, told: Receiver) -> None:
    await graph.set(webhook_shape="flat", webhook_in_array=True)

    await tell(graph, MENTION)

    (delivered,) = await told.after(1)
    (body,) = json.loads(delivered.body)
    assert body["entry"][0]["field"] == "mentions"
    assert body["entry"][0]["value"] == {"media_id": "1795"}


@pytest.mark.asyncio
async def test_news_come_in_one_body_or_each_in_its_own(
    graph: Graph, told: Receiver
) -> None:
    await tell(graph, MENTION, MESSAGE)
    await tell(graph, MENTION, MESSAGE, batched=False)

    entries = [len(body_of(one)["entry"]) for one in await told.after(3)]
    assert sorted(entries) == [1, 1, 2]


@pytest.mark.asyncio
async def test_the_other_secret_may_sign(graph: Graph, told: Receiver) -> None:
    await graph.set(signed_with="meta")

    await tell(graph, MENTION)

    (delivered,) = await told.after(1)
    assert verified(delivered, META_APP_SECRET)


@pytest.mark.asyncio
async def test_only_what_is_subscribed_to_is_told(graph: Graph, told: Receiver) -> None:
    await graph.change(subscribed=["comments"])

    silent = await tell(graph, MENTION)
    forced = await tell(graph, MENTION, unsubscribed=True)

    assert (silent.json()["sent"], forced.json()["sent"]) == (0, 1)
    assert len(await told.after(1)) == 1


@pytest.mark.asyncio
async def test_webhooks_can_be_doubled_dropped_and_corrupted(
    graph: Graph, told: Receiver, providers: Providers
) -> None:
    await graph.control.put("webhooks", json={"duplicate": 3, "corrupt": True})
    await tell(graph, MENTION)
    copies = await told.after(3)
    await graph.control.put("webhooks", json={"drop": True})
    await tell(graph, MENTION)
    await graph.control.post("wait_idle")

    assert len({copy.body for copy in copies}) == 1
    assert not verified(copies[0], providers.instagram_app_secret)
    deliveries = (await graph.control.get("instagram/deliveries")).json()
    assert [one["error"] for one in deliveries] == [None] * 3 + ["dropped by order"]


@pytest.mark.asyncio
async def test_a_webhook_is_tried_until_it_is_taken(
    graph: Graph, told: Receiver
) -> None:
    told.answers = [500, 302]

    await tell(graph, MENTION)
    await graph.control.post("wait_idle")

    deliveries = (await graph.control.get("instagram/deliveries")).json()
    assert [one["status"] for one in deliveries] == [500, 302, 200]


@pytest.mark.asyncio
async def test_addresses_beyond_loopback_are_never_called(graph: Graph) -> None:
    await graph.set(webhook_url="https://example.com/hook")

    await tell(graph, MENTION, unsubscribed=True)
    await graph.control.post("wait_idle")

    deliveries = (await graph.control.get("instagram/deliveries")).json()
    assert {one["error"] for one in deliveries} == {
        "not sent: stand-ins speak to loopback only"
    }


@pytest.mark.asyncio
@pytest.mark.parametrize(("content", "is_verified"), [(ECHO, True), (b"7", False)])
async def test_the_app_is_verified_by_its_echo(
    graph: Graph, content: bytes, *, is_verified: bool
) -> None:
    url = graph.host.put("/webhooks/instagram", content)

    answer = await graph.control.post("instagram/verify", json={"url": url})

    assert answer.json()["verified"] is is_verified


@pytest.mark.asyncio
async def test_who_removes_the_app_is_told_of_and_shut(
    graph: Graph, receiver: Receiver, providers: Providers
) -> None:
    await graph.set(deauthorize_url=receiver.url)

    answer = await graph.control.post("instagram/deauthorize", json={"username": USER})

    assert answer.json()["status"] == 200
    (delivered,) = await receiver.after(1)
    told = opened(delivered, providers.instagram_app_secret)
    assert told["algorithm"] == "HMAC-SHA256"
    (account,) = (await graph.control.get("instagram/accounts")).json()
    assert told["user_id"] == account["id"]
    assert refused(await graph.client.get("me")) == (190, 458)


@pytest.mark.asyncio
async def test_the_app_may_know_no_address_for_leavers(graph: Graph) -> None:
    answer = await graph.control.post("instagram/deauthorize", json={"username": USER})

    assert answer.json()["error"] == "the app has no such address"
    assert refused(await graph.client.get("me")) == (190, 458)


@pytest.mark.asyncio
async def test_what_the_app_says_to_a_deletion_is_shown(graph: Graph) -> None:
    reply = {"url": "https://app.example/d/1", "confirmation_code": "c1"}
    url = graph.host.put("/deletion", json.dumps(reply).encode())
    await graph.set(data_deletion_url=url)

    answer = await graph.control.post(
        "instagram/data_deletion", json={"username": USER}
    )

    assert answer.json() == {"status": 200, "body": reply, "error": None}
    assert (await graph.client.get("me")).status_code == 200


def body_of(delivered: Delivered) -> Any:
    return json.loads(delivered.body)


def opened(delivered: Delivered, secret: str) -> dict[str, object]:
    """Return what a signed request says, its signature checked."""
    (request,) = parse_qs(delivered.body.decode())["signed_request"]
    given, _, payload = request.partition(".")
    mac = hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest()
    assert decoded(given) == mac
    told: dict[str, object] = json.loads(decoded(payload))
    return told


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
