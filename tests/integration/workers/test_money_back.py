"""From a purchase to its refund or dispute: what is open, and what the books say."""

from typing import Any

import pytest

from tests.support.billing import Billing, shuffled
from vixenbliss.money import share

MICROS = 10_000
FEE = 1_500


def charge_of(shopping: Billing) -> str:
    return str(shopping.see("charge")[-1]["id"])


def dispute(shopping: Billing, outcome: str) -> None:
    """Let a bank take the last payment back, and decide."""
    opened = shopping.act("dispute", charge=charge_of(shopping))
    shopping.act("dispute_outcome", dispute=opened["id"], outcome=outcome)


def give_back(shopping: Billing, *, revoke_access: bool) -> None:
    """Give the last order's money back through our own door."""
    order_id = shopping.rows("orders")[-1]["id"]
    body = {"reason": "customer_request", "revoke_access": revoke_access}
    path = f"/api/v1/orders/{order_id}/refunds"
    shopping.shop.owner.api("POST", path, body).ok(202)


def renew(shopping: Billing, subscription: str) -> None:
    shopping.act("renew", subscription=subscription)
    shopping.tell()


@pytest.mark.parametrize("seed", range(3))
def test_in_whatever_order_all_is_told_rows_and_books_end_the_same(
    shopping: Billing, seed: int
) -> None:
    shopping.world.turn("stripe", tax_percent="19")
    shopping.buy(shopping.one_off(), automatic_tax={"enabled": True})
    for amount in (501, 333):
        shopping.act("refund", charge=charge_of(shopping), amount=amount)
    failed = shopping.see("refund")[0]["id"]
    shopping.act("refund_outcome", refund=failed, outcome="failed")
    opened = shopping.act("dispute", charge=charge_of(shopping), amount=1_000)
    shopping.act("dispute_outcome", dispute=opened["id"], outcome="won")

    shopping.tell_each(shuffled(shopping.news(), seed))

    order = shopping.one("orders")
    assert (order["status"], order["refunded_minor"]) == ("partially_refunded", 333)
    assert set(shopping.verdicts()) <= {"processed", "superseded", "ignored"}
    assert shopping.held() == ["sunset"]
    tax = 285 - share(333, 285, 1_785)
    assert shopping.balance("tax_payable") == -tax * MICROS
    assert shopping.balance("refunds") == (333 - (285 - tax)) * MICROS
    assert shopping.balance("dispute_loss") == FEE * MICROS
    balance = shopping.world.see("stripe", "balance")
    theirs = sum(b["amount"] for b in balance["available"] + balance["pending"])
    assert shopping.balance("stripe_clearing") == theirs * MICROS


def test_a_refund_that_could_not_be_delivered_opens_again(shopping: Billing) -> None:
    shopping.buy(shopping.one_off())
    shopping.tell()
    give_back(shopping, revoke_access=True)
    closed = shopping.held()
    refund = shopping.see("refund")[0]["id"]
    shopping.act("refund_outcome", refund=refund, outcome="failed")

    shopping.tell()

    assert closed == []
    assert shopping.held() == ["sunset"]
    assert shopping.one("orders")["status"] == "paid"


@pytest.mark.parametrize("revokes", [True, False])
def test_a_month_that_is_given_back_closes_where_that_is_wished_for(
    shopping: Billing, *, revokes: bool
) -> None:
    shopping.subscribe()

    give_back(shopping, revoke_access=revokes)
    shopping.tell()

    assert shopping.held() == ([] if revokes else ["gold"])
    assert shopping.one("subscriptions")["status"] == "active"


def test_the_next_month_that_is_paid_opens_again(shopping: Billing) -> None:
    subscription = shopping.subscribe()
    give_back(shopping, revoke_access=True)

    renew(shopping, subscription)

    assert shopping.held() == ["gold"]


def test_a_month_that_is_charged_back_closes(shopping: Billing) -> None:
    shopping.subscribe()
    dispute(shopping, "lost")

    shopping.tell()

    assert shopping.held() == []
    assert shopping.one("orders")["status"] == "charged_back"


def test_what_is_disputed_cannot_be_refunded_too(shopping: Billing) -> None:
    shopping.buy(shopping.one_off())
    shopping.act("dispute", charge=charge_of(shopping))
    shopping.tell()
    order = shopping.one("orders")
    body: dict[str, Any] = {"reason": "other", "revoke_access": False}

    answer = shopping.shop.owner.api(
        "POST", f"/api/v1/orders/{order['id']}/refunds", body
    )

    assert (order["status"], answer.status, answer.code) == (
        "disputed",
        409,
        "CONFLICT",
    )
