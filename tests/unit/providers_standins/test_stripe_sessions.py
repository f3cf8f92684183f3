"""Checkout sessions: what can be sold, and what comes of paying."""

from typing import Any

import httpx
import pytest
from stripe import InvalidRequestError

from tests.unit.providers_standins.stripe_asking import MARKS, MONTHLY, Till, tip

pytestmark = MARKS


async def test_a_session_has_a_page_and_waits(stripe: Till) -> None:
    found = await stripe.sdk.v1.checkout.sessions.create_async(
        params=tip(client_reference_id="fan-1", metadata={"tip": "1"})  # type: ignore[arg-type] # made of parts
    )

    assert found.url is not None
    assert found.url.endswith(f"/pay/{found.id}")
    assert (found.status, found.payment_status) == ("open", "unpaid")
    assert (found.amount_subtotal, found.amount_total) == (500, 500)
    assert found.client_reference_id == "fan-1"
    assert found.payment_intent is None
    assert found.expires_at - found.created == 24 * 3600


async def test_paying_once_makes_a_payment_with_its_own_metadata(stripe: Till) -> None:
    session = await stripe.session(
        metadata={"of": "session"}, payment_intent_data={"metadata": {"of": "payment"}}
    )

    await stripe.do("pay", session=session)

    found = await stripe.sdk.v1.checkout.sessions.retrieve_async(
        session,
        params={"expand": ["payment_intent.latest_charge.balance_transaction"]},
    )
    intent: Any = found.payment_intent
    assert (found.status, found.payment_status) == ("complete", "paid")
    assert found.url is None
    assert (intent.status, intent.amount_received) == ("succeeded", 500)
    assert found.metadata is not None
    assert found.metadata.to_dict() == {"of": "session"}
    charge = intent.latest_charge
    for each in (intent, charge):
        assert each.metadata.to_dict() == {"of": "payment"}
    booked = charge.balance_transaction
    assert (booked.amount, booked.fee, booked.net) == (500, 45, 455)


async def test_paying_once_is_told_in_order(stripe: Till) -> None:
    session = await stripe.session()

    await stripe.do("pay", session=session)

    assert await stripe.told() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


async def test_the_session_may_be_told_of_first(stripe: Till) -> None:
    await stripe.turn(completed="first")
    session = await stripe.session()

    await stripe.do("pay", session=session)

    assert (await stripe.told())[0] == "checkout.session.completed"


async def test_a_membership_begins_with_an_invoice_that_is_paid(stripe: Till) -> None:
    found = await stripe.subscribed(subscription_data={"metadata": {"membership": "m"}})

    subscription = await stripe.sdk.v1.subscriptions.retrieve_async(
        found["id"],
        params={"expand": ["latest_invoice.payments", "items.data.price.product"]},
    )
    invoice: Any = subscription.latest_invoice
    (item,) = subscription["items"].data
    (line,) = invoice.lines.data
    assert subscription.status == "active"
    assert subscription.metadata.to_dict() == {"membership": "m"}
    assert "current_period_end" not in subscription
    assert item.price.product.name == "Luna"
    assert (invoice.status, invoice.billing_reason) == ("paid", "subscription_create")
    details = invoice.parent.subscription_details
    assert details.metadata.to_dict() == {"membership": "m"}
    assert line.period.end == item.current_period_end
    assert line.parent.subscription_item_details.subscription_item == item.id
    assert line.pricing.price_details.price == item.price.id
    (paid,) = invoice.payments.data
    (charge,) = await stripe.all("charge")
    assert paid.payment.payment_intent == charge["payment_intent"]
    assert charge["metadata"] == {}


async def test_a_membership_is_told_in_order(stripe: Till) -> None:
    await stripe.subscribed()

    told = await stripe.told()

    assert told[told.index("customer.created") :] == [
        "customer.created",
        "payment_intent.created",
        "invoice.created",
        "customer.subscription.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "customer.subscription.updated",
        "checkout.session.completed",
    ]
    (moved,) = await stripe.events("customer.subscription.updated")
    assert moved["data"]["previous_attributes"] == {"status": "incomplete"}
    assert moved["data"]["object"]["status"] == "active"


async def test_a_trial_costs_nothing_yet(stripe: Till) -> None:
    found = await stripe.subscribed(subscription_data={"trial_period_days": 7})

    (invoice,) = await stripe.all("invoice")
    (session,) = await stripe.all("checkout.session")
    (item,) = found["items"]["data"]
    assert found["status"] == "trialing"
    assert item["current_period_end"] == found["trial_end"]
    assert found["trial_end"] - found["trial_start"] == 7 * 86_400
    assert (invoice["status"], invoice["total"]) == ("paid", 0)
    assert session["payment_status"] == "no_payment_required"
    assert session["amount_total"] == 0
    assert await stripe.all("charge") == []


async def test_a_declined_card_leaves_the_session_open(stripe: Till) -> None:
    session = await stripe.session()

    await stripe.do("pay", session=session, outcome="declined")
    await stripe.do("pay", session=session)

    (intent,) = await stripe.all("payment_intent")
    bad, good = await stripe.all("charge")
    assert (bad["status"], bad["failure_code"]) == ("failed", "card_declined")
    assert intent["latest_charge"] == good["id"]
    assert (await stripe.told())[1:3] == [
        "charge.failed",
        "payment_intent.payment_failed",
    ]


@pytest.mark.parametrize("mode", ["payment", "subscription"])
@pytest.mark.parametrize("outcome", ["paid", "failed"])
async def test_a_payment_may_take_days(stripe: Till, mode: str, outcome: str) -> None:
    recurring = MONTHLY if mode == "subscription" else None
    lines = [{"price": await stripe.price(recurring=recurring), "quantity": 1}]
    session = await stripe.session(mode=mode, line_items=lines)

    await stripe.do("pay", session=session, outcome=f"unpaid_then_{outcome}")

    is_paid = outcome == "paid"
    (completed,) = await stripe.events("checkout.session.completed")
    (shown,) = await stripe.all("checkout.session")
    (intent,) = await stripe.all("payment_intent")
    assert completed["data"]["object"]["payment_status"] == "unpaid"
    assert shown["payment_status"] == ("paid" if is_paid else "unpaid")
    assert intent["status"] == ("succeeded" if is_paid else "requires_payment_method")
    last = "succeeded" if is_paid else "failed"
    assert (await stripe.told())[-1] == f"checkout.session.async_payment_{last}"
    for each in await stripe.all("subscription"):
        assert each["status"] == ("active" if is_paid else "past_due")


async def test_an_expired_session_cannot_be_paid(stripe: Till) -> None:
    session = await stripe.session()

    found = await stripe.sdk.v1.checkout.sessions.expire_async(session)

    assert (found.status, found.url) == ("expired", None)
    assert await stripe.told() == ["checkout.session.expired"]
    assert (
        "status of expired" in (await stripe.refuses("pay", session=session))["message"]
    )


async def test_a_session_is_paid_once_only(stripe: Till) -> None:
    session = await stripe.session()
    await stripe.do("pay", session=session)

    error = await stripe.refuses("pay", session=session)

    assert "status of complete" in error["message"]
    assert len(await stripe.all("charge")) == 1


async def test_a_session_ends_by_the_clock(stripe: Till) -> None:
    session = await stripe.session()

    await stripe.control.post("clock", json={"advance_s": 24 * 3600})

    assert "expired" in (await stripe.refuses("pay", session=session))["message"]


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"mode": "subscription"}, "mode"),
        ({"line_items": []}, "line_items"),
        (
            {"line_items": [{"price": "price_none", "quantity": 1}]},
            "line_items[0][price]",
        ),
        ({"customer": "cus_none"}, "customer"),
        ({"success_url": "studio.test"}, "success_url"),
        ({"expires_at": 1}, "expires_at"),
        ({"subscription_data": {"metadata": {"a": "b"}}}, "subscription_data"),
        ({"metadata": {"a": "b" * 501}}, "metadata"),
        ({"metadata": {str(n): "b" for n in range(51)}}, "metadata"),
        ({"colour": "red"}, "colour"),
        ({"submit_type": "beg"}, "submit_type"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
async def test_a_wrong_session_is_refused(
    stripe: Till, more: dict[str, Any], param: str
) -> None:
    with pytest.raises(InvalidRequestError) as refusal:
        await stripe.session(**more)

    assert (refusal.value.http_status, refusal.value.param) == (400, param)
    assert await stripe.all("checkout.session") == []


async def test_too_little_cannot_be_charged(stripe: Till) -> None:
    with pytest.raises(InvalidRequestError) as refusal:
        await stripe.session(**tip(49))

    assert refusal.value.code == "amount_too_small"


async def test_tax_is_added_where_it_is_wanted(stripe: Till) -> None:
    await stripe.turn(tax_percent="19")

    found = await stripe.subscribed(automatic_tax={"enabled": True})

    (session,) = await stripe.all("checkout.session")
    invoice = await stripe.sdk.v1.invoices.retrieve_async(found["latest_invoice"])
    assert (session["amount_subtotal"], session["amount_total"]) == (999, 1189)
    assert session["total_details"]["amount_tax"] == 190
    assert invoice.total_taxes is not None
    assert [tax.amount for tax in invoice.total_taxes] == [190]
    assert (invoice.subtotal, invoice.total, invoice.amount_paid) == (999, 1189, 1189)


async def test_a_browser_pays_and_comes_back(stripe: Till) -> None:
    found = await stripe.sdk.v1.checkout.sessions.create_async(params=tip())  # type: ignore[arg-type] # made of parts
    assert found.url is not None

    page = await stripe.plain.get(found.url)
    bad = await stripe.plain.post(found.url, data={"outcome": "declined"})
    good = await stripe.plain.post(found.url, data={"outcome": "paid"})
    gone = await stripe.plain.get(found.url)

    assert "5.00 EUR" in page.text
    assert "declined" in bad.text
    assert good.status_code == 303
    assert good.headers["location"] == f"https://studio.test/thanks?session={found.id}"
    assert gone.status_code == 400


async def test_expired_prices_are_not_sold(stripe: Till) -> None:
    price = await stripe.price(recurring=None)
    await stripe.sdk.v1.prices.update_async(price, params={"active": False})

    with pytest.raises(InvalidRequestError, match="inactive"):
        await stripe.session(line_items=[{"price": price, "quantity": 1}])


async def test_the_sdk_is_told_of_a_path_nobody_has(stripe: Till) -> None:
    answer: httpx.Response = await stripe.plain.get("v1/unicorns")

    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "invalid_request_error"
