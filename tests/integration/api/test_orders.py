"""/api/v1/orders: what fans have bought, and what is given back to them."""

from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow

from tests.support.api import Api
from tests.support.at_once import Wish, at_once
from tests.support.database import count
from tests.support.material import NOBODYS
from tests.support.people import Person, join
from tests.support.sold import ORDERS, REFUND, Market, market
from tests.support.workers import Workers
from tests.support.world import World

DOORS = [("GET", ""), ("GET", "/refunds"), ("POST", "/refunds")]


@pytest.fixture
def ours(
    luna: Person, workers: Workers, world: World, sql: psycopg.Connection[DictRow]
) -> Market:
    return market(luna, workers, world, sql)


@pytest.mark.parametrize(("method", "door"), [*DOORS, ("GET", None)])
def test_nobody_gets_in_without_a_token(
    database: str, method: str, door: str | None
) -> None:
    path = ORDERS if door is None else f"{ORDERS}/{NOBODYS}{door}"

    assert Api()(method, path, REFUND).status == 401


@pytest.mark.parametrize(("method", "door"), DOORS)
def test_an_order_is_a_strangers_nothing(
    ours: Market, stranger: Person, method: str, door: str
) -> None:
    sale = ours.sell()

    answers = [
        who.api(method, f"{sale.path}{door}", REFUND)
        for who in (stranger, ours.another().fan)
    ]

    assert {(a.status, a.json["detail"]) for a in answers} == {(404, "Order not found")}
    assert ours.effects("refunds.create") == 0


def test_a_fan_sees_their_own_orders_and_no_others(ours: Market) -> None:
    mine, theirs = ours.sell(), ours.another().sell()

    told = ours.fan.api("GET", ORDERS).ok()

    assert [order["id"] for order in told["items"]] == [mine.id]
    assert ours.fan.api("GET", theirs.path).status == 404


def test_members_see_the_workspaces_orders_when_they_name_it(ours: Market) -> None:
    sale = ours.sell()
    analyst = join(ours.owner, "analyst")

    told = analyst.api("GET", ORDERS).ok()

    assert [order["id"] for order in told["items"]] == [sale.id]
    assert ours.owner.api("GET", ORDERS).ok()["items"] == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=paid", 2),
        ("status=refunded", 0),
        (f"avatar_id={NOBODYS}", 0),
        ("from=2020-01-01T00:00:00Z", 2),
        ("to=2020-01-01T00:00:00Z", 0),
        ("per_page=1", 1),
    ],
)
def test_orders_are_found_by_what_is_known_of_them(
    ours: Market, query: str, found: int
) -> None:
    ours.sell()
    ours.sell()

    told = ours.fan.api("GET", f"{ORDERS}?{query}").ok()

    assert len(told["items"]) == found


def test_an_order_is_told_with_all_that_has_become_of_it(ours: Market) -> None:
    sale = ours.sell(1_500, tax=240)
    sale.refund(amount_minor=500).ok(202)

    told = ours.fan.api("GET", sale.path).ok()

    assert told["number"] == f"VB-{sale.row()['number']}"
    assert told["number"] == "VB-100001"
    assert (told["status"], told["refunded_minor"]) == ("partially_refunded", 500)
    assert (told["subtotal_minor"], told["tax_minor"]) == (1_260, 240)
    assert [line["label"] for line in told["lines"]] == ["Sunset"]
    assert [payment["amount_minor"] for payment in told["payments"]] == [1_500]
    assert [refund["amount_minor"] for refund in told["refunds"]] == [500]
    assert told["receipt_url"] == "https://receipts.test/1"


def test_refunds_are_listed_newest_first(ours: Market) -> None:
    sale = ours.sell()
    nothing = ours.fan.api("GET", f"{sale.path}/refunds").ok()["items"]
    for amount in (100, 200):
        sale.refund(amount_minor=amount).ok(202)

    told = ours.fan.api("GET", f"{sale.path}/refunds").ok()

    assert nothing == []
    assert [refund["amount_minor"] for refund in told["items"]] == [200, 100]


def test_without_an_amount_the_whole_rest_goes_back(ours: Market) -> None:
    sale = ours.sell(1_500)
    sale.refund(amount_minor=400).ok(202)

    told = sale.refund().ok(202)

    assert (told["amount_minor"], told["status"]) == (1_100, "succeeded")
    assert sale.row()["status"] == "refunded"
    assert ours.effects("refunds.create") == 2


@pytest.mark.parametrize("revokes", [True, False])
def test_access_closes_only_where_that_is_wished_for(
    ours: Market, *, revokes: bool
) -> None:
    sale = ours.sell()

    sale.refund(revoke_access=revokes).ok(202)

    assert sale.is_open() is not revokes


def test_the_same_key_gives_back_once(ours: Market) -> None:
    sale = ours.sell()
    first = sale.refund("refund-of-today", amount_minor=500).ok(202)

    second = sale.refund("refund-of-today", amount_minor=500).ok(202)

    assert second == first
    assert ours.effects("refunds.create") == 1
    assert len(sale.refunds()) == 1


@pytest.mark.parametrize(
    "changes", [{"amount_minor": 501}, {}, {"amount_minor": 500, "reason": "other"}]
)
def test_a_key_belongs_to_one_request(ours: Market, changes: dict[str, Any]) -> None:
    sale = ours.sell()
    sale.refund("refund-of-today", amount_minor=500).ok(202)

    answer = sale.refund("refund-of-today", **changes)

    assert (answer.status, answer.code) == (409, "IDEMPOTENCY_MISMATCH")


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_minor": 0},
        {"amount_minor": -1},
        {"amount_minor": 1.5},
        {"amount_minor": 100_000_000},
        {"reason": "because"},
        {"revoke_access": None},
        {"order": "another"},
    ],
)
def test_a_refund_is_asked_for_in_form(ours: Market, changes: dict[str, Any]) -> None:
    answer = ours.sell().refund(**changes)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


def test_no_more_goes_back_than_is_left(ours: Market) -> None:
    sale = ours.sell(1_500)
    sale.refund(amount_minor=1_000).ok(202)

    answer = sale.refund(amount_minor=501)

    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert "500 EUR" in answer.json["detail"]


@pytest.mark.parametrize(
    "status", ["pending", "void", "disputed", "charged_back", "refunded"]
)
def test_only_what_was_paid_and_is_held_can_go_back(ours: Market, status: str) -> None:
    sale = ours.sell()
    ours.sql.execute("update orders set status = %s", (status,))

    answer = sale.refund()

    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert ours.effects("refunds.create") == 0


@pytest.mark.parametrize("role", ["editor", "reviewer", "analyst"])
def test_only_an_owner_gives_back(ours: Market, role: str) -> None:
    sale = ours.sell()
    member = join(ours.owner, role)

    answer = member.api("POST", f"{sale.path}/refunds", REFUND)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")


def test_of_refunds_at_once_no_more_goes_back_than_there_is(ours: Market) -> None:
    sale = ours.sell(1_100)
    wish = Wish(
        ours.owner.api, "POST", f"{sale.path}/refunds", REFUND | {"amount_minor": 400}
    )

    answers = at_once(*[wish] * 4)

    assert sorted(answer.status for answer in answers) == [202] * 2 + [409] * 2
    assert sale.row()["refunded_minor"] == 800
    assert ours.effects("refunds.create") == 2


def test_an_answer_that_is_lost_is_asked_for_again_under_the_same_key(
    ours: Market,
) -> None:
    sale = ours.sell()
    ours.world.fault("stripe", "refunds.create", "after", times=2)

    told = sale.refund("refund-of-today").ok(202)
    ours.workers.deliver("refund")

    assert told["status"] == "pending"
    assert [refund["status"] for refund in sale.refunds()] == ["succeeded"]
    assert ours.effects("refunds.create") == 1
    assert sale.refund("refund-of-today").ok(202)["status"] == "succeeded"


def test_what_waits_for_an_answer_is_not_given_back_twice(ours: Market) -> None:
    sale = ours.sell(1_500)
    ours.world.fault("stripe", "refunds.create", "before", times=2)
    sale.refund(amount_minor=1_000).ok(202)

    answer = sale.refund(amount_minor=501)

    assert answer.status == 409


def test_what_stripe_does_not_make_holds_nothing(ours: Market) -> None:
    sale = ours.sell()
    dispute = sale.disputed()

    refused = [sale.refund("refund-of-today") for _ in range(2)]
    ours.world.tell("stripe", "dispute_outcome", dispute=dispute["id"], outcome="won")

    assert {(a.status, a.code) for a in refused} == {(409, "CONFLICT")}
    assert [r["error_code"] for r in sale.refunds()] == ["charge_disputed"]
    assert sale.refund().ok(202)["status"] == "succeeded"


def test_without_our_key_nothing_goes_back(ours: Market, surroundings: Any) -> None:
    sale = ours.sell()
    surroundings(STRIPE_API_KEY="sk_test_of_somebody_else")

    answer = sale.refund()

    assert (answer.status, answer.code) == (502, "UPSTREAM_ERROR")
    assert count(ours.sql, "refunds", status="failed") == 1
