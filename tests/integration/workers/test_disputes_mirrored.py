"""Disputes and warnings as Stripe has them."""

import random
from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow

from tests.support.database import count
from tests.support.people import Person
from tests.support.sold import Market, Sold, market
from tests.support.workers import Workers
from tests.support.world import World
from vixenbliss.services.mirror_disputes import status_of

UNITS = 10_000
"""Micros of a cent."""
FEE = 1_500


@pytest.fixture
def ours(
    luna: Person, workers: Workers, world: World, sql: psycopg.Connection[DictRow]
) -> Market:
    return market(luna, workers, world, sql)


def decided(sale: Sold, dispute: dict[str, Any], outcome: str) -> None:
    sale.market.world.tell(
        "stripe", "dispute_outcome", dispute=dispute["id"], outcome=outcome
    )


def disputes(sale: Sold) -> list[tuple[str, int]]:
    rows = sale.market.all(
        "select status, amount_minor from disputes where order_id = %s", sale.id
    )
    return [(row["status"], row["amount_minor"]) for row in rows]


def test_what_a_bank_takes_back_is_lost_until_it_decides(ours: Market) -> None:
    sale = ours.sell(1_500)
    sale.disputed()

    ours.tell()

    assert disputes(sale) == [("needs_response", 1_500)]
    assert sale.row()["status"] == "disputed"
    assert sale.is_open()
    assert ours.books() == {
        "stripe_clearing": -(1_500 + FEE) * UNITS,
        "dispute_loss": (1_500 + FEE) * UNITS,
    }


def test_a_dispute_that_is_lost_closes_what_was_bought(ours: Market) -> None:
    sale = ours.sell()
    decided(sale, sale.disputed(), "lost")

    ours.tell()

    assert disputes(sale) == [("lost", 1_500)]
    assert sale.row()["status"] == "charged_back"
    assert not sale.is_open()


@pytest.mark.parametrize(("fee_returned", "loss"), [(False, FEE), (True, 0)])
def test_a_dispute_that_is_won_leaves_the_order_as_it_was(
    ours: Market, *, fee_returned: bool, loss: int
) -> None:
    ours.world.turn("stripe", dispute_fee_returned=fee_returned)
    sale = ours.sell()
    sale.refund(amount_minor=500).ok(202)
    before = ours.books()
    dispute = sale.disputed(amount=1_000)
    ours.tell()
    decided(sale, dispute, "won")

    ours.tell()

    assert disputes(sale) == [("won", 1_000)]
    assert sale.row()["status"] == "partially_refunded"
    assert ours.books().get("dispute_loss", 0) == loss * UNITS
    assert ours.books()["refunds"] == before["refunds"]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_in_whatever_order_events_come_rows_and_books_end_the_same(
    ours: Market, seed: int, outcome: str
) -> None:
    sale = ours.sell()
    decided(sale, sale.disputed(), outcome)
    events = ours.events() * 2

    ours.tell(*random.Random(seed).sample(events, len(events)))

    is_won = outcome == "won"
    assert disputes(sale) == [(outcome, 1_500)]
    assert sale.row()["status"] == ("paid" if is_won else "charged_back")
    assert count(ours.sql, "ledger_transactions", kind="dispute") == 1 + is_won
    assert ours.books()["dispute_loss"] == (FEE if is_won else 1_500 + FEE) * UNITS


def test_a_bank_that_only_asks_moves_nothing(ours: Market) -> None:
    sale = ours.sell()
    inquiry = sale.disputed(is_inquiry=True)
    ours.tell()
    asked = disputes(sale)
    decided(sale, inquiry, "won")

    ours.tell()

    assert (asked, disputes(sale)) == (
        [("early_warning", 1_500)],
        [("prevented", 1_500)],
    )
    assert sale.row()["status"] == "paid"
    assert ours.books() == {}


def test_a_networks_warning_is_told_beside_the_disputes(ours: Market) -> None:
    sale = ours.sell()
    ours.world.tell("stripe", "fraud_warning", charge=sale.charge)

    ours.tell()
    ours.tell()

    assert disputes(sale) == [("early_warning", 1_500)]
    assert sale.row()["status"] == "paid"
    assert sale.is_open()


@pytest.mark.parametrize("is_known", [True, False])
def test_a_dispute_before_its_payment_waits_if_it_may_be_ours(
    ours: Market, *, is_known: bool
) -> None:
    sale = ours.sell()
    sale.disputed()
    ours.sql.execute("update payments set transaction_id = 'pi_other', charge_id = ''")
    if not is_known:
        ours.sql.execute("update customers set stripe_customer_id = 'cus_other'")

    ours.tell()

    ends = {row["status"] for row in ours.all("select status from webhook_events")}
    assert ends - {"superseded"} == {"deferred" if is_known else "ignored"}
    assert disputes(sale) == []


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("warning_under_review", "early_warning"),
        ("appeal_needs_response", "needs_response"),
        ("prevented", "prevented"),
        ("a word of next year", "under_review"),
    ],
)
def test_stripes_words_are_understood(word: str, status: str) -> None:
    assert status_of(word) == status
