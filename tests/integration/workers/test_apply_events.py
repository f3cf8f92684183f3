"""Queue events: what Stripe tells of becomes rows, rights and entries in the books."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.billing import BETTER, EUR, JPY, YEARLY, Billing
from tests.support.selling import CHECKOUT, PAGES

SETTLED = {"processed", "superseded", "ignored"}
MICROS = 10_000


def is_all_settled(shopping: Billing) -> bool:
    return set(shopping.verdicts()) <= SETTLED


def failed_renewal(shopping: Billing) -> str:
    """Let a month go by that cannot be charged; return the subscription's name."""
    subscription = shopping.subscribe()
    shopping.world.turn("stripe", final_failure="unpaid")
    shopping.act("renew", subscription=subscription, outcome="failed")
    shopping.tell()
    return subscription


# From our own door to the books.


@pytest.mark.parametrize(
    ("kind", "held"), [("membership", "gold"), ("one_off", "sunset")]
)
def test_what_a_fan_asks_us_for_and_pays_is_theirs(
    shopping: Billing, kind: str, held: str
) -> None:
    product = getattr(shopping, kind)()
    begun = shopping.shop.buy(shopping.fan, product).ok(201)
    shopping.shop.pay()

    shopping.tell()

    checkout = shopping.one("checkouts")
    assert (str(checkout["id"]), checkout["status"]) == (
        begun["checkout_id"],
        "completed",
    )
    assert shopping.one("orders")["status"] == "paid"
    assert shopping.held() == [held]
    assert is_all_settled(shopping)


def test_a_tip_is_the_avatar_s_and_opens_nothing(shopping: Billing) -> None:
    shopping.shop.tips()
    tip = {"avatar_id": shopping.shop.avatar_id, "amount_minor": 500, "currency": "eur"}
    shopping.fan.api("POST", f"{CHECKOUT}/tips", tip | PAGES).ok(201)
    shopping.shop.pay()

    shopping.tell()

    order = shopping.one("orders")
    assert (order["reason"], order["status"], order["total_minor"]) == (
        "tip",
        "paid",
        500,
    )
    assert str(order["avatar_id"]) == shopping.shop.avatar_id
    assert shopping.balance("revenue") == -500 * MICROS
    assert shopping.held() == []
    assert is_all_settled(shopping)


# checkout.session.*, payment_intent.*, charge.*


def test_a_membership_that_is_paid_opens_what_it_opens(shopping: Billing) -> None:
    shopping.buy(shopping.membership())

    shopping.tell()

    order, payment = shopping.one("orders"), shopping.one("payments")
    assert shopping.one("checkouts")["status"] == "completed"
    assert shopping.one("subscriptions")["status"] == "active"
    assert (order["status"], order["reason"]) == ("paid", "subscription_create")
    assert (payment["status"], payment["amount_minor"]) == ("succeeded", 999)
    assert shopping.held() == ["gold"]
    assert shopping.balance("stripe_clearing") == (999 - 59) * MICROS
    assert is_all_settled(shopping)


def test_something_that_is_paid_once_opens_what_it_opens(shopping: Billing) -> None:
    sold = shopping.buy(shopping.one_off())

    shopping.tell()

    payment = shopping.one("payments")
    assert shopping.one("orders")["status"] == "paid"
    assert str(payment["order_id"]) == sold.order_id
    assert payment["balance_transaction_id"] is not None
    assert shopping.held() == ["sunset"]
    assert shopping.balance("revenue") == -1_500 * MICROS
    assert is_all_settled(shopping)


def test_yen_have_no_cents(shopping: Billing) -> None:
    shopping.buy(shopping.membership(JPY))

    shopping.tell()

    assert shopping.one("payments")["currency"] == "jpy"
    assert shopping.balance("revenue", "jpy") == -1_500 * 1_000_000


def test_tax_is_owed_and_no_revenue(shopping: Billing) -> None:
    shopping.world.turn("stripe", tax_percent="19")
    shopping.buy(shopping.one_off(), automatic_tax={"enabled": True})

    shopping.tell()

    order = shopping.one("orders")
    assert (order["tax_minor"], order["total_minor"]) == (285, 1_785)
    assert order["status"] == "paid"
    assert shopping.balance("tax_payable") == -285 * MICROS
    assert shopping.balance("revenue") == -1_500 * MICROS


def test_a_fee_that_is_told_later_is_booked_later(shopping: Billing) -> None:
    shopping.world.turn("stripe", balance="by_order")
    shopping.buy(shopping.one_off())
    shopping.tell()
    before = shopping.count("ledger_entries"), shopping.held()

    shopping.act("book", charge=shopping.one("payments")["charge_id"])
    shopping.tell()

    assert before == (0, ["sunset"])
    assert shopping.one("payments")["fee_minor"] == 74
    assert shopping.count("ledger_transactions") == 1


def test_an_expired_page_voids_its_order(shopping: Billing) -> None:
    sold = shopping.check_out(shopping.one_off())
    shopping.act("expire", session=sold.session)

    shopping.tell()

    assert shopping.one("checkouts")["status"] == "expired"
    assert shopping.one("orders")["status"] == "void"
    assert shopping.held() == []


def test_a_declined_card_is_no_end(shopping: Billing) -> None:
    sold = shopping.buy(shopping.one_off(), "declined")
    shopping.tell()
    declined = shopping.one("payments")["status"], shopping.one("orders")["status"]

    shopping.act("pay", session=sold.session, outcome="paid")
    shopping.tell()

    assert declined == ("failed", "pending")
    assert shopping.one("payments")["status"] == "succeeded"
    assert shopping.one("orders")["status"] == "paid"
    assert shopping.count("payments") == 1


@pytest.mark.parametrize(
    ("is_paid", "status", "held"), [(True, "paid", ["sunset"]), (False, "void", [])]
)
def test_a_payment_that_takes_days_opens_nothing_before(
    shopping: Billing, *, is_paid: bool, status: str, held: list[str]
) -> None:
    sold = shopping.buy(shopping.one_off(), "unpaid")
    shopping.tell()
    before = shopping.one("orders")["status"], shopping.held()

    shopping.act("settle", session=sold.session, is_paid=is_paid)
    shopping.tell()

    assert before == ("pending", [])
    assert shopping.one("orders")["status"] == status
    assert shopping.held() == held
    assert is_all_settled(shopping)


# invoice.*


def test_a_renewal_is_an_order_of_its_own(shopping: Billing) -> None:
    subscription = shopping.subscribe()

    shopping.act("renew", subscription=subscription, outcome="paid")
    shopping.tell()

    orders = shopping.rows("orders")
    assert [o["reason"] for o in orders] == [
        "subscription_create",
        "subscription_cycle",
    ]
    assert {o["status"] for o in orders} == {"paid"}
    assert shopping.count("payments", status="succeeded") == 2
    assert shopping.count("order_lines") == 2
    assert shopping.held() == ["gold"]
    assert shopping.count("grants") == 1


def test_a_renewal_that_fails_leaves_a_week_and_a_notice(shopping: Billing) -> None:
    failed_renewal(shopping)

    row, grant = shopping.one("subscriptions"), shopping.one("grants")
    assert row["status"] == "past_due"
    assert row["grace_until"] - row["past_due_at"] == timedelta(days=7)
    assert grant["ends_at"] == row["grace_until"]
    assert shopping.held() == ["gold"]
    assert shopping.count("notices", kind="payment_failed") == 1
    assert shopping.count("orders", status="pending") == 1


def test_the_week_of_grace_begins_once_a_lapse(shopping: Billing) -> None:
    failed_renewal(shopping)
    before = shopping.one("subscriptions")["grace_until"]

    shopping.act("retry", invoice=shopping.see("invoice")[-1]["id"], outcome="failed")
    shopping.tell()

    assert shopping.one("subscriptions")["grace_until"] == before
    assert shopping.count("notices") == 1


def test_who_pays_after_all_goes_on_holding(shopping: Billing) -> None:
    failed_renewal(shopping)

    shopping.act("retry", invoice=shopping.see("invoice")[-1]["id"], outcome="paid")
    shopping.tell()

    row = shopping.one("subscriptions")
    assert (row["status"], row["grace_until"]) == ("active", None)
    assert shopping.one("grants")["ends_at"] is None
    assert shopping.count("orders", status="paid") == 2


def test_grace_that_is_over_stays_a_gap(shopping: Billing) -> None:
    failed_renewal(shopping)
    shopping.sql.execute(
        "update grants set starts_at = now() - interval '2 days',"
        " ends_at = now() - interval '1 day'"
    )
    lapsed = shopping.held()

    shopping.act("retry", invoice=shopping.see("invoice")[-1]["id"], outcome="paid")
    shopping.tell()

    assert lapsed == []
    assert shopping.held() == ["gold"]
    assert shopping.count("grants", revoke_reason="ended") == 1


def test_who_never_pays_holds_nothing(shopping: Billing) -> None:
    failed_renewal(shopping)

    shopping.act("retry", invoice=shopping.see("invoice")[-1]["id"], outcome="final")
    shopping.tell()

    assert shopping.one("subscriptions")["status"] == "unpaid"
    assert shopping.one("grants")["revoke_reason"] == "unpaid"
    assert shopping.held() == []


@pytest.mark.parametrize(("price", "notices"), [(YEARLY, 1), (EUR, 0)])
def test_who_pays_once_a_year_is_told_before(
    shopping: Billing, price: dict[str, Any], notices: int
) -> None:
    subscription = shopping.subscribe(shopping.membership(price))
    upcoming = {
        "id": "evt_upcoming",
        "object": "event",
        "created": shopping.see("subscription")[0]["created"],
        "livemode": False,
        "type": "invoice.upcoming",
        "data": {
            "object": {
                "object": "invoice",
                "parent": {"subscription_details": {"subscription": subscription}},
            }
        },
    }

    shopping.tell(upcoming)
    shopping.tell(upcoming | {"id": "evt_again"})

    assert shopping.count("notices", kind="renewal_ahead") == notices


# customer.subscription.*


def test_a_trial_opens_and_costs_nothing(shopping: Billing) -> None:
    shopping.buy(shopping.membership(), subscription_data={"trial_period_days": 14})

    shopping.tell()

    order = shopping.one("orders")
    assert shopping.one("subscriptions")["status"] == "trialing"
    assert (order["status"], order["total_minor"]) == ("paid", 0)
    assert shopping.held() == ["gold"]
    assert shopping.count("payments") == shopping.count("ledger_entries") == 0


def test_a_trial_that_ends_soon_is_told_once(shopping: Billing) -> None:
    subscription = shopping.subscribe(
        shopping.membership(), subscription_data={"trial_period_days": 3}
    )

    shopping.act("trial_will_end", subscription=subscription)
    shopping.tell()

    assert shopping.count("notices", kind="trial_ends") == 1


@pytest.mark.parametrize("status", ["paused", "unpaid", "canceled"])
def test_what_stripe_ends_is_closed_for_that_reason(
    shopping: Billing, status: str
) -> None:
    subscription = shopping.subscribe()

    shopping.act("subscription_status", subscription=subscription, status=status)
    shopping.tell()

    assert shopping.one("subscriptions")["status"] == status
    assert shopping.one("grants")["revoke_reason"] == status


def test_who_comes_back_from_a_pause_is_granted_anew(shopping: Billing) -> None:
    subscription = shopping.subscribe()
    for status in ("paused", "active"):
        shopping.act("subscription_status", subscription=subscription, status=status)
        shopping.tell()

    reasons = {grant["revoke_reason"] for grant in shopping.rows("grants")}

    assert reasons == {"paused", None}
    assert shopping.held() == ["gold"]


def test_who_leaves_at_the_end_holds_until_then(shopping: Billing) -> None:
    subscription = shopping.subscribe()

    shopping.stripe(f"subscriptions/{subscription}", cancel_at_period_end=True)
    shopping.tell()

    row, grant = shopping.one("subscriptions"), shopping.one("grants")
    assert row["cancel_at_period_end"] is True
    assert grant["ends_at"] == row["current_period_end"]
    assert shopping.held() == ["gold"]


def two_tiers(shopping: Billing) -> tuple[str, dict[str, str]]:
    """Subscribe to the better of two tiers; return that and both prices' names."""
    silver = shopping.membership(ref="silver")
    gold = shopping.membership(BETTER)
    names = {
        product["name"]: shopping.one("prices", product_id=product["id"])
        for product in (silver, gold)
    }
    return shopping.subscribe(gold), {
        name: row["stripe_price_id"] for name, row in names.items()
    }


def change(shopping: Billing, subscription: str, price: str) -> None:
    (item,) = shopping.see("subscription")[0]["items"]["data"]
    shopping.stripe(
        f"subscriptions/{subscription}",
        items=[{"id": item["id"], "price": price}],
        proration_behavior="none",
    )
    shopping.tell()


def test_a_lesser_membership_begins_with_the_renewal(shopping: Billing) -> None:
    subscription, prices = two_tiers(shopping)

    change(shopping, subscription, prices["silver"])
    before = shopping.held(), shopping.one("subscriptions")["pending_price_id"]
    shopping.act("renew", subscription=subscription, outcome="paid")
    shopping.tell()

    assert before[0] == ["gold"]
    assert before[1] is not None
    assert shopping.held() == ["silver"]
    assert shopping.one("subscriptions")["pending_price_id"] is None
    assert shopping.count("grants", revoke_reason="changed") == 1


def test_a_better_membership_begins_at_once(shopping: Billing) -> None:
    subscription, prices = two_tiers(shopping)
    change(shopping, subscription, prices["silver"])
    shopping.act("renew", subscription=subscription, outcome="paid")
    shopping.tell()

    change(shopping, subscription, prices["gold"])

    assert shopping.held() == ["gold"]


def test_who_thinks_better_of_a_lesser_one_keeps_what_they_have(
    shopping: Billing,
) -> None:
    subscription, prices = two_tiers(shopping)

    change(shopping, subscription, prices["silver"])
    change(shopping, subscription, prices["gold"])

    assert shopping.one("subscriptions")["pending_price_id"] is None
    assert shopping.held() == ["gold"]


def test_a_membership_at_a_price_of_the_dashboard_s_still_ends(
    shopping: Billing,
) -> None:
    subscription = shopping.subscribe()
    product = shopping.one("products")["stripe_product_id"]
    price = shopping.stripe(
        "prices",
        product=product,
        currency="eur",
        unit_amount=500,
        recurring={"interval": "month"},
    )

    change(shopping, subscription, price["id"])
    before = shopping.held()
    shopping.act("subscription_status", subscription=subscription, status="canceled")
    shopping.tell()

    assert before == ["gold"]
    assert shopping.one("subscriptions")["status"] == "canceled"
    assert shopping.held() == []


# customer.deleted, price.*, product.*


def test_a_customer_that_is_deleted_there_is_made_anew_next_time(
    shopping: Billing,
) -> None:
    shopping.subscribe()
    _, theirs = shopping.customer()

    shopping.act("delete_customer", customer=theirs)
    shopping.tell()

    row = shopping.one("customers")
    assert (row["generation"], row["deleted_at"] is None) == (1, False)
    assert shopping.one("subscriptions")["status"] == "canceled"
    assert shopping.held() == []


def made_anew(shopping: Billing, customer_id: str) -> None:
    """Have Stripe know a customer by another name, as when they buy again."""
    made = shopping.stripe("customers", email=shopping.fan.email)["id"]
    shopping.sql.execute(
        "update customers set stripe_customer_id = %s, deleted_at = null where id = %s",
        (made, customer_id),
    )


def test_what_ends_with_a_customer_is_over_though_they_have_bought_again(
    shopping: Billing,
) -> None:
    shopping.subscribe()
    ours, theirs = shopping.customer()
    shopping.act("delete_customer", customer=theirs)
    news = shopping.news()
    shopping.tell(*(told for told in news if told["type"] == "customer.deleted"))
    made_anew(shopping, ours)

    shopping.tell(*news)

    assert shopping.one("subscriptions")["status"] == "canceled"
    assert shopping.held() == []


def test_a_fee_is_booked_though_its_payer_has_been_made_anew(
    shopping: Billing,
) -> None:
    shopping.world.turn("stripe", balance="by_order")
    shopping.buy(shopping.one_off())
    shopping.tell()
    made_anew(shopping, shopping.customer()[0])

    shopping.act("book", charge=shopping.one("payments")["charge_id"])
    shopping.tell()

    assert shopping.one("payments")["fee_minor"] == 74
    assert shopping.balance("stripe_clearing") == (1_500 - 74) * MICROS


@pytest.mark.parametrize("kind", ["products", "prices"])
def test_what_the_dashboard_takes_away_is_not_for_sale(
    shopping: Billing, kind: str
) -> None:
    product = shopping.membership()
    row = shopping.one("products") | shopping.one("prices")
    name = row["stripe_product_id" if kind == "products" else "stripe_price_id"]

    shopping.stripe(f"{kind}/{name}", active=False)
    shopping.tell()
    shopping.stripe(f"{kind}/{name}", active=True)
    shopping.tell()

    assert shopping.one(kind)["is_active"] is False
    assert product["id"] is not None
