"""Subscriptions as they go on: renewed, changed, paused, and over."""

from datetime import UTC, datetime
from typing import Any

import pytest
from stripe import CardError, InvalidRequestError

from tests.unit.providers_standins.stripe_asking import MARKS, MONTHLY, Till

pytestmark = MARKS


def period(subscription: dict[str, Any]) -> tuple[int, int]:
    (item,) = subscription["items"]["data"]
    return item["current_period_start"], item["current_period_end"]


async def switched(
    stripe: Till, subscription: dict[str, Any], price: str, **more: Any
) -> Any:
    (item,) = subscription["items"]["data"]
    params: Any = {"items": [{"id": item["id"], "price": price}], **more}
    return await stripe.sdk.v1.subscriptions.update_async(subscription["id"], params)


async def test_a_renewal_begins_where_the_last_period_ended(stripe: Till) -> None:
    before = await stripe.subscribed()

    after = await stripe.do("renew", subscription=before["id"])

    _, invoice = await stripe.all("invoice")
    start, end = period(after)
    assert start == period(before)[1]
    assert datetime.fromtimestamp(end, UTC).day <= 31
    assert end > start
    assert invoice["billing_reason"] == "subscription_cycle"
    assert (invoice["status"], invoice["amount_paid"]) == ("paid", 999)
    assert invoice["lines"]["data"][0]["period"] == {"start": start, "end": end}
    assert after["latest_invoice"] == invoice["id"]


async def test_a_failed_renewal_is_past_due_until_it_is_paid(stripe: Till) -> None:
    subscription = await stripe.subscribed()
    mark = len(await stripe.told())

    await stripe.do(
        "renew", subscription=subscription["id"], outcome="paid_after_retry"
    )

    (_, invoice) = await stripe.all("invoice")
    moved = [
        (event["data"]["previous_attributes"]["status"], event["data"]["object"])
        for event in (await stripe.events("customer.subscription.updated"))[2:]
    ]
    assert [(was, now["status"]) for was, now in moved] == [
        ("active", "past_due"),
        ("past_due", "active"),
    ]
    assert (invoice["status"], invoice["attempt_count"]) == ("paid", 2)
    assert (await stripe.told())[mark:] == [
        "invoice.created",
        "customer.subscription.updated",
        "payment_intent.created",
        "invoice.finalized",
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.updated",
        "invoice.payment_failed",
        "customer.subscription.updated",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "customer.subscription.updated",
    ]


@pytest.mark.parametrize(
    ("final", "status"),
    [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")],
    ids=["cancel", "unpaid", "past_due"],
)
async def test_the_last_failure_ends_it(stripe: Till, final: str, status: str) -> None:
    await stripe.turn(final_failure=final)
    subscription = await stripe.subscribed()
    await stripe.do("renew", subscription=subscription["id"], outcome="failed")
    _, invoice = await stripe.all("invoice")

    await stripe.do("retry", invoice=invoice["id"], outcome="final")

    (shown,) = await stripe.all("subscription")
    assert shown["status"] == status
    if final == "cancel":
        assert shown["cancellation_details"]["reason"] == "payment_failed"
        assert (await stripe.told())[-1] == "customer.subscription.deleted"


async def test_a_trial_ends_with_the_first_payment(stripe: Till) -> None:
    trial = await stripe.subscribed(subscription_data={"trial_period_days": 3})
    await stripe.do("trial_will_end", subscription=trial["id"])

    after = await stripe.do("renew", subscription=trial["id"])

    (charge,) = await stripe.all("charge")
    assert after["status"] == "active"
    assert period(after)[0] == trial["trial_end"]
    assert charge["amount"] == 999
    assert "customer.subscription.trial_will_end" in await stripe.told()


async def test_an_end_in_sight_comes_with_the_period(stripe: Till) -> None:
    subscription = await stripe.subscribed()
    subscriptions = stripe.sdk.v1.subscriptions

    warned = await subscriptions.update_async(
        subscription["id"],
        params={
            "cancel_at_period_end": True,
            "cancellation_details": {"feedback": "too_expensive"},
        },
    )
    after = await stripe.do("renew", subscription=subscription["id"])

    assert warned.cancel_at == period(subscription)[1]
    assert warned.status == "active"
    assert warned.cancellation_details is not None
    assert warned.cancellation_details.feedback == "too_expensive"
    assert after["status"] == "canceled"
    assert after["cancellation_details"]["reason"] == "cancellation_requested"
    assert len(await stripe.all("invoice")) == 1


async def test_an_end_in_sight_can_be_taken_back(stripe: Till) -> None:
    id_ = (await stripe.subscribed())["id"]
    subscriptions = stripe.sdk.v1.subscriptions
    await subscriptions.update_async(id_, params={"cancel_at_period_end": True})

    found = await subscriptions.update_async(
        id_, params={"cancel_at_period_end": False}
    )

    assert (found.cancel_at, found.canceled_at) == (None, None)
    *_, last = await stripe.events("customer.subscription.updated")
    assert last["data"]["previous_attributes"]["cancel_at_period_end"] is True


async def test_an_end_at_once_is_for_good(stripe: Till) -> None:
    id_ = (await stripe.subscribed())["id"]
    subscriptions = stripe.sdk.v1.subscriptions

    ended = await subscriptions.cancel_async(id_)

    assert (ended.status, ended.ended_at) == ("canceled", ended.canceled_at)
    with pytest.raises(InvalidRequestError, match="canceled subscription"):
        await subscriptions.update_async(id_, params={"cancel_at_period_end": True})
    await stripe.refuses("renew", subscription=id_)
    assert (await subscriptions.list_async()).data == []
    every = await subscriptions.list_async(params={"status": "all"})
    assert [each.id for each in every.data] == [id_]


async def test_another_plan_is_settled_by_the_second(stripe: Till) -> None:
    subscription = await stripe.subscribed(1000)
    price = await stripe.price(3000)
    start, end = period(subscription)

    await switched(
        stripe,
        subscription,
        price,
        proration_behavior="always_invoice",
        proration_date=start + (end - start) // 2,
    )

    _, invoice = await stripe.all("invoice")
    amounts = [line["amount"] for line in invoice["lines"]["data"]]
    parents = [line["parent"] for line in invoice["lines"]["data"]]
    assert amounts == [-500, 1500]
    assert (invoice["total"], invoice["status"]) == (1000, "paid")
    assert invoice["billing_reason"] == "subscription_update"
    assert all(p["subscription_item_details"]["proration"] for p in parents)


async def test_another_plan_may_be_settled_with_the_next_period(stripe: Till) -> None:
    subscription = await stripe.subscribed(1000)
    price = await stripe.price(3000)
    start, end = period(subscription)
    half = {"proration_date": start + (end - start) // 2}

    changed = await switched(stripe, subscription, price, **half)
    before = len(await stripe.all("invoice"))
    await stripe.do("renew", subscription=subscription["id"])

    *_, invoice = await stripe.all("invoice")
    assert changed["items"].data[0].price.id == price
    assert before == 1
    assert [line["amount"] for line in invoice["lines"]["data"]] == [-500, 1500, 3000]


async def test_another_plan_may_cost_nothing_yet(stripe: Till) -> None:
    subscription = await stripe.subscribed(1000)

    await switched(
        stripe, subscription, await stripe.price(3000), proration_behavior="none"
    )
    await stripe.do("renew", subscription=subscription["id"])

    *_, invoice = await stripe.all("invoice")
    assert [line["amount"] for line in invoice["lines"]["data"]] == [3000]


async def test_another_interval_begins_anew(stripe: Till) -> None:
    subscription = await stripe.subscribed(1000)
    yearly = await stripe.price(10_000, recurring={"interval": "year"})

    changed = await switched(stripe, subscription, yearly, proration_behavior="none")

    start, end = period(changed.to_dict())
    _, invoice = await stripe.all("invoice")
    assert 365 <= (end - start) // 86_400 <= 366
    assert invoice["amount_paid"] == 10_000


async def test_less_is_kept_for_the_next_bill(stripe: Till) -> None:
    subscription = await stripe.subscribed(3000)
    price = await stripe.price(1000)
    start, end = period(subscription)

    await switched(
        stripe,
        subscription,
        price,
        proration_behavior="always_invoice",
        proration_date=start + (end - start) // 2,
    )
    await stripe.do("renew", subscription=subscription["id"])

    _, less, renewed = await stripe.all("invoice")
    assert (less["total"], less["amount_due"], less["status"]) == (-1000, 0, "paid")
    assert (renewed["total"], renewed["amount_due"]) == (1000, 0)
    assert renewed["starting_balance"] == -1000


@pytest.mark.parametrize(
    "behaviour", ["allow_incomplete", "error_if_incomplete", "pending_if_incomplete"]
)
async def test_another_plan_may_not_be_paid_for(stripe: Till, behaviour: str) -> None:
    subscription = await stripe.subscribed(1000)
    price = await stripe.price(3000)
    await stripe.turn(cards="declined")
    how = {"proration_behavior": "always_invoice", "payment_behavior": behaviour}

    if behaviour == "error_if_incomplete":
        with pytest.raises(CardError):
            await switched(stripe, subscription, price, **how)
    else:
        await switched(stripe, subscription, price, **how)

    (shown,) = await stripe.all("subscription")
    is_taken = shown["items"]["data"][0]["price"]["id"] == price
    assert is_taken is (behaviour == "allow_incomplete")
    assert (shown["status"] == "past_due") is (behaviour == "allow_incomplete")
    assert (shown["pending_update"] is not None) is (
        behaviour == "pending_if_incomplete"
    )


async def test_a_plan_that_waits_is_taken_once_paid_for(stripe: Till) -> None:
    subscription = await stripe.subscribed(1000)
    price = await stripe.price(3000)
    await stripe.turn(cards="declined")
    how = {
        "proration_behavior": "always_invoice",
        "payment_behavior": "pending_if_incomplete",
    }
    changed = await switched(stripe, subscription, price, **how)

    await stripe.do("retry", invoice=changed.latest_invoice)

    (shown,) = await stripe.all("subscription")
    assert shown["items"]["data"][0]["price"]["id"] == price
    assert shown["pending_update"] is None
    assert "customer.subscription.pending_update_applied" in await stripe.told()


async def test_a_preview_changes_nothing(stripe: Till) -> None:
    subscription = await stripe.subscribed(1000)
    price = await stripe.price(3000)
    start, end = period(subscription)
    (item,) = subscription["items"]["data"]
    mark = len(await stripe.told())

    invoice = await stripe.sdk.v1.invoices.create_preview_async(
        params={
            "subscription": subscription["id"],
            "subscription_details": {
                "items": [{"id": item["id"], "price": price}],
                "proration_behavior": "always_invoice",
                "proration_date": start + (end - start) // 2,
            },
        }
    )

    assert [line.amount for line in invoice.lines.data] == [-500, 1500]
    assert invoice.amount_due == 1000
    assert len(await stripe.told()) == mark
    assert len(await stripe.all("invoice")) == 1


async def test_a_paused_one_is_resumed_with_a_new_period(stripe: Till) -> None:
    subscription = await stripe.subscribed()
    await stripe.do(
        "subscription_status", subscription=subscription["id"], status="paused"
    )
    await stripe.refuses("renew", subscription=subscription["id"])

    found = await stripe.sdk.v1.subscriptions.resume_async(subscription["id"])

    told = await stripe.told()
    assert found.status == "active"
    assert "customer.subscription.paused" in told
    assert "customer.subscription.resumed" in told
    assert len(await stripe.all("invoice")) == 2


async def test_a_deleted_customer_pays_no_more(stripe: Till) -> None:
    subscription = await stripe.subscribed()

    await stripe.do("delete_customer", customer=subscription["customer"])

    found = await stripe.sdk.v1.customers.retrieve_async(subscription["customer"])
    assert found.deleted is True
    assert (await stripe.told())[-2:] == [
        "customer.subscription.deleted",
        "customer.deleted",
    ]


async def test_the_way_from_a_payment_to_its_invoice(stripe: Till) -> None:
    subscription = await stripe.subscribed()
    (charge,) = await stripe.all("charge")

    found = await stripe.sdk.v1.invoice_payments.list_async(
        params={
            "payment": {
                "type": "payment_intent",
                "payment_intent": charge["payment_intent"],
            }
        }
    )

    assert [each.invoice for each in found.data] == [subscription["latest_invoice"]]


async def test_a_member_ends_it_in_the_portal(stripe: Till) -> None:
    subscription = await stripe.subscribed()
    portal = await stripe.sdk.v1.billing_portal.sessions.create_async(
        params={
            "customer": subscription["customer"],
            "return_url": "https://studio.test/memberships",
        }
    )

    page = await stripe.plain.get(portal.url)
    gone = await stripe.plain.post(
        portal.url, data={"outcome": "cancel", "subscription": subscription["id"]}
    )

    (shown,) = await stripe.all("subscription")
    assert "9.99 EUR / month" in page.text
    assert gone.status_code == 303
    assert gone.headers["location"] == "https://studio.test/memberships"
    assert shown["cancel_at_period_end"] is True


async def test_a_price_by_the_month_and_a_single_one_are_billed_together(
    stripe: Till,
) -> None:
    price = await stripe.price(1000, recurring=MONTHLY)
    once = await stripe.price(250, recurring=None)

    session = await stripe.session(
        mode="subscription",
        line_items=[{"price": price, "quantity": 1}, {"price": once, "quantity": 2}],
    )
    await stripe.do("pay", session=session)

    (invoice,) = await stripe.all("invoice")
    (subscription,) = await stripe.all("subscription")
    assert sorted(line["amount"] for line in invoice["lines"]["data"]) == [500, 1000]
    assert len(subscription["items"]["data"]) == 1
