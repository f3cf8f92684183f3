"""Stripe's webhooks: signed, in order or not, twice, late, never or wrong."""

import json

import pytest
from stripe import SignatureVerificationError, Webhook

from tests.stack.providers import Providers
from tests.stack.providers.stripe.keys import VERSION, WEBHOOK_SECRET
from tests.stack.providers.stripe.webhooks import signature
from tests.unit.providers_standins.receiver import Delivered, Receiver
from tests.unit.providers_standins.stripe_asking import MARKS, Till

VECTOR_BODY = (
    b'{"id":"evt_1TestVixen0001","object":"event","api_version":"2026-10-28.endive",'
    b'"created":1795219200,"type":"checkout.session.completed","livemode":false,'
    b'"data":{"object":{"id":"cs_test_a1VixenBliss","object":"checkout.session",'
    b'"payment_status":"paid"}}}'
)

pytestmark = MARKS


def is_signed(delivered: Delivered) -> bool:
    """Check a delivery as the SDK does."""
    header = delivered.headers["stripe-signature"]
    try:
        Webhook.construct_event(delivered.body, header, WEBHOOK_SECRET)
    except SignatureVerificationError:
        return False
    return True


def told(received: list[Delivered]) -> list[str]:
    """Return the types of what came."""
    return [json.loads(each.body)["type"] for each in received]


async def paid(stripe: Till) -> None:
    """Have a tip paid, which is four events."""
    await stripe.do("pay", session=await stripe.session())
    await stripe.control.post("wait_idle")


async def test_a_signature_is_that_of_the_provider_vector() -> None:
    signed = signature(
        "whsec_test_vixenbliss_0123456789abcdef", 1795219200, VECTOR_BODY
    )

    mac = "c3b1845de9e50c909aea3ad1d865d4ce3f43bd21f429b6c43e08d925e9264c4d"
    assert signed.startswith(f"t=1795219200,v1={mac},v0=")


async def test_events_are_sent_signed_and_in_their_order(
    stripe: Till, receiver: Receiver, providers: Providers
) -> None:
    await stripe.turn(webhook_url=receiver.url)

    await paid(stripe)

    assert told(receiver.received) == await stripe.told()
    assert all(is_signed(each) for each in receiver.received)
    event = json.loads(receiver.received[0].body)
    assert event["api_version"] == VERSION
    assert event["livemode"] is False
    assert event["pending_webhooks"] == 1
    assert event["request"] == {"id": None, "idempotency_key": None}
    assert providers.stripe_webhook_secret == WEBHOOK_SECRET


async def test_acts_follow_each_other(stripe: Till, receiver: Receiver) -> None:
    await stripe.turn(webhook_url=receiver.url)
    await stripe.control.put("webhooks", json={"delay_s": 0.05})

    subscription = await stripe.subscribed()
    for _ in range(2):
        await stripe.do("renew", subscription=subscription["id"])
    await stripe.control.post("wait_idle")

    assert told(receiver.received) == await stripe.told()


async def test_an_event_says_whose_call_it_came_of(
    stripe: Till, receiver: Receiver
) -> None:
    await stripe.turn(webhook_url=receiver.url)

    await stripe.sdk.v1.customers.create_async(options={"idempotency_key": "key-1"})

    (delivered,) = await receiver.after(1)
    request = json.loads(delivered.body)["request"]
    assert request["id"].startswith("req_")
    assert request["idempotency_key"] == "key-1"


async def test_events_of_an_act_may_be_shuffled(
    stripe: Till, receiver: Receiver
) -> None:
    await stripe.turn(webhook_url=receiver.url, order="shuffled")

    await paid(stripe)

    order = await stripe.told()
    assert sorted(told(receiver.received)) == sorted(order)
    assert told(receiver.received) != order


async def test_an_event_is_sent_again_until_it_is_taken(
    stripe: Till, receiver: Receiver
) -> None:
    await stripe.turn(webhook_url=receiver.url)
    receiver.answers = [500, 302]

    await stripe.sdk.v1.customers.create_async()
    await stripe.control.post("wait_idle")

    deliveries = (await stripe.control.get("stripe/deliveries")).json()
    assert [one["status"] for one in deliveries] == [500, 302, 200]
    assert len({one.body for one in receiver.received}) == 1


async def test_what_nobody_takes_is_given_up_and_can_be_asked_for(
    stripe: Till, receiver: Receiver
) -> None:
    await stripe.turn(webhook_url=receiver.url, attempts=3)
    await stripe.sdk.v1.customers.create_async(params={"name": "taken"})
    await stripe.control.post("wait_idle")
    receiver.answers = [500] * 3

    await stripe.sdk.v1.customers.create_async(params={"name": "lost"})
    await stripe.control.post("wait_idle")

    lost = await stripe.sdk.v1.events.list_async(params={"delivery_success": False})
    assert len(receiver.received) == 4
    assert [event.data.object["name"] for event in lost.data] == ["lost"]


@pytest.mark.parametrize(
    ("behaviour", "are_signed"),
    [
        ({"drop": True}, []),
        ({"duplicate": 3}, [True, True, True]),
        ({"corrupt": True}, [False]),
        ({"skew_s": -301, "delay_s": 0.05}, [False]),
        ({"drop": True, "match": "another"}, [True]),
    ],
    ids=["drop", "duplicate", "corrupt", "skew", "another"],
)
async def test_webhooks_misbehave_as_told(
    stripe: Till,
    receiver: Receiver,
    behaviour: dict[str, object],
    are_signed: list[bool],
) -> None:
    await stripe.turn(webhook_url=receiver.url)
    await stripe.control.put("webhooks", json=behaviour)

    await stripe.sdk.v1.customers.create_async()
    await stripe.control.post("wait_idle")

    assert [is_signed(one) for one in receiver.received] == are_signed


async def test_events_can_come_before_the_answer(
    stripe: Till, receiver: Receiver
) -> None:
    await stripe.turn(webhook_url=receiver.url)
    await stripe.control.put("webhooks", json={"early": True})

    await stripe.sdk.v1.customers.create_async()

    assert told(receiver.received) == ["customer.created"]


async def test_any_event_can_be_sent_again(stripe: Till, receiver: Receiver) -> None:
    await stripe.sdk.v1.customers.create_async()
    (event,) = await stripe.events()
    await stripe.turn(webhook_url=receiver.url)

    await stripe.control.post(
        "stripe/events/send", json={"id": event["id"], "times": 3}
    )

    received = await receiver.after(3)
    assert {json.loads(each.body)["id"] for each in received} == {event["id"]}


async def test_an_event_can_be_had_signed(stripe: Till) -> None:
    await stripe.sdk.v1.customers.create_async()
    (event,) = await stripe.events()

    signed = await stripe.do("events/signed", id=event["id"])

    body = signed["body"].encode()
    assert is_signed(Delivered("/", signed["headers"], body))
    assert json.loads(body)["id"] == event["id"]


async def test_addresses_beyond_loopback_are_never_called(stripe: Till) -> None:
    await stripe.turn(webhook_url="https://example.com/webhooks/stripe", attempts=1)

    await paid(stripe)

    deliveries = (await stripe.control.get("stripe/deliveries")).json()
    assert {one["status"] for one in deliveries} == {None}
