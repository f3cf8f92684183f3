"""Refunds as Stripe has them, and the queue that asks for those it has not told of."""

import json
import random
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow

from tests.support.api import handler_of
from tests.support.database import count
from tests.support.people import Person
from tests.support.sold import Market, Sold, market
from tests.support.workers import Workers, record
from tests.support.world import World
from vixenbliss.loop import run
from vixenbliss.money import share, to_micros
from vixenbliss.services.sweeping import sweep

UNITS = 10_000
"""Micros of a cent."""
SPLITS = [
    (1_000, 160, [333, 333, 334]),
    (999, 133, [1, 500, 498]),
    (1_501, 7, [1, 1, 1, 1_498]),
]


@pytest.fixture
def ours(
    luna: Person, workers: Workers, world: World, sql: psycopg.Connection[DictRow]
) -> Market:
    return market(luna, workers, world, sql)


def shuffled[Item](items: Sequence[Item], seed: int) -> list[Item]:
    return random.Random(seed).sample(items, len(items))


def in_the_dashboard(sale: Sold, amount: int | None = None) -> dict[str, Any]:
    """Give money back past us."""
    told = sale.market.world.tell("stripe", "refund", charge=sale.charge, amount=amount)
    return dict(told)


def ends(sale: Sold, refund_id: str, outcome: str) -> None:
    sale.market.world.tell(
        "stripe", "refund_outcome", refund=refund_id, outcome=outcome
    )


def test_a_refund_that_we_asked_for_is_known_by_its_metadata(ours: Market) -> None:
    sale = ours.sell()
    ours.world.fault("stripe", "refunds.create", "after", times=2)
    sale.refund().ok(202)

    ours.tell()

    (refund,) = sale.refunds()
    assert (refund["status"], refund["check_at"]) == ("succeeded", None)
    assert refund["requested_by"] == ours.owner.id


def test_an_answer_after_the_mirrors_look_changes_nothing(ours: Market) -> None:
    sale = ours.sell()
    ours.world.turn("stripe", refunds="pending")
    ours.world.fault("stripe", "refunds.create", "after", times=2)
    sale.refund().ok(202)
    ends(sale, ours.world.see("stripe", "objects/refund")[0]["id"], "succeeded")
    ours.tell()
    before = sale.refunds()

    ours.workers.deliver("refund")

    assert sale.refunds() == before
    assert before[0]["status"] == "succeeded"
    assert ours.effects("refunds.create") == 1


def test_what_the_dashboard_gives_back_is_adopted(ours: Market) -> None:
    sale = ours.sell()
    in_the_dashboard(sale)

    ours.tell()

    (refund,) = sale.refunds()
    assert (refund["status"], refund["requested_by"]) == ("succeeded", None)
    assert (refund["reason"], refund["revoke_access"]) == ("other", True)
    assert sale.row()["status"] == "refunded"
    assert not sale.is_open()


def test_a_part_that_the_dashboard_gives_back_closes_nothing(ours: Market) -> None:
    sale = ours.sell()
    in_the_dashboard(sale, 100)

    ours.tell()

    assert sale.row()["refunded_minor"] == 100
    assert sale.is_open()


def test_the_last_part_that_the_dashboard_gives_back_closes_all(ours: Market) -> None:
    sale = ours.sell(1_500)
    in_the_dashboard(sale, 500)
    ours.tell()
    before = sale.is_open()
    in_the_dashboard(sale)

    ours.tell()

    assert before
    assert sale.row()["status"] == "refunded"
    assert not sale.is_open()


def test_a_refund_on_its_way_moves_the_books_and_not_yet_the_order(
    ours: Market,
) -> None:
    ours.world.turn("stripe", refunds="pending")
    sale = ours.sell(1_500, tax=240)

    told = sale.refund(amount_minor=500).ok(202)

    assert told["status"] == "pending"
    assert sale.row()["refunded_minor"] == 0
    assert ours.books()["stripe_clearing"] == -500 * UNITS


@pytest.mark.parametrize(("total", "tax", "parts"), SPLITS)
def test_tax_comes_back_to_the_cent_in_whatever_parts(
    ours: Market, total: int, tax: int, parts: list[int]
) -> None:
    sale = ours.sell(total, tax=tax)

    for part in parts[:-1]:
        sale.refund(amount_minor=part).ok(202)
    before = ours.books()
    sale.refund().ok(202)

    given = sum(parts[:-1])
    assert before.get("tax_payable", 0) == share(given, tax, total) * UNITS
    assert ours.books() == {
        "stripe_clearing": -total * UNITS,
        "refunds": (total - tax) * UNITS,
        "tax_payable": tax * UNITS,
    }
    ours.tell()
    assert ours.books()["stripe_clearing"] == -total * UNITS


def test_yen_are_booked_whole(ours: Market) -> None:
    sale = ours.sell(1_500, tax=136, currency="jpy")

    sale.refund().ok(202)

    assert ours.books() == {
        "stripe_clearing": -to_micros(1_500, "jpy"),
        "refunds": to_micros(1_364, "jpy"),
        "tax_payable": to_micros(136, "jpy"),
    }


def test_a_refund_that_fails_days_later_brings_the_money_back(ours: Market) -> None:
    sale = ours.sell(1_000, tax=160)
    kept, failed = (sale.refund(amount_minor=a).ok(202)["id"] for a in (333, 667))
    theirs = {str(r["id"]): r["stripe_refund_id"] for r in sale.refunds()}
    ends(sale, theirs[failed], "failed")

    ours.tell()

    states = {str(refund["id"]): refund["status"] for refund in sale.refunds()}
    assert states == {kept: "succeeded", failed: "failed"}
    assert sale.row()["status"] == "partially_refunded"
    assert ours.books()["stripe_clearing"] == -333 * UNITS
    assert ours.books()["tax_payable"] == share(333, 160, 1_000) * UNITS


@pytest.mark.parametrize("seed", range(4))
def test_in_whatever_order_events_come_rows_and_books_end_the_same(
    ours: Market, seed: int
) -> None:
    sale = ours.sell(1_000, tax=33)
    refunds = [in_the_dashboard(sale, part) for part in (333, 333, 334)]
    ends(sale, refunds[1]["id"], "failed")
    in_the_dashboard(sale, 100)

    ours.tell(*shuffled(ours.events() * 2, seed))

    assert sorted((r["amount_minor"], r["status"]) for r in sale.refunds()) == [
        (100, "succeeded"),
        (333, "failed"),
        (333, "succeeded"),
        (334, "succeeded"),
    ]
    assert sale.row()["refunded_minor"] == 767
    assert ours.books() == {
        "stripe_clearing": -767 * UNITS,
        "refunds": (767 - share(767, 33, 1_000)) * UNITS,
        "tax_payable": share(767, 33, 1_000) * UNITS,
    }


def test_what_has_failed_stays_so(ours: Market) -> None:
    sale = ours.sell()
    refund = in_the_dashboard(sale)
    ends(sale, refund["id"], "failed")
    ours.tell()
    ours.sql.execute("update refunds set error_code = null")

    ours.tell()

    assert [r["status"] for r in sale.refunds()] == ["failed"]
    assert count(ours.sql, "ledger_transactions") == 2


def test_a_refund_of_nobody_we_know_is_ignored(ours: Market) -> None:
    sale = ours.sell()
    in_the_dashboard(sale)
    ours.sql.execute("delete from payments")
    ours.sql.execute("update customers set stripe_customer_id = 'cus_other'")

    ours.tell()

    assert count(ours.sql, "webhook_events", status="ignored") >= 1
    assert sale.refunds() == []
    assert ours.books() == {}


def test_a_refund_before_its_payment_waits_for_it(ours: Market) -> None:
    sale = ours.sell()
    in_the_dashboard(sale)
    ours.sql.execute("update payments set transaction_id = 'pi_other', charge_id = ''")

    ours.tell()

    waiting = ours.all("select waits_for from webhook_events where status = 'deferred'")
    assert {row["waits_for"] for row in waiting} == {sale.intent}
    assert sale.refunds() == []


def test_metadata_name_no_refund_of_another_payment(ours: Market) -> None:
    sale, other = ours.sell(), ours.another().sell()
    ours.world.fault("stripe", "refunds.create", "after", times=2)
    sale.refund().ok(202)
    ours.sql.execute(
        "update payments set transaction_id = case when transaction_id = %s then"
        " %s else %s end, charge_id = null",
        (sale.intent, f"{other.intent}x", sale.intent),
    )

    ours.tell()

    assert [refund["stripe_refund_id"] for refund in sale.refunds()] == [None]
    assert [refund["requested_by"] for refund in other.refunds()] == [None]


def test_after_a_crash_before_the_answer_is_written_there_is_one_refund(
    ours: Market,
) -> None:
    sale = ours.sell()
    ours.world.fault("stripe", "refunds.create", "after", times=2)
    sale.refund().ok(202)
    ours.sql.execute("delete from outbox where queue = 'refund'")
    ours.sql.execute("update refunds set check_at = now(), attempts = 0")

    run(sweep())
    ours.workers.drain("refund")

    assert [refund["status"] for refund in sale.refunds()] == ["succeeded"]
    assert ours.effects("refunds.create") == 1


def test_a_refund_that_may_have_been_made_is_not_given_up_for_our_key(
    ours: Market,
) -> None:
    sale = ours.sell()
    ours.world.fault("stripe", "refunds.create", "after", times=2)
    sale.refund(amount_minor=500).ok(202)
    ours.sql.execute("delete from outbox where queue = 'refund'")
    ours.sql.execute("update refunds set check_at = now(), attempts = 0")
    ours.world.fault("stripe", "refunds.create", "status", status=401, times=1)

    run(sweep())
    ours.workers.deliver("refund")
    before = [refund["status"] for refund in sale.refunds()]
    ours.workers.deliver("refund")

    assert before == ["pending"]
    assert [refund["status"] for refund in sale.refunds()] == ["succeeded"]
    assert ours.effects("refunds.create") == 1


def test_once_keys_are_forgotten_stripes_list_is_read_first(ours: Market) -> None:
    sale = ours.sell()
    ours.world.fault("stripe", "refunds.create", "after", times=2)
    sale.refund().ok(202)
    ours.sql.execute("update refunds set created_at = now() - interval '2 days'")

    ours.workers.deliver("refund")

    assert [refund["status"] for refund in sale.refunds()] == ["succeeded"]
    assert len(ours.world.calls("stripe", "refunds.create")) == 2


def test_as_long_as_stripe_does_not_answer_it_is_asked_ever_more_rarely(
    ours: Market,
) -> None:
    sale = ours.sell()
    ours.world.fault("stripe", "refunds.create", "before", times=None)
    sale.refund().ok(202)

    for _ in range(3):
        ours.workers.deliver("refund")

    (refund,) = sale.refunds()
    assert (refund["status"], refund["attempts"]) == ("pending", 4)
    delays = ours.all(
        "select round(extract(epoch from available_at - created_at))::int as s"
        " from outbox where queue = 'refund' order by id"
    )
    assert [row["s"] for row in delays] == [10, 20, 40, 80]


def test_a_refund_whose_messages_die_twice_is_left_to_people(
    ours: Market, stranger: Person
) -> None:
    sale = ours.sell()
    ours.world.fault("stripe", "refunds.create", "before", times=2)
    body = json.dumps({"id": sale.refund().ok(202)["id"]})
    ours.sql.execute("update users set platform_role = 'admin' where id <> %s", (1,))

    for _ in range(2):
        letter = record(body, "stack-RefundDeadLetters-1A2B")
        handler_of("BuryDeadLettersFunction")({"Records": [letter]}, None)
        ours.sql.execute("update dead_letters set created_at = now() - interval '1 h'")
    left = sale.refunds()
    redriven = stranger.api("POST", "/api/v1/ops/queues/refund/redrive").ok(202)
    ours.workers.drain("refund")

    assert [(refund["status"], refund["check_at"]) for refund in left] == [
        ("pending", None)
    ]
    assert redriven == {"redriven": 1}
    assert [refund["status"] for refund in sale.refunds()] == ["succeeded"]
