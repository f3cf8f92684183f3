"""POST /webhooks/stripe: who may report, what is kept, and that once is enough."""

from typing import Any

import pytest

from tests.conftest import Set
from tests.support.api import Answer, Api
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql, count
from tests.support.stripe_events import (
    DOOR,
    SECRET,
    deliver,
    event,
    signed,
    statuses,
)

BEFORE = "whsec_of_yesterday"
PAID = "payment_intent.succeeded"
ABOUT = {"id": "pi_1", "object": "payment_intent"}
ANY_BODY = event(PAID, ABOUT, id="evt_of_all", created=1_795_219_200)


@pytest.fixture(autouse=True)
def _secrets(database: str, surroundings: Set) -> None:
    surroundings(STRIPE_WEBHOOK_SECRET=f"{SECRET},{BEFORE}")


def test_an_event_is_kept_and_rings_for_its_object(sql: Sql) -> None:
    answer = deliver(ANY_BODY)

    assert answer.ok(202) == {"received": True}
    (row,) = sql.execute("select * from webhook_events").fetchall()
    assert (row["source"], row["external_id"]) == ("stripe", "evt_of_all")
    assert (row["event_type"], row["status"]) == (PAID, "received")
    assert row["provider_object_id"] == "pi_1"
    assert row["occurred_at"].timestamp() == 1_795_219_200
    assert row["check_at"] > row["received_at"]
    assert count(sql, "outbox", queue="events", subject_id=row["id"]) == 1


@pytest.mark.parametrize(
    ("type_", "about", "name"),
    [
        ("charge.updated", {"id": "ch_1", "payment_intent": "pi_1"}, "pi_1"),
        ("charge.refunded", {"id": "ch_1", "payment_intent": {"id": "pi_1"}}, "pi_1"),
        ("charge.succeeded", {"id": "ch_1", "payment_intent": None}, "ch_1"),
        ("charge.dispute.created", {"id": "dp_1", "payment_intent": "pi_1"}, "dp_1"),
        ("refund.updated", {"id": "re_1", "payment_intent": "pi_1"}, "re_1"),
        ("invoice_payment.paid", {"id": "inpay_1", "invoice": "in_1"}, "in_1"),
        (
            "invoice.upcoming",
            {"parent": {"subscription_details": {"subscription": "sub_1"}}},
            "upcoming:sub_1",
        ),
        ("invoice.upcoming", {"subscription": "sub_1"}, "upcoming:sub_1"),
        ("customer.subscription.deleted", {"id": "sub_1"}, "sub_1"),
    ],
)
def test_an_event_names_what_is_to_be_looked_at(
    sql: Sql, type_: str, about: Any, name: str
) -> None:
    deliver(event(type_, about)).ok(202)

    assert count(sql, "webhook_events", provider_object_id=name) == 1
    assert statuses(sql) == ["received"]


@pytest.mark.parametrize(
    ("type_", "about", "changes"),
    [
        ("tomorrow.invented", ABOUT, {}),
        (PAID, {}, {}),
        (PAID, {"id": 7}, {}),
        (PAID, {"id": "x" * 256}, {}),
        (PAID, ABOUT, {"account": "acct_of_somebody"}),
        ("invoice.upcoming", {"parent": None}, {}),
        ("invoice.upcoming", {"parent": {"subscription_details": None}}, {}),
    ],
)
def test_what_says_nothing_to_us_is_kept_and_ignored(
    sql: Sql, type_: str, about: Any, changes: dict[str, Any]
) -> None:
    answer = deliver(event(type_, about, **changes))

    assert answer.status == 202
    assert statuses(sql) == ["ignored"]
    assert count(sql, "outbox") == 0


def test_an_event_that_comes_again_is_kept_once(sql: Sql) -> None:
    answers = [deliver(ANY_BODY) for _ in range(3)]

    assert [answer.ok(202) for answer in answers] == [{"received": True}] * 3
    assert count(sql, "webhook_events") == 1
    assert count(sql, "outbox") == 1


def test_sixteen_deliveries_at_one_moment_are_one_event(sql: Sql) -> None:
    wish = Wish(Api(), "POST", DOOR, content=ANY_BODY, headers=signed(ANY_BODY))

    answers = at_once(*[wish] * 16)

    assert [answer.status for answer in answers] == [202] * 16
    assert count(sql, "webhook_events") == 1
    assert count(sql, "outbox") == 1


def test_the_secret_of_before_counts_while_both_are_listed(sql: Sql) -> None:
    answer = deliver(ANY_BODY, signed(ANY_BODY, secret=BEFORE))

    assert answer.status == 202


@pytest.mark.parametrize(
    "hand",
    [
        {"secret": "whsec_of_somebody"},
        {"secret": ""},
        {"body": ANY_BODY + b" "},
        {"age_s": 330},
        {"age_s": -330},
    ],
    ids=["else's", "no secret", "other body", "late", "early"],
)
def test_what_is_not_signed_by_stripe_just_now_is_refused(
    sql: Sql, hand: dict[str, Any]
) -> None:
    headers = signed(**{"body": ANY_BODY} | hand)

    answer = deliver(ANY_BODY, headers)

    assert is_refused(answer, sql, "INVALID_SIGNATURE")


@pytest.mark.parametrize("header", [None, "", "t=1,v1=", "v1=0"])
def test_a_signature_that_is_none_is_refused(sql: Sql, header: str | None) -> None:
    answer = deliver(ANY_BODY, {"stripe-signature": header} if header else {})

    assert is_refused(answer, sql, "INVALID_SIGNATURE")


def is_refused(answer: Answer, sql: Sql, code: str) -> bool:
    """Tell whether a delivery was refused and nothing is left of it."""
    told = (answer.status, answer.code) == (400, code)
    return told and not count(sql, "webhook_events")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b"\xff",
        event("", ABOUT, id="evt"),
        event(PAID, ABOUT, id=""),
        event(PAID, ABOUT, id="x" * 256),
        event(PAID, [], id="evt"),
        event(PAID, ABOUT, id="evt", created="soon"),
        event(PAID, ABOUT, id="evt", created=10**30),
        event(PAID, ABOUT, id="evt", livemode="perhaps"),
    ],
    ids=lambda body: repr(body[:50]),
)
def test_what_is_signed_and_no_event_is_refused(sql: Sql, body: bytes) -> None:
    answer = deliver(body)

    assert is_refused(answer, sql, "VALIDATION_ERROR")


def test_what_postgres_cannot_hold_is_kept_as_far_as_it_can(sql: Sql) -> None:
    about = ABOUT | {"description": "a\x00b\ud800"}

    deliver(event(PAID, about)).ok(202)

    assert statuses(sql) == ["received"]


@pytest.mark.parametrize(("more", "status"), [(0, 202), (1, 413)])
def test_a_body_has_a_quarter_of_a_megabyte_at_most(
    sql: Sql, more: int, status: int
) -> None:
    answer = deliver(ANY_BODY.ljust(256 * 1024 + more))

    assert answer.status == status
    assert count(sql, "webhook_events") == (status == 202)


@pytest.mark.parametrize("secret", [None, "", ","])
def test_without_a_secret_there_is_no_door(
    sql: Sql, surroundings: Set, secret: str | None
) -> None:
    surroundings(STRIPE_WEBHOOK_SECRET=secret)

    answer = deliver(ANY_BODY, signed(ANY_BODY, secret=""))

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert count(sql, "webhook_events") == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_events_are_posted(method: str) -> None:
    assert Api()(method, DOOR).status == 405
