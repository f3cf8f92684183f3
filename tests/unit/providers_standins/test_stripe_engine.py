"""Stripe without HTTP: whole worlds in no time, and the same ones again."""

import pytest

from tests.stack.providers.faults import CALLS
from tests.stack.providers.stripe.engine import StripeEngine
from tests.stack.providers.stripe.errors import StripeError


def storm(fans: int) -> StripeEngine:
    """Return a world in which so many fans subscribed, and tipped, and some left."""
    engine = StripeEngine(seed="storm")
    for n in range(fans):
        bought(engine, "subscription", recurring={"interval": "month"})
        bought(engine, "payment")
        charge = engine.books.all("charge")[-1]
        if n % 3 == 0:
            engine.call("refunds.create", charge=charge["id"], amount=100)
        if n % 5 == 0:
            engine.disputes.open(charge["id"], 50)
    engine.payouts.pay("eur")
    return engine


def bought(engine: StripeEngine, mode: str, **more: object) -> None:
    price = {"currency": "eur", "unit_amount": 999, "product_data": {"name": "Luna"}}
    session = engine.call(
        "checkout.sessions.create",
        mode=mode,
        success_url="https://studio.test",
        line_items=[{"price_data": price | more, "quantity": 1}],
    )
    engine.pay(session["id"])


def test_the_same_seed_makes_the_same_world() -> None:
    one, other = storm(3), storm(3)

    assert [e["id"] for e in one.events()] == [e["id"] for e in other.events()]


def test_no_cent_is_lost_in_a_storm() -> None:
    engine = storm(20)

    booked = engine.books.all("balance_transaction")
    shown = engine.balance.shown()
    (left,) = [each["amount"] for each in shown["available"]]
    taken = sum(c["amount"] for c in engine.books.all("charge"))
    given = sum(r["amount"] for r in engine.books.all("refund"))
    assert sum(each["net"] for each in booked) == left == 0
    assert taken - given == sum(
        each["amount"] for each in booked if each["type"] in {"charge", "refund"}
    )


LISTS = [
    ("balance_transactions", "source", "charge"),
    ("charges", "customer", "customer"),
    ("charges", "payment_intent", "payment_intent"),
    ("checkout.sessions", "customer", "customer"),
    ("checkout.sessions", "payment_intent", "payment_intent"),
    ("checkout.sessions", "subscription", "subscription"),
    ("disputes", "charge", "charge"),
    ("disputes", "payment_intent", "payment_intent"),
    ("invoice_payments", "invoice", "invoice"),
    ("invoices", "customer", "customer"),
    ("invoices", "subscription", "subscription"),
    ("payment_intents", "customer", "customer"),
    ("prices", "product", "product"),
    ("refunds", "charge", "charge"),
    ("refunds", "payment_intent", "payment_intent"),
    ("subscriptions", "customer", "customer"),
    ("subscriptions", "price", "price"),
]


@pytest.fixture(scope="module")
def two_fans() -> StripeEngine:
    engine = storm(2)
    engine.call("refunds.create", charge=engine.books.all("charge")[-1]["id"])
    engine.disputes.open(engine.books.all("charge")[-2]["id"])
    return engine


@pytest.mark.parametrize(("what", "field", "kind"), LISTS)
def test_a_list_shows_what_belongs_together(
    two_fans: StripeEngine, what: str, field: str, kind: str
) -> None:
    every = two_fans.call(f"{what}.list", limit=100)["data"]
    found = [
        two_fans.call(f"{what}.list", **{field: each["id"], "limit": 100})["data"]
        for each in two_fans.books.all(kind)
    ]

    shown = [each["id"] for some in found for each in some]
    assert 0 < max(map(len, found)) < len(every)
    assert len(shown) == len(set(shown))
    assert set(shown) <= {each["id"] for each in every}


def test_a_refusal_is_an_error_with_its_code() -> None:
    engine = StripeEngine()

    with pytest.raises(StripeError) as refusal:
        engine.call("charges.get", "ch_none")

    assert refusal.value.code == "resource_missing"


def test_every_call_can_be_struck_by_a_fault() -> None:
    assert CALLS["stripe"] == set(StripeEngine().commands)
