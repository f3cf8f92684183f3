"""Queue events in any order, doubled, of others: always what Stripe has, once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.billing import Billing, Json, shuffled

SUMMARY = (
    "select (select jsonb_agg(jsonb_build_array(reason, status, total_minor, currency)"
    "  order by created_at, reason) from orders) as orders,"
    " (select jsonb_agg(jsonb_build_array(status, amount_minor) order by amount_minor)"
    "  from payments) as payments,"
    " (select jsonb_agg(status order by status) from subscriptions) as subscriptions,"
    " (select jsonb_agg(jsonb_build_array(account, n) order by account) from"
    "  (select account, sum(amount_micros) as n from v_ledger group by account) b)"
    "  as books"
)


def summary(shopping: Billing) -> dict[str, Any]:
    row = shopping.sql.execute(SUMMARY.encode()).fetchone()
    return dict(row or {}) | {"held": shopping.held()}


def a_life(shopping: Billing) -> None:
    """Have a membership bought, renewed in time and late, and something bought once."""
    shopping.buy(shopping.membership())
    (subscription,) = shopping.see("subscription")
    shopping.act("renew", subscription=subscription["id"], outcome="paid")
    shopping.act("renew", subscription=subscription["id"], outcome="paid_after_retry")
    shopping.buy(shopping.one_off())


EXPECTED = {
    "orders": 4,
    "payments": [["succeeded", 999]] * 3 + [["succeeded", 1_500]],
    "subscriptions": ["active"],
    "held": ["gold", "sunset"],
}


def is_as_expected(shopping: Billing) -> bool:
    found = summary(shopping)
    orders = found["orders"]
    return (
        {order[1] for order in orders} == {"paid"}
        and {**found, "orders": len(orders), "books": None}
        == {**EXPECTED, "books": None}
        and dict(found["books"])["revenue"] == -(3 * 999 + 1_500) * 10_000
    )


@pytest.mark.parametrize("seed", range(2))
def test_shuffled_and_doubled_events_tell_the_same(
    shopping: Billing, seed: int
) -> None:
    a_life(shopping)
    events = shuffled(shopping.news(), seed)

    shopping.tell_each(events[: len(events) // 2])
    shopping.tell(*events[len(events) // 2 :])

    assert is_as_expected(shopping)
    assert set(shopping.verdicts()) <= {"processed", "superseded", "ignored"}
    assert shopping.count("webhook_events") == len(events) // 2


def test_events_told_backwards_tell_the_same(shopping: Billing) -> None:
    a_life(shopping)

    shopping.tell_each(shopping.news()[::-1])

    assert is_as_expected(shopping)
    assert set(shopping.verdicts()) <= {"processed", "superseded", "ignored"}


def test_an_end_that_is_told_before_the_beginning_is_the_end(
    shopping: Billing,
) -> None:
    shopping.buy(shopping.membership())
    (subscription,) = shopping.see("subscription")
    before = shopping.news()
    shopping.act(
        "subscription_status", subscription=subscription["id"], status="canceled"
    )

    shopping.tell(*shopping.news("customer.subscription.deleted"))
    ended = shopping.one("subscriptions")["status"]
    shopping.tell(*before)

    assert ended == "canceled"
    assert shopping.one("subscriptions")["status"] == "canceled"
    assert shopping.held() == []


def test_what_is_over_never_comes_back(shopping: Billing) -> None:
    subscription = shopping.subscribe()
    shopping.sql.execute("update subscriptions set status = 'canceled'")
    shopping.act("renew", subscription=subscription, outcome="paid")

    shopping.tell()

    assert shopping.one("subscriptions")["status"] == "canceled"


def test_an_invoice_waits_for_its_subscription(shopping: Billing) -> None:
    shopping.buy(shopping.membership())
    events = shopping.news()
    paid = [e for e in events if e["type"] == "invoice.paid"]

    shopping.tell(*paid)
    waiting = shopping.one("webhook_events")
    shopping.tell(*(e for e in events if e["type"] == "customer.subscription.created"))

    (subscription,) = shopping.see("subscription")
    assert (waiting["status"], waiting["waits_for"]) == ("deferred", subscription["id"])
    assert shopping.one("orders")["status"] == "paid"
    assert shopping.verdicts() == {"processed": 2}


def paid_late(shopping: Billing) -> tuple[list[Json], list[Json]]:
    """Have a renewal paid on the second try; return its payment's news, and its own."""
    subscription = shopping.subscribe()
    shopping.act("renew", subscription=subscription, outcome="failed")
    shopping.tell()
    shopping.act("retry", invoice=shopping.see("invoice")[-1]["id"], outcome="paid")
    news = shopping.news()
    return (
        [e for e in news if e["type"] == "payment_intent.succeeded"],
        [e for e in news if e["type"] == "invoice.paid"],
    )


def test_when_an_invoice_was_paid_is_for_stripe_to_say(shopping: Billing) -> None:
    payment, invoice = paid_late(shopping)

    shopping.tell(*payment)
    by_our_clock = shopping.rows("orders")[-1]["paid_at"]
    shopping.tell(*invoice)

    seconds = shopping.see("invoice")[-1]["status_transitions"]["paid_at"]
    told = datetime.fromtimestamp(seconds, UTC)
    assert by_our_clock is not None
    assert shopping.rows("orders")[-1]["paid_at"] == told != by_our_clock


def test_what_was_paid_for_the_past_closes_nothing_once_that_is_known(
    shopping: Billing,
) -> None:
    payment, invoice = paid_late(shopping)
    shopping.tell(*payment)
    shopping.sql.execute("update orders set paid_at = paid_at + interval '1 year'")
    (subscription,) = shopping.see("subscription")
    charge = shopping.see("charge")[-1]["id"]
    shopping.act("renew", subscription=subscription["id"], outcome="paid")
    shopping.act("refund", charge=charge)
    shopping.tell()
    by_our_clock = shopping.held()

    shopping.tell(*invoice)

    assert by_our_clock == []
    assert shopping.held() == ["gold"]


def test_a_payment_waits_for_what_its_checkout_comes_to(shopping: Billing) -> None:
    sold = shopping.buy(shopping.one_off())
    events = shopping.news()

    shopping.tell(*(e for e in events if e["type"] == "payment_intent.succeeded"))
    waiting = shopping.one("webhook_events")
    shopping.tell(*(e for e in events if e["type"] == "checkout.session.completed"))

    assert waiting["waits_for"] == f"checkout:{sold.checkout_id}"
    assert shopping.one("payments")["status"] == "succeeded"
    assert shopping.count("ledger_transactions") == 1
    assert shopping.verdicts() == {"processed": 2}


def test_a_checkout_that_is_not_there_yet_is_waited_for(shopping: Billing) -> None:
    shopping.buy(shopping.membership())
    (row,) = shopping.rows("checkouts")
    shopping.sql.execute("delete from checkouts")

    shopping.tell()
    waiting = shopping.verdicts()["deferred"]
    _put_back(shopping, row)
    shopping.sql.execute("update webhook_events set check_at = now()")
    shopping.sweep()
    shopping.work()

    assert waiting > 0
    assert shopping.held() == ["gold"]
    assert "deferred" not in shopping.verdicts()


def _put_back(shopping: Billing, row: Any) -> None:
    shopping.sql.execute(
        "insert into checkouts (id, workspace_id, avatar_id, customer_id, mode,"
        " product_id, lines, amount_minor, currency, success_url, cancel_url,"
        " request_sha256, expires_at) values (%(id)s, %(workspace_id)s, %(avatar_id)s,"
        " %(customer_id)s, %(mode)s, %(product_id)s, '{}', %(amount_minor)s,"
        " %(currency)s, '', '', '', now())",
        {k: v for k, v in row.items() if k != "lines"},
    )


def test_one_payment_by_two_events_is_one_payment(shopping: Billing) -> None:
    shopping.buy(shopping.one_off())
    of_payment = {"checkout.session.completed", "payment_intent.succeeded"}
    events = [
        event
        for event in shopping.news()
        if event["type"] in of_payment | {"charge.succeeded", "charge.updated"}
    ]

    shopping.tell_each(events)

    assert len(events) >= 3
    assert shopping.count("payments") == 1
    assert shopping.count("ledger_transactions") == 1


def aged(event: Json, id_: str, seconds: int) -> Json:
    return event | {"id": id_, "created": event["created"] + seconds}


def looks(shopping: Billing) -> int:
    return len(shopping.world.calls("stripe", "subscriptions.get"))


@pytest.mark.parametrize(
    ("seconds", "status", "seen"), [(-1, "superseded", 0), (0, "processed", 1)]
)
def test_only_what_is_older_than_the_last_look_needs_none(
    shopping: Billing, seconds: int, status: str, seen: int
) -> None:
    shopping.buy(shopping.membership())
    (created,) = shopping.news("customer.subscription.created")
    shopping.tell(created)
    before = looks(shopping)

    shopping.tell(aged(created, "evt_another", seconds))

    assert shopping.count("webhook_events", status=status, external_id="evt_another")
    assert looks(shopping) - before == seen


def test_events_of_one_object_need_one_look(shopping: Billing) -> None:
    shopping.buy(shopping.membership())
    (created,) = shopping.news("customer.subscription.created")

    shopping.tell(*(aged(created, f"evt_{n}", n) for n in range(10)))

    assert looks(shopping) == 1
    assert shopping.verdicts() == {"processed": 1, "superseded": 9}


def test_worked_on_twice_it_is_done_once(shopping: Billing) -> None:
    shopping.buy(shopping.one_off())
    shopping.tell()
    before = summary(shopping)
    ids = [row["id"] for row in shopping.rows("webhook_events")]

    again = shopping.workers.run("events", *ids, *ids)

    assert again == []
    assert summary(shopping) == before


# Whose it is.


@pytest.mark.parametrize("what", ["one_off", "membership"])
def test_metadata_make_nothing_anybody_s(
    shopping: Billing, luna_s_fan: Any, what: str
) -> None:
    product = getattr(shopping, what)()
    victim = shopping.check_out(product)
    ours, _ = shopping.customer()
    shopping.customer(luna_s_fan)
    thief = shopping.check_out(product, person=luna_s_fan, pretends=victim)
    shopping.act("pay", session=thief.session)

    shopping.tell()

    assert shopping.one("checkouts", id=victim.checkout_id)["status"] == "open"
    assert shopping.count("subscriptions") == shopping.count("payments") == 0
    assert shopping.held() == []
    assert set(shopping.verdicts()) == {"ignored"}
    assert ours is not None


@pytest.fixture
def luna_s_fan(shopping: Billing) -> Any:
    """Somebody else who buys there."""
    return shopping.another()


def test_what_the_dashboard_sells_is_not_ours(shopping: Billing) -> None:
    made = shopping.stripe("customers", email="somebody@example.com")
    product = shopping.membership()
    price = shopping.one("prices")["stripe_price_id"]
    session = shopping.stripe(
        "checkout/sessions",
        mode="subscription",
        customer=made["id"],
        success_url="https://elsewhere.test",
        line_items=[{"price": price, "quantity": 1}],
    )
    shopping.act("pay", session=session["id"])

    shopping.tell()

    assert set(shopping.verdicts()) == {"ignored"}
    assert shopping.count("orders") == 0
    assert product["id"] is not None


def test_what_our_customer_buys_elsewhere_is_not_ours(shopping: Billing) -> None:
    _, theirs = shopping.customer()
    product = shopping.membership()
    session = shopping.stripe(
        "checkout/sessions",
        mode="subscription",
        customer=theirs,
        success_url="https://elsewhere.test",
        line_items=[
            {"price": shopping.one("prices")["stripe_price_id"], "quantity": 1}
        ],
    )
    shopping.act("pay", session=session["id"])

    shopping.tell()

    assert set(shopping.verdicts()) == {"ignored"}
    assert shopping.count("orders") == shopping.count("subscriptions") == 0
    assert product["id"] is not None


def test_the_other_mode_s_events_are_ignored(shopping: Billing) -> None:
    shopping.buy(shopping.membership())

    shopping.tell(*(event | {"livemode": True} for event in shopping.news()))

    assert set(shopping.verdicts()) == {"ignored"}
    assert shopping.count("subscriptions") == 0


def test_events_of_another_version_are_looked_at_all_the_same(
    shopping: Billing,
) -> None:
    shopping.buy(shopping.membership())

    shopping.tell(*(e | {"api_version": "2020-08-27"} for e in shopping.news()))

    assert shopping.held() == ["gold"]
