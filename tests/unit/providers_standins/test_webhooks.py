"""Webhooks: signed as Standard Webhooks say, retried as Replicate does."""

import asyncio
import base64
import hashlib
import hmac
import json

import httpx
import pytest

from tests.stack.providers import Providers
from tests.stack.providers.replicate.webhooks import GAPS_S, signature
from tests.unit.providers_standins.asking import as_object, finished, prediction_of
from tests.unit.providers_standins.receiver import Delivered, Receiver

VECTOR_SECRET = "whsec_dml4ZW5ibGlzcy1zdGFuZGFyZC13ZWJob29rcy1rZXk="
VECTOR_BODY = (
    b'{"id":"r9xk3w1testpred0cvixen","model":"black-forest-labs/flux-schnell",'
    b'"version":"hidden","status":"succeeded","input":{"prompt":"portrait"},'
    b'"output":["https://replicate.delivery/xezq/test/out-0.webp"],"error":null,'
    b'"created_at":"2026-11-20T12:00:00.000Z"}'
)


def verified(delivered: Delivered, secret: str) -> bool:
    """Check a delivery as a stranger would who has read only the specification."""
    key = base64.b64decode(secret.split("_", 1)[1])
    headers = delivered.headers
    head = f"{headers['webhook-id']}.{headers['webhook-timestamp']}."
    mac = hmac.new(key, head.encode() + delivered.body, hashlib.sha256)
    ours = "v1," + base64.b64encode(mac.digest()).decode()
    return hmac.compare_digest(ours, headers["webhook-signature"])


def test_a_signature_is_that_of_the_provider_vector() -> None:
    signed = signature(
        VECTOR_SECRET, "msg_2vTestReplicate0001", 1795219200, VECTOR_BODY
    )

    assert signed == "v1,Hhba9CA6dQdXXeS07Xir8p38+m9qYa2utuTlSQlb90Y="


def test_a_signature_is_that_of_the_specifications_example() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    signed = signature(
        secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_last_attempt_is_a_minute_after_the_first() -> None:
    assert sum(GAPS_S) == 60
    assert list(GAPS_S) == sorted(GAPS_S)


@pytest.mark.asyncio
async def test_the_end_is_told_with_the_bare_prediction_signed(
    replicate: httpx.AsyncClient, receiver: Receiver, providers: Providers
) -> None:
    body = prediction_of(webhook=receiver.url, webhook_events_filter=["completed"])

    done = await finished(replicate, body)

    (delivered,) = await receiver.after(1)
    assert delivered.target == "/webhooks/replicate?job=job-1"
    assert json.loads(delivered.body) == done
    assert verified(delivered, providers.webhook_secret)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (["start", "completed"], ["processing", "succeeded"]),
        (["logs", "output"], ["processing", "processing"]),
        (None, ["processing", "succeeded"]),
    ],
)
async def test_only_wanted_events_are_told(
    replicate: httpx.AsyncClient,
    control: httpx.AsyncClient,
    receiver: Receiver,
    wanted: list[str] | None,
    told: list[str],
) -> None:
    body = prediction_of(webhook=receiver.url)
    if wanted is not None:
        body["webhook_events_filter"] = wanted

    await finished(replicate, body)
    await control.post("wait_idle")

    assert sorted(status_of(one) for one in receiver.received) == told


@pytest.mark.asyncio
async def test_the_end_is_retried_under_one_id_until_it_is_taken(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.answers = [500, 302, 404]
    body = prediction_of(webhook=receiver.url, webhook_events_filter=["completed"])

    await finished(replicate, body)
    await control.post("wait_idle")

    assert len(receiver.received) == 4
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 1
    deliveries = (await control.get("deliveries")).json()
    assert [one["status"] for one in deliveries] == [500, 302, 404, 200]


@pytest.mark.asyncio
async def test_the_end_is_given_up_after_seven_attempts(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.answers = [503] * 20
    body = prediction_of(webhook=receiver.url, webhook_events_filter=["completed"])

    await finished(replicate, body)
    await control.post("wait_idle")

    assert len(receiver.received) == 7


@pytest.mark.asyncio
async def test_what_comes_before_the_end_is_never_retried(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.answers = [500]
    body = prediction_of(webhook=receiver.url, webhook_events_filter=["start"])

    await finished(replicate, body)
    await control.post("wait_idle")

    assert len(receiver.received) == 1


@pytest.mark.asyncio
async def test_webhooks_can_be_dropped(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    await control.put("webhooks", json={"drop": True})

    await finished(replicate, prediction_of(webhook=receiver.url))
    await control.post("wait_idle")

    assert receiver.received == []
    deliveries = (await control.get("deliveries")).json()
    assert {one["error"] for one in deliveries} == {"dropped by order"}


@pytest.mark.asyncio
async def test_only_matching_addresses_misbehave(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    await control.put("webhooks", json={"drop": True, "match": "job=other"})
    body = prediction_of(webhook=receiver.url, webhook_events_filter=["completed"])

    await finished(replicate, body)

    assert len(await receiver.after(1)) == 1


@pytest.mark.asyncio
async def test_webhooks_can_come_several_times_at_once(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    await control.put("webhooks", json={"duplicate": 5})
    body = prediction_of(webhook=receiver.url, webhook_events_filter=["completed"])

    await finished(replicate, body)

    copies = await receiver.after(5)
    assert len({one.headers["webhook-id"] for one in copies}) == 1


@pytest.mark.asyncio
async def test_the_end_can_be_told_before_the_create_call_is_answered(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    await control.put("webhooks", json={"early": True})

    answer = await replicate.post(
        "predictions", json=prediction_of(webhook=receiver.url)
    )

    assert "succeeded" in [status_of(one) for one in receiver.received]
    assert as_object(answer)["status"] == "starting"


@pytest.mark.asyncio
async def test_a_signature_can_be_made_wrong(
    replicate: httpx.AsyncClient,
    control: httpx.AsyncClient,
    receiver: Receiver,
    providers: Providers,
) -> None:
    await control.put("webhooks", json={"corrupt": True})

    await finished(replicate, prediction_of(webhook=receiver.url))

    delivered, *_ = await receiver.after(1)
    assert not verified(delivered, providers.webhook_secret)


@pytest.mark.asyncio
async def test_a_late_or_skewed_webhook_is_signed_with_its_time(
    replicate: httpx.AsyncClient,
    control: httpx.AsyncClient,
    receiver: Receiver,
    providers: Providers,
) -> None:
    await control.put("webhooks", json={"delay_s": 0.05, "skew_s": -301})
    body = prediction_of(webhook=receiver.url, webhook_events_filter=["completed"])
    loop = asyncio.get_running_loop()
    began = loop.time()

    done = await finished(replicate, body)

    (delivered,) = await receiver.after(1)
    assert loop.time() - began >= 0.05
    assert verified(delivered, providers.webhook_secret)
    assert str(done["completed_at"]) > "2026"
    assert int(delivered.headers["webhook-timestamp"]) > 1_700_000_000


@pytest.mark.asyncio
async def test_addresses_beyond_loopback_are_never_called(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await finished(replicate, prediction_of(webhook="https://example.com/hook?job=1"))
    await control.post("wait_idle")

    deliveries = (await control.get("deliveries")).json()
    assert {one["error"] for one in deliveries} == {
        "not sent: stand-ins speak to loopback only"
    }


def status_of(delivered: Delivered) -> str:
    return str(json.loads(delivered.body)["status"])
