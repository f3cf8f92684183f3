"""TikTok's webhooks: signed, about a JSON text, twice, late, never or wrong."""

import hashlib
import hmac
import json

import httpx
import pytest

from tests.stack.providers import Providers
from tests.stack.providers.tiktok.keys import CLIENT_SECRET
from tests.stack.providers.tiktok.webhooks import GAPS_S, signature
from tests.unit.providers_standins.receiver import Delivered, Receiver
from tests.unit.providers_standins.tiktok_asking import (
    DRAFT_INIT,
    PHOTO_INIT,
    Shelf,
    begun,
    data_of,
    photos_of,
    picture,
    posted,
    put_chunk,
    sent,
)

VECTOR_BODY = (
    b'{"client_key":"aw1testclientkey","event":"post.publish.complete",'
    b'"create_time":1795219200,"user_openid":"-000testOpenId","content":"{\\"publish_id'
    b'\\":\\"v_pub_file~v2-1.7412345678901234567\\",\\"publish_type\\":\\"DIRECT_PUBLISH'
    b'\\"}"}'
)


def verified(delivered: Delivered, secret: str) -> bool:
    """Check a delivery as a stranger would who has read only the documents."""
    parts = dict(
        part.split("=", 1) for part in delivered.headers["tiktok-signature"].split(",")
    )
    signed = parts["t"].encode() + b"." + delivered.body
    mac = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(mac, parts["s"])


def told(delivered: Delivered) -> tuple[str, dict[str, object]]:
    """Return a delivery's event and what it is about."""
    body = json.loads(delivered.body)
    fields = {"client_key", "event", "create_time", "user_openid", "content"}
    assert set(body) == fields
    assert isinstance(body["content"], str)
    return body["event"], json.loads(body["content"])


async def listen(
    control: httpx.AsyncClient, receiver: Receiver, **more: object
) -> None:
    """Have events sent to the receiver."""
    settings = {"webhook_url": receiver.url} | more
    await control.put("tiktok/settings", json=settings)


def test_a_signature_is_that_of_the_provider_vector() -> None:
    signed = signature("tiktok_test_client_secret_01", 1795219200, VECTOR_BODY)

    mac = "90efc5a25d505e2694d176ba5579004d9813ad3028f3b5829eafa9728283b874"
    assert signed == f"t=1795219200,s={mac}"


def test_the_last_attempt_is_within_three_days() -> None:
    assert 60 * 3600 < sum(GAPS_S) <= 72 * 3600


@pytest.mark.asyncio
async def test_a_post_is_told_complete_and_then_public(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    receiver: Receiver,
    providers: Providers,
) -> None:
    await listen(control, receiver)

    publish_id = await posted(tiktok)

    complete, public = sorted(await receiver.after(2), key=lambda one: told(one)[0])
    (post,) = (await control.get("tiktok/posts")).json()
    about = {"publish_id": publish_id, "publish_type": "DIRECT_PUBLISH"}
    number = str(post["post_ids"][0])
    assert told(complete) == ("post.publish.complete", about)
    assert told(public) == (
        "post.publish.publicly_available",
        about | {"post_id": number},
    )
    assert verified(complete, providers.tiktok_client_secret)
    body = json.loads(complete.body)
    assert body["client_key"] == providers.tiktok_client_key
    assert body["user_openid"] == post["open_id"]


@pytest.mark.asyncio
async def test_other_fates_are_told_too(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    await listen(control, receiver)
    draft = data_of(await tiktok.post(DRAFT_INIT, json={"source_info": sent()}))
    await put_chunk(tiktok, draft["upload_url"])
    await receiver.after(1)
    failed = (await begun(tiktok))["publish_id"]
    fate = {"publish_id": failed, "reason": "internal"}

    await control.post("tiktok/posts/fail", json=fate)

    inbox, failure = map(told, await receiver.after(2))
    assert inbox == (
        "post.publish.inbox_delivered",
        {"publish_id": draft["publish_id"], "publish_type": "INBOX_SHARE"},
    )
    assert failure == (
        "post.publish.failed",
        {"publish_id": failed, "reason": "internal", "publish_type": "DIRECT_PUBLISH"},
    )


@pytest.mark.asyncio
async def test_a_post_taken_down_is_told(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    publish_id = await posted(tiktok)
    await control.post("wait_idle")
    await listen(control, receiver)

    taken = {"publish_id": publish_id}
    answer = await control.post("tiktok/posts/take_down", json=taken)

    event, about = told((await receiver.after(1))[0])
    assert event == "post.publish.no_longer_publicaly_available"
    assert about["publish_id"] == publish_id
    assert answer.json()["is_available"] is False


@pytest.mark.asyncio
async def test_a_removed_authorization_is_told_and_ends_what_is_under_way(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    await listen(control, receiver)
    await begun(tiktok)

    who = {"username": "luna.vega", "reason": 2}
    await control.post("tiktok/authorizations/remove", json=who)

    events = dict(map(told, await receiver.after(2)))
    assert events["authorization.removed"] == {"reason": 2}
    assert events["post.publish.failed"]["reason"] == "auth_removed"
    assert (await tiktok.get("user/info/?fields=open_id")).status_code == 401


@pytest.mark.asyncio
async def test_any_event_can_be_sent(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    await listen(control, receiver)
    about = {"share_id": "video.1"}
    event = {"username": "luna.vega", "event": "video.publish.completed"}

    await control.post("tiktok/events", json=event | {"content": about})

    (delivered,) = await receiver.after(1)
    assert told(delivered) == ("video.publish.completed", about)


@pytest.mark.asyncio
async def test_an_event_is_sent_again_until_it_is_taken(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    await listen(control, receiver)
    receiver.answers = [500, 302, 404]

    await posted(tiktok, privacy_level="SELF_ONLY")
    await control.post("wait_idle")

    deliveries = (await control.get("tiktok/deliveries")).json()
    assert [one["status"] for one in deliveries] == [500, 302, 404, 200]
    assert len({one.body for one in receiver.received}) == 1


@pytest.mark.asyncio
async def test_an_event_nobody_takes_is_given_up(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    await listen(control, receiver)
    receiver.answers = [503] * 50

    await posted(tiktok, privacy_level="SELF_ONLY")
    await control.post("wait_idle")

    assert len(receiver.received) == len(GAPS_S)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("behaviour", "are_signed"),
    [
        ({"drop": True}, []),
        ({"duplicate": 3}, [True, True, True]),
        ({"corrupt": True}, [False]),
        ({"skew_s": -301, "delay_s": 0.05}, [True]),
        ({"drop": True, "match": "another"}, [True]),
    ],
)
async def test_webhooks_misbehave_as_told(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    receiver: Receiver,
    behaviour: dict[str, object],
    are_signed: list[bool],
) -> None:
    await listen(control, receiver)
    await control.put("webhooks", json=behaviour)

    await posted(tiktok, privacy_level="SELF_ONLY")
    await control.post("wait_idle")

    assert [verified(one, CLIENT_SECRET) for one in receiver.received] == are_signed


@pytest.mark.asyncio
async def test_events_can_come_before_the_answer(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    receiver: Receiver,
    shelf: Shelf,
) -> None:
    await listen(control, receiver)
    await control.put("webhooks", json={"early": True})

    body = photos_of(shelf.put("/a.jpg", picture()))
    await tiktok.post(PHOTO_INIT, json=body)

    assert len(receiver.received) == 2


@pytest.mark.asyncio
async def test_words_that_documents_disagree_on_can_be_changed(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    words = {"complete_event": "post.publish.completed", "direct_type": "DIRECT_POST"}
    await listen(control, receiver, **words)

    await posted(tiktok, privacy_level="SELF_ONLY")

    event, about = told((await receiver.after(1))[0])
    assert (event, about["publish_type"]) == ("post.publish.completed", "DIRECT_POST")


@pytest.mark.asyncio
async def test_addresses_beyond_loopback_are_never_called(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    away = {"webhook_url": "https://example.com/webhooks/tiktok"}
    await control.put("tiktok/settings", json=away)

    await posted(tiktok, privacy_level="SELF_ONLY")
    await control.post("wait_idle")

    deliveries = (await control.get("tiktok/deliveries")).json()
    assert {one["error"] for one in deliveries} == {
        "not sent: stand-ins speak to loopback only"
    }
