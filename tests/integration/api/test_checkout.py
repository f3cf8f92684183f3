"""/api/v1/checkout: one page per wish, whatever comes in between."""

from typing import Any

import pytest

from tests.support.api import Answer, Api, handler_of
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import Person, sign_up
from tests.support.selling import (
    BOUNDS,
    CHECKOUT,
    MONTHLY,
    ONCE,
    PAGES,
    PRODUCTS,
    Shop,
    order,
    shop,
)
from tests.support.world import World

TIPS = f"{CHECKOUT}/tips"
KEY = {"Idempotency-Key": "the-fan-clicked-once"}
ROUTES = [
    ("POST", CHECKOUT, order(NOBODYS)),
    ("POST", TIPS, {"avatar_id": NOBODYS, "amount_minor": 500, "currency": "eur"}),
    ("GET", f"{CHECKOUT}/{NOBODYS}", None),
]
CALLS = ["customers.create", "checkout.sessions.create"]


@pytest.fixture
def ours(luna: Person, world: World, sql: Sql) -> Shop:
    return shop(luna, world, sql)


@pytest.fixture
def fan(database: str) -> Person:
    return sign_up()


def tip(ours: Shop, fan: Person, *, key: str | None = None, **changes: Any) -> Answer:
    wanted = {"avatar_id": ours.avatar_id, "amount_minor": 500, "currency": "eur"}
    headers = {"Idempotency-Key": key} if key else {}
    return fan.api("POST", TIPS, wanted | changes, headers=headers)


def seen(fan: Person, begun: dict[str, Any]) -> dict[str, Any]:
    return dict(fan.api("GET", f"{CHECKOUT}/{begun['checkout_id']}").ok())


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_nobody_pays_without_a_token(method: str, path: str, body: Any) -> None:
    answer = Api()(method, path, body)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_what_is_not_there_is_not_paid(
    ours: Shop, fan: Person, method: str, path: str, body: Any
) -> None:
    answer = fan.api(method, path, body)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert ours.stripe("checkout.session") == []


def test_a_fan_is_led_to_the_page_of_a_membership(ours: Shop, fan: Person) -> None:
    gold = ours.offer(prices=[MONTHLY | {"trial_days": 7}])

    begun = ours.buy(fan, gold).ok(201)

    (session,) = ours.stripe("checkout.session")
    assert begun["url"] == session["url"]
    assert session["mode"] == "subscription"
    assert session["metadata"] == {"checkout_id": begun["checkout_id"]}
    assert session["success_url"] == PAGES["success_url"]
    assert (session["amount_total"], count(ours.sql, "orders")) == (0, 0)
    told = seen(fan, begun)
    assert (told["status"], told["url"]) == ("open", begun["url"])
    assert (told["amount_minor"], told["order_id"]) == (999, None)


def test_what_comes_of_a_page_names_its_checkout(ours: Shop, fan: Person) -> None:
    begun = ours.buy(fan, ours.offer()).ok(201)

    ours.pay()

    (subscription,) = ours.stripe("subscription")
    assert subscription["metadata"] == {"checkout_id": begun["checkout_id"]}


def test_things_are_paid_once_together(ours: Shop, fan: Person) -> None:
    prints = ours.offer(kind="item", name="Print", prices=[ONCE])
    sunset = ours.once()
    lines = order(sunset["prices"][0]["id"])["lines"]
    lines += order(prints["prices"][0]["id"], quantity=3)["lines"]

    begun = fan.api("POST", CHECKOUT, PAGES | {"lines": lines}).ok(201)

    (session,) = ours.stripe("checkout.session")
    owed = ours.one("select * from orders")
    sold = ours.sql.execute("select label, total_minor from order_lines order by id")
    assert (session["mode"], session["amount_total"]) == ("payment", 6_000)
    assert (owed["status"], owed["reason"]) == ("pending", "purchase")
    assert (owed["total_minor"], str(owed["checkout_id"])) == (
        6_000,
        begun["checkout_id"],
    )
    assert [tuple(row.values()) for row in sold] == [("Sunset", 1500), ("Print", 4500)]
    assert seen(fan, begun)["order_id"] == str(owed["id"])


def test_an_avatar_is_given_a_tip(ours: Shop, fan: Person) -> None:
    ours.tips()

    begun = tip(ours, fan, message="For the sunset").ok(201)

    (session,) = ours.stripe("checkout.session")
    assert (session["amount_total"], session["submit_type"]) == (500, None)
    assert session["success_url"] == "https://studio.test"
    assert ours.one("select reason from orders")["reason"] == "tip"
    assert ours.one("select message from checkouts")["message"] == "For the sunset"
    assert seen(fan, begun)["mode"] == "payment"


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"amount_minor": 199}, 400, "amount_minor"),
        ({"amount_minor": 50_001}, 400, "amount_minor"),
        ({"amount_minor": 100_000_000}, 400, "amount_minor"),
        ({"amount_minor": -500}, 400, "amount_minor"),
        ({"currency": "usd"}, 400, "currency"),
        ({"currency": "xxx"}, 400, "currency"),
        ({"success_url": "https://elsewhere.test/"}, 400, "success_url"),
        ({"message": "nude"}, 403, None),
    ],
    ids=str,
)
def test_a_tip_that_is_not_taken_costs_nothing(
    ours: Shop, fan: Person, changes: dict[str, Any], status: int, field: str | None
) -> None:
    ours.tips()

    answer = tip(ours, fan, **changes)

    assert answer.status == status
    assert field is None or answer.json["errors"][0]["field"] == field
    assert count(ours.sql, "checkouts") == 0


def test_an_avatar_without_a_jar_takes_no_tips(ours: Shop, fan: Person) -> None:
    assert tip(ours, fan).status == 404


@pytest.mark.parametrize("name", ["success_url", "cancel_url"])
@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.test/",
        "https://studio.test@elsewhere.test/",
        "javascript:alert(1)",
    ],
)
def test_a_browser_comes_back_to_us_alone(
    ours: Shop, fan: Person, name: str, url: str
) -> None:
    answer = ours.buy(fan, ours.once(), **{name: url})

    assert (answer.status, answer.json["errors"][0]["field"]) == (400, name)


def test_what_does_not_go_together_is_not_sold(ours: Shop, fan: Person) -> None:
    gold, sunset, jar = ours.offer(), ours.once(), ours.tips()
    other = ours.once(avatar_id=None)
    yen = ours.offer(kind="one_off", prices=[ONCE | {"currency": "jpy"}])
    first = {p["id"]: p["prices"][0]["id"] for p in (gold, sunset, jar, other, yen)}

    for wanted in (
        order(first[gold["id"]], first[sunset["id"]]),
        order(first[gold["id"]], quantity=2),
        order(first[sunset["id"]], quantity=2),
        order(first[sunset["id"]], first[other["id"]]),
        order(first[sunset["id"]], first[yen["id"]]),
        order(first[jar["id"]]),
        order(first[sunset["id"]], first[sunset["id"]]),
        order(),
    ):
        assert fan.api("POST", CHECKOUT, wanted).status == 400
    assert count(ours.sql, "checkouts") == 0


def test_what_is_not_for_sale_is_not_sold(ours: Shop, fan: Person) -> None:
    gold, sunset = ours.offer(), ours.once()
    ours.owner.api("PATCH", f"{PRODUCTS}/{gold['id']}", {"is_active": False}).ok()
    price = sunset["prices"][0]["id"]
    ours.owner.api("DELETE", f"{PRODUCTS}/{sunset['id']}/prices/{price}").ok(204)

    answers = [ours.buy(fan, product) for product in (gold, sunset)]

    assert [answer.status for answer in answers] == [404, 404]


def test_what_a_crash_left_is_put_on_sale_by_who_buys_it(
    ours: Shop, fan: Person
) -> None:
    gold = ours.offer()
    ours.sql.execute("update prices set stripe_price_id = null")
    ours.sql.execute("update products set stripe_product_id = null")

    ours.buy(fan, gold).ok(201)

    assert (len(ours.stripe("product")), len(ours.stripe("price"))) == (1, 1)


def test_one_key_opens_one_page(ours: Shop, fan: Person) -> None:
    ours.tips()

    answers = [tip(ours, fan, key="twice-the-same").ok(201) for _ in range(2)]

    assert answers[0] == answers[1]
    assert (ours.effects("checkout.sessions.create"), count(ours.sql, "orders")) == (
        1,
        1,
    )
    assert ours.effects("customers.create") == 1


def test_one_key_is_for_one_request_of_one_fan(ours: Shop, fan: Person) -> None:
    ours.tips()
    tip(ours, fan, key="twice-the-same").ok(201)

    answer = tip(ours, fan, key="twice-the-same", amount_minor=900)

    assert (answer.status, answer.code) == (409, "IDEMPOTENCY_MISMATCH")
    tip(ours, sign_up(), key="twice-the-same", amount_minor=900).ok(201)


def test_one_membership_has_one_open_page(ours: Shop, fan: Person) -> None:
    gold = ours.offer()

    begun = [ours.buy(fan, gold).ok(201) for _ in range(2)]

    assert begun[0] == begun[1]
    assert ours.effects("checkout.sessions.create") == 1


def test_requests_at_once_open_one_page(ours: Shop, fan: Person) -> None:
    gold = ours.offer()
    wanted = order(gold["prices"][0]["id"])

    answers = at_once(*[Wish(fan.api, "POST", CHECKOUT, wanted)] * 3)

    opened = {answer.ok(201)["url"] for answer in answers if answer.status == 201}
    assert len(opened) == 1
    assert count(ours.sql, "checkouts") == count(ours.sql, "customers") == 1
    assert len(ours.stripe("checkout.session")) == len(ours.stripe("customer")) == 1


def test_another_wish_for_a_membership_closes_the_first_page(
    ours: Shop, fan: Person
) -> None:
    yearly = MONTHLY | {"amount_minor": 9_900, "interval": "year"}
    gold = ours.offer(prices=[MONTHLY, yearly])
    first = ours.buy(fan, gold).ok(201)

    second = fan.api("POST", CHECKOUT, order(gold["prices"][1]["id"])).ok(201)

    assert [s["status"] for s in ours.stripe("checkout.session")] == ["expired", "open"]
    assert seen(fan, first)["status"] == "expired"
    assert seen(fan, second)["status"] == "open"


def test_who_has_paid_on_the_first_page_does_not_get_a_second(
    ours: Shop, fan: Person
) -> None:
    gold = ours.offer()
    ours.buy(fan, gold).ok(201)
    ours.pay()

    answer = ours.buy(fan, gold, cancel_url="https://studio.test/elsewhere")

    assert (answer.status, answer.code) == (409, "ALREADY_SUBSCRIBED")
    assert len(ours.stripe("checkout.session")) == 1


def test_a_page_that_does_not_close_is_not_followed_by_another(
    ours: Shop, fan: Person
) -> None:
    gold = ours.offer()
    first = ours.buy(fan, gold).ok(201)
    ours.world.fault("stripe", "checkout.sessions.expire", "status", status=400)

    answer = ours.buy(fan, gold, cancel_url="https://studio.test/elsewhere")

    assert (answer.status, answer.code) == (502, "UPSTREAM_ERROR")
    assert len(ours.stripe("checkout.session")) == 1
    assert seen(fan, first)["status"] == "open"


def test_a_page_that_stripe_does_not_know_gives_way(ours: Shop, fan: Person) -> None:
    gold = ours.offer()
    first = ours.buy(fan, gold).ok(201)
    ours.sql.execute("update checkouts set stripe_session_id = 'cs_test_gone'")

    second = ours.buy(fan, gold, cancel_url="https://studio.test/elsewhere").ok(201)

    assert seen(fan, first)["status"] == "expired"
    assert seen(fan, second)["status"] == "open"


@pytest.mark.parametrize(
    "status", ["trialing", "active", "past_due", "unpaid", "paused"]
)
def test_a_second_live_subscription_is_refused(
    ours: Shop, fan: Person, status: str
) -> None:
    gold = ours.offer()
    ours.subscribed(fan, gold, status)

    answer = ours.buy(fan, gold)

    assert (answer.status, answer.code) == (409, "ALREADY_SUBSCRIBED")
    assert ours.stripe("checkout.session") == []


def test_what_is_paid_for_is_not_sold_again_before_it_is_there(
    ours: Shop, fan: Person
) -> None:
    gold = ours.offer()
    ours.buy(fan, gold).ok(201)
    ended = "update checkouts set status = 'completed', ended_at = now()"
    ours.sql.execute(ended.encode())

    answer = ours.buy(fan, gold)

    assert (answer.status, answer.code) == (409, "ALREADY_SUBSCRIBED")


def test_a_membership_is_tried_out_once(ours: Shop, fan: Person) -> None:
    gold = ours.offer(prices=[MONTHLY | {"trial_days": 7}])
    ours.subscribed(fan, gold, "canceled")

    ours.buy(fan, gold).ok(201)

    assert ours.stripe("checkout.session")[0]["amount_total"] == 999


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("action", ["before", "after", "hang_after"])
def test_a_lost_answer_is_asked_for_again(
    ours: Shop, fan: Person, call: str, action: str, surroundings: Any
) -> None:
    surroundings(REQUEST_TIMEOUT_S="0.5")
    ours.tips()
    ours.world.fault("stripe", call, action, times=None)
    assert tip(ours, fan, key="lost-on-its-way").status == 502
    ours.world.heal()

    begun = tip(ours, fan, key="lost-on-its-way").ok(201)

    (session,) = ours.stripe("checkout.session")
    assert (session["url"], len(ours.stripe("customer"))) == (begun["url"], 1)
    assert (count(ours.sql, "checkouts"), count(ours.sql, "orders")) == (1, 1)


@pytest.mark.parametrize("table", ["customers", "checkouts"])
def test_a_crash_after_stripe_s_answer_is_mended_by_the_next_try(
    ours: Shop, fan: Person, table: str
) -> None:
    gold = ours.offer()
    ours.let_rows_die(table, when="true")
    assert ours.buy(fan, gold).status == 500
    ours.revive()

    begun = ours.buy(fan, gold).ok(201)

    (session,) = ours.stripe("checkout.session")
    assert (session["url"], len(ours.stripe("customer"))) == (begun["url"], 1)
    assert count(ours.sql, "checkouts") == 1


def test_what_stripe_refuses_is_not_begun(ours: Shop, fan: Person) -> None:
    sunset = ours.once()
    ours.world.fault("stripe", "checkout.sessions.create", "status", status=400)

    answer = ours.buy(fan, sunset)

    assert (answer.status, answer.code) == (502, "UPSTREAM_ERROR")
    assert count(ours.sql, "checkouts") == count(ours.sql, "orders") == 0
    ours.buy(fan, sunset).ok(201)


def test_what_was_begun_too_long_ago_is_begun_anew(ours: Shop, fan: Person) -> None:
    gold = ours.offer()
    ours.world.fault("stripe", "checkout.sessions.create", "before", times=2)
    assert ours.buy(fan, gold).status == 502
    ours.sql.execute("update checkouts set expires_at = now() + interval '20 minutes'")

    begun = ours.buy(fan, gold).ok(201)

    assert seen(fan, begun)["status"] == "open"
    assert count(ours.sql, "checkouts") == 1


def test_a_page_whose_time_is_over_gives_way(ours: Shop, fan: Person) -> None:
    gold = ours.offer()
    first = ours.buy(fan, gold).ok(201)
    ours.world.tell(
        "stripe", "expire", session=ours.stripe("checkout.session")[0]["id"]
    )
    ours.sql.execute("update checkouts set expires_at = now()")

    second = ours.buy(fan, gold).ok(201)

    assert second["checkout_id"] != first["checkout_id"]
    assert seen(fan, first)["status"] == "expired"


def test_a_customer_who_was_deleted_at_stripe_is_made_anew(
    ours: Shop, fan: Person
) -> None:
    ours.tips()
    tip(ours, fan).ok(201)
    ours.sql.execute("update customers set deleted_at = now(), generation = 1")

    tip(ours, fan).ok(201)

    buyer = ours.one("select * from customers")
    customers = [customer["id"] for customer in ours.stripe("customer")]
    assert (len(customers), buyer["stripe_customer_id"]) == (2, customers[1])
    assert buyer["deleted_at"] is None


def test_a_checkout_is_its_fan_s_alone(ours: Shop, fan: Person) -> None:
    begun = ours.buy(fan, ours.once()).ok(201)

    for other in (ours.owner, sign_up()):
        answer = other.api("GET", f"{CHECKOUT}/{begun['checkout_id']}")

        assert (answer.status, answer.code) == (404, "NOT_FOUND")


def test_the_sweep_ends_what_never_had_a_page(ours: Shop, fan: Person) -> None:
    sunset, gold = ours.once(), ours.offer()
    ours.world.fault("stripe", "checkout.sessions.create", "before", times=2)
    assert ours.buy(fan, sunset).status == 502
    ours.buy(fan, gold).ok(201)
    ours.sql.execute("update checkouts set expires_at = now()")

    swept = handler_of("SweepFunction")({}, None)

    statuses = {
        row["mode"]: row["status"]
        for row in ours.sql.execute("select mode, status from checkouts")
    }
    assert swept["checkouts"] == 1
    assert statuses == {"payment": "expired", "subscription": "open"}
    assert ours.one("select status from orders")["status"] == "void"


def test_bounds_in_the_shop_are_bounds_at_the_till(ours: Shop, fan: Person) -> None:
    ours.tips(prices=[BOUNDS, BOUNDS | {"currency": "jpy"}])

    assert tip(ours, fan, currency="jpy", amount_minor=50_000).status == 201
    assert tip(ours, fan, currency="jpy", amount_minor=50_001).status == 400
