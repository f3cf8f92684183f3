"""Stripe's objects as they are told, with all that we do not read of them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from vixenbliss.providers.stripe_shapes import (
    Charge,
    CheckoutSession,
    Deleted,
    Event,
    Invoice,
    PaymentIntent,
    Subscription,
)

AT = 1_795_219_200
THEN = datetime(2026, 11, 21, tzinfo=UTC)
MOVED: dict[str, Any] = {
    "id": "txn_1",
    "object": "balance_transaction",
    "amount": 999,
    "fee": 59,
    "net": 940,
    "currency": "eur",
    "type": "charge",
    "reporting_category": "charge",
    "source": "ch_1",
    "status": "pending",
    "available_on": AT,
    "created": AT,
    "fee_details": [{"amount": 59, "type": "stripe_fee"}],
    "exchange_rate": None,
}
CHARGED: dict[str, Any] = {
    "id": "ch_1",
    "object": "charge",
    "amount": 999,
    "currency": "eur",
    "status": "succeeded",
    "paid": True,
    "payment_intent": "pi_1",
    "customer": "cus_1",
    "balance_transaction": "txn_1",
    "receipt_url": None,
    "outcome": {"risk_level": "normal"},
    "metadata": {},
}
INTENT: dict[str, Any] = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 999,
    "amount_received": 999,
    "currency": "eur",
    "status": "a_word_of_tomorrow",
    "customer": {"id": "cus_1", "object": "customer"},
    "latest_charge": None,
    "last_payment_error": {"type": "card_error", "code": "card_declined"},
    "metadata": {},
    "created": AT,
}
SESSION: dict[str, Any] = {
    "id": "cs_test_1",
    "object": "checkout.session",
    "mode": "payment",
    "status": "complete",
    "payment_status": "paid",
    "payment_intent": INTENT,
    "subscription": None,
    "customer": "cus_1",
    "amount_total": 999,
    "total_details": {"amount_discount": 0, "amount_shipping": None, "amount_tax": 9},
    "metadata": None,
    "expires_at": AT,
    "created": AT,
}
SUBSCRIBED: dict[str, Any] = {
    "id": "sub_1",
    "object": "subscription",
    "status": "active",
    "customer": "cus_1",
    "items": {
        "object": "list",
        "data": [
            {
                "id": "si_1",
                "price": {"id": "price_1", "product": "prod_1", "currency": "eur"},
                "quantity": 1,
                "current_period_start": AT,
                "current_period_end": AT,
            }
        ],
        "has_more": False,
    },
    "cancel_at": None,
    "cancellation_details": {"reason": None, "feedback": None, "comment": None},
    "metadata": {"checkout_id": "1"},
    "created": AT,
}
INVOICED: dict[str, Any] = {
    "object": "invoice",
    "status": None,
    "billing_reason": "upcoming",
    "customer": "cus_1",
    "currency": "eur",
    "subtotal": 999,
    "total": 999,
    "amount_due": 999,
    "total_taxes": None,
    "parent": {
        "type": "subscription_details",
        "quote_details": None,
        "subscription_details": {"subscription": "sub_1", "metadata": None},
    },
    "lines": {"object": "list", "data": [], "has_more": False},
    "created": AT,
}
HAPPENED: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "api_version": None,
    "created": AT,
    "livemode": False,
    "pending_webhooks": 1,
    "request": {"id": None, "idempotency_key": None},
    "type": "a.type.of.tomorrow",
    "data": {"object": {"object": "unheard_of"}, "previous_attributes": None},
}


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (Charge, CHARGED),
        (PaymentIntent, INTENT),
        (CheckoutSession, SESSION),
        (Subscription, SUBSCRIBED),
        (Invoice, INVOICED),
        (Event, HAPPENED),
    ],
)
def test_what_stripe_tells_is_understood(
    shape: type[BaseModel], told: dict[str, Any]
) -> None:
    read = shape.model_validate(told)

    assert read.model_dump().get("id") == told.get("id")


def test_an_object_in_full_is_its_name_too() -> None:
    intent = PaymentIntent.model_validate(INTENT)

    assert intent.customer == "cus_1"


@pytest.mark.parametrize(("told", "is_settled"), [("txn_1", False), (MOVED, True)])
def test_money_has_moved_only_where_it_is_shown(told: Any, *, is_settled: bool) -> None:
    charge = Charge.model_validate(CHARGED | {"balance_transaction": told})

    assert (charge.settled is not None) is is_settled


def test_a_charge_is_shown_only_in_full() -> None:
    named = PaymentIntent.model_validate(INTENT | {"latest_charge": "ch_1"})
    shown = PaymentIntent.model_validate(INTENT | {"latest_charge": CHARGED})

    assert named.charge is None
    assert shown.charge is not None


def test_an_invoice_to_come_knows_its_subscription() -> None:
    invoice = Invoice.model_validate(INVOICED)

    assert (invoice.id, invoice.subscription) == (None, "sub_1")
    assert invoice.metadata_of_subscription == {}


def test_periods_are_the_item_s() -> None:
    (item,) = Subscription.model_validate(SUBSCRIBED).items

    assert item.current_period_start == THEN


def test_who_is_deleted_is_still_told_of() -> None:
    told = {"id": "cus_1", "object": "customer", "deleted": True}

    assert Deleted.model_validate(told).deleted is True


@pytest.mark.parametrize("created", [10**30, -(10**30), 10**15, True, "soon", None])
def test_no_time_that_we_could_write_down_is_none(created: Any) -> None:
    with pytest.raises(ValidationError):
        Event.model_validate(HAPPENED | {"created": created})
