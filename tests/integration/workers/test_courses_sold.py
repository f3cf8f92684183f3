"""A course that is paid for: open while it is, and gone on with when it is again."""

from typing import Any

import pytest

from tests.support.billing import EUR, Billing
from tests.support.classroom import Classroom, classroom
from tests.support.database import Sql
from tests.support.people import Person
from tests.support.selling import ONCE, PRODUCTS
from tests.support.sold import ORDERS, REFUND

SUBSCRIPTIONS = "/api/v1/subscriptions"
type Json = dict[str, Any]


@pytest.fixture
def course(luna: Person, sql: Sql) -> Classroom:
    return classroom(sql, luna, {}, {}, access="paid")


def offered(shopping: Billing, course: Classroom, kind: str) -> Json:
    """Offer something that opens a course."""
    opens = shopping.shop.benefit(kind="course", ref=str(course.id))
    prices = [EUR] if kind == "membership" else [ONCE]
    return shopping.shop.offer(kind=kind, benefit_ids=[opens], prices=prices)


def pay(shopping: Billing, product: Json) -> None:
    """Have the fan buy it at our door, with all told."""
    shopping.shop.buy(shopping.fan, product).ok(201)
    shopping.shop.pay()
    shopping.tell()


def cancel(shopping: Billing) -> None:
    """Have the fan end the membership that they pay, at once."""
    (paid,) = shopping.fan.api("GET", f"{SUBSCRIPTIONS}?status=active").ok()["items"]
    path = f"{SUBSCRIPTIONS}/{paid['id']}/cancel"
    shopping.fan.api("POST", path, {"at": "now"}).ok()
    shopping.tell()


def refund(shopping: Billing) -> None:
    """Have the owner give all of it back."""
    (order,) = shopping.fan.api("GET", f"{ORDERS}?status=paid").ok()["items"]
    path = f"{ORDERS}/{order['id']}/refunds"
    shopping.shop.owner.api("POST", path, REFUND).ok(202)
    shopping.tell()


def lapse(shopping: Billing) -> None:
    """Let a month go by that the fan's card does not pay, and Stripe give up."""
    name = shopping.see("subscription")[-1]["id"]
    shopping.act("renew", subscription=name, outcome="failed")
    shopping.act("retry", invoice=shopping.see("invoice")[-1]["id"], outcome="final")
    shopping.tell()


ENDS = {
    "membership cancelled": ("membership", cancel),
    "membership lapsed": ("membership", lapse),
    "course refunded": ("course", refund),
    "one-off refunded": ("one_off", refund),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_course_goes_on_where_it_was_when_it_is_paid_again(
    shopping: Billing, course: Classroom, end: str
) -> None:
    kind, happens = ENDS[end]
    fan, product = shopping.fan, offered(shopping, course, kind)
    closed = course.enroll(fan)
    pay(shopping, product)
    course.enroll(fan).ok(201)
    course.finish(fan, 0)
    course.tell(fan, 1, 42).ok()

    happens(shopping)
    lost, refused = course.look(fan), course.tell(fan, 1, 50)
    pay(shopping, product)
    back = course.look(fan)

    assert (closed.code, refused.code) == ("ENTITLEMENT_REQUIRED",) * 2
    assert closed.json["offers"] == refused.json["offers"] == [product["id"]]
    assert (lost["status"], back["status"]) == ("suspended", "active")
    assert lost["percent"] == back["percent"] == 50
    assert back["next_class"]["position_seconds"] == 42
    assert course.finish(fan, 1) == 100


def test_who_has_given_a_course_back_may_not_rate_it(
    shopping: Billing, course: Classroom
) -> None:
    pay(shopping, offered(shopping, course, "course"))
    path, rating = course.ratings, {"rating": 5}
    shopping.fan.api("POST", path, rating).ok(201)

    refund(shopping)

    assert shopping.fan.api("POST", path, rating).code == "ENTITLEMENT_REQUIRED"
    assert shopping.fan.api("GET", f"{path}/stats").ok()["total_ratings"] == 1


@pytest.mark.parametrize("kind", ["membership", "course"])
def test_a_course_that_is_about_to_be_paid_for_stays(
    shopping: Billing, course: Classroom, kind: str
) -> None:
    product = offered(shopping, course, kind)
    shopping.shop.buy(shopping.fan, product).ok(201)
    owner = shopping.shop.owner
    owner.api("PATCH", f"{PRODUCTS}/{product['id']}", {"is_active": False}).ok()

    meanwhile = owner.api("DELETE", f"/courses/{course.slug}")
    shopping.act("expire", session=shopping.see("checkout.session")[-1]["id"])
    shopping.tell()
    afterwards = owner.api("DELETE", f"/courses/{course.slug}")

    assert (meanwhile.status, afterwards.status) == (409, 204)
