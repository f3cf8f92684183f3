"""Objects as the SDK knows them: each field, each type, in every kind there is."""

from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from stripe import StripeObject

from tests.stack.providers.stripe.engine import StripeEngine
from tests.stack.providers.stripe.settings import StripeSettings
from tests.stack.providers.stripe.shapes import ON_DEMAND, class_of

type Json = dict[str, Any]

KINDS = (
    "balance_transaction",
    "billing_portal.session",
    "charge",
    "checkout.session",
    "customer",
    "dispute",
    "invoice",
    "invoice_payment",
    "payment_intent",
    "payout",
    "price",
    "product",
    "radar.early_fraud_warning",
    "refund",
    "subscription",
)
NESTED = ("event", "item", "line_item", "plan", "subscription_item")
SCALARS: dict[object, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    bool: (bool,),
    float: (int, float),
}


@pytest.fixture(scope="module")
def engine() -> StripeEngine:
    """A world in which everything has happened once."""
    engine = StripeEngine(
        seed="shapes", settings=StripeSettings(tax_percent=19, dispute_fee=15)
    )
    charge = bought(engine)
    subscription = subscribed(engine)
    engine.renew(subscription["id"], "paid_after_retry")
    engine.call("refunds.create", charge=charge["id"], amount=100)
    engine.disputes.warn(charge["id"], "misc")
    engine.disputes.end(engine.disputes.open(charge["id"], 300)["id"], is_won=True)
    engine.payouts.end(engine.payouts.pay("eur")["id"], is_good=True)
    engine.call(
        "billing_portal.sessions.create",
        customer=subscription["customer"],
        return_url="https://studio.test",
    )
    return engine


def bought(engine: StripeEngine) -> Json:
    price = {"currency": "eur", "unit_amount": 9000, "product_data": {"name": "Set"}}
    session = engine.call(
        "checkout.sessions.create",
        mode="payment",
        success_url="https://studio.test",
        line_items=[{"price_data": price, "quantity": 1}],
    )
    engine.pay(session["id"])
    charge = engine.books.last("charge")
    assert charge is not None
    return charge


def subscribed(engine: StripeEngine) -> Json:
    price = {
        "currency": "eur",
        "unit_amount": 999,
        "product_data": {"name": "Luna"},
        "recurring": {"interval": "month"},
    }
    session = engine.call(
        "checkout.sessions.create",
        mode="subscription",
        success_url="https://studio.test",
        line_items=[{"price_data": price, "quantity": 1}],
        automatic_tax={"enabled": True},
    )
    engine.pay(session["id"])
    (subscription,) = engine.books.all("subscription")
    return subscription


def examples(engine: StripeEngine, kind: str) -> list[Json]:
    """Return all objects of a kind, wherever they are."""
    if kind not in NESTED:
        return engine.books.all(kind)
    (subscription,) = engine.books.all("subscription")
    items = subscription["items"]["data"]
    found: dict[str, list[Json]] = {
        "event": engine.events(),
        "item": [line for lines in engine.books.lines.values() for line in lines],
        "line_item": [
            line
            for each in engine.books.all("invoice")
            for line in each["lines"]["data"]
        ],
        "plan": [item["plan"] for item in items],
        "subscription_item": items,
    }
    return found[kind]


@pytest.mark.parametrize("kind", [*KINDS, *NESTED])
def test_objects_have_the_fields_that_the_sdk_knows(
    engine: StripeEngine, kind: str
) -> None:
    known = set(class_of(kind).__annotations__) - {"OBJECT_NAME", "deleted"}

    found = examples(engine, kind)

    assert found
    for each in found:
        assert set(each) == known - ON_DEMAND.get(kind, frozenset())
        assert each["object"] == kind


@pytest.mark.parametrize("kind", [*KINDS, *NESTED])
def test_fields_are_of_the_types_that_the_sdk_knows(
    engine: StripeEngine, kind: str
) -> None:
    wrong = {
        complaint
        for each in examples(engine, kind)
        for complaint in complaints(class_of(kind), each, kind)
    }

    assert wrong == set()


def complaints(hint: Any, value: Any, path: str) -> list[str]:
    """Return where a value is not what the SDK's type says."""
    origin, of = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        return min((complaints(each, value, path) for each in of), key=len)
    if origin is list and isinstance(value, list):
        return [c for each in value for c in complaints(of[0], each, f"{path}[]")]
    if isinstance(hint, type) and issubclass(hint, StripeObject):
        return fields(hint, value, path)
    return [] if is_plainly(hint, value) else [f"{path} is {value!r}, no {hint}"]


def is_plainly(hint: Any, value: Any) -> bool:
    """Tell whether a value is a scalar, a word or a null as it should be.

    What the SDK only names, another kind of object, is left alone.
    """
    if hint in SCALARS:
        is_truth = isinstance(value, bool)
        return isinstance(value, SCALARS[hint]) and is_truth is (hint is bool)
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    return value is None if hint is type(None) else get_origin(hint) is not list


def fields(hint: Any, value: Any, path: str) -> list[str]:
    """Return what is wrong with an object's fields."""
    if not isinstance(value, dict):
        return [f"{path} is {value!r}, no object"]
    hints = {k: v for k, v in hint.__annotations__.items() if k != "OBJECT_NAME"}
    unknown = [f"{path}.{name} is unknown" for name in value.keys() - hints.keys()]
    return (unknown if hints else []) + [
        complaint
        for name, each in value.items()
        if name in hints
        for complaint in complaints(hints[name], each, f"{path}.{name}")
    ]
