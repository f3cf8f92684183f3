"""/api/v1/subscriptions: memberships, seen and changed by who pays them."""

from typing import Any

import pytest

from tests.support.api import Answer, Api
from tests.support.at_once import Wish, at_once
from tests.support.billing import BETTER, EUR, JPY, YEARLY, Billing, billing
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import Person, join, sign_up
from tests.support.selling import PAGES, PRODUCTS, shop
from tests.support.workers import Workers
from tests.support.world import World

ALL = "/api/v1/subscriptions"
ONE = f"{ALL}/{NOBODYS}"
PORTAL = "/api/v1/portal"
HOME = PAGES["cancel_url"]
AT_PERIOD_END = {"at": "period_end"}
NOW = {"at": "now"}
PRICE = {"price_id": NOBODYS}
CHEAPER: dict[str, Any] = EUR | {"amount_minor": 499}
ROUTES = [
    ("GET", ONE, None),
    ("POST", f"{ONE}/cancel", NOW),
    ("POST", f"{ONE}/resume", None),
    ("POST", f"{ONE}/change", PRICE),
    ("POST", f"{ONE}/change/preview", PRICE),
]


@pytest.fixture
def ours(
    luna: Person, stranger: Person, world: World, workers: Workers, sql: Sql
) -> Billing:
    """A shop, and a fan from elsewhere."""
    return billing(shop(luna, world, sql), stranger, workers, world, sql)


def bought(ours: Billing, product: dict[str, Any]) -> str:
    """Have the fan subscribe, with all told; return the subscription's id."""
    ours.shop.buy(ours.fan, product).ok(201)
    ours.shop.pay()
    ours.tell()
    return str(mine(ours)[0]["id"])


@pytest.fixture
def gold(ours: Billing) -> dict[str, Any]:
    return ours.membership(EUR)


@pytest.fixture
def member(ours: Billing, gold: dict[str, Any]) -> str:
    """The id of the fan's subscription to gold."""
    return bought(ours, gold)


def mine(ours: Billing) -> list[dict[str, Any]]:
    return list(ours.fan.api("GET", ALL).ok()["items"])


def seen(ours: Billing, subscription: str) -> dict[str, Any]:
    return dict(ours.fan.api("GET", f"{ALL}/{subscription}").ok())


def act(
    ours: Billing,
    subscription: str,
    verb: str,
    body: Any = None,
    key: str | None = None,
) -> Answer:
    headers = {"Idempotency-Key": key} if key else {}
    path = f"{ALL}/{subscription}/{verb}"
    return ours.fan.api("POST", path, body, headers=headers)


def at_stripe(ours: Billing) -> dict[str, Any]:
    (subscription,) = ours.see("subscription")
    return dict(subscription)


def first_price(product: dict[str, Any]) -> dict[str, str]:
    return {"price_id": product["prices"][0]["id"]}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        *ROUTES,
        ("GET", ALL, None),
        ("POST", PORTAL, {"return_url": HOME}),
    ],
)
def test_nobody_gets_in_without_a_token(method: str, path: str, body: Any) -> None:
    answer = Api()(method, path, body)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_a_stranger_s_subscription_is_not_there(
    ours: Billing, member: str, method: str, path: str, body: Any
) -> None:
    path = path.replace(NOBODYS, member)

    for other in (sign_up().api, ours.shop.owner.api):  # the owner named no workspace
        answer = other(method, path, body)

        assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert seen(ours, member)["status"] == "active"


def test_a_fan_sees_what_they_pay(ours: Billing, member: str) -> None:
    (listed,) = mine(ours)

    assert listed == seen(ours, member)
    assert listed["product_name"] == "gold"
    assert listed["price"]["amount_minor"] == 999
    assert (listed["status"], listed["cancel_at_period_end"]) == ("active", False)
    assert ours.fan.api("GET", f"{ALL}?status=canceled").ok()["items"] == []


def test_a_workspace_sees_who_pays_it(ours: Billing, member: str) -> None:
    owner = ours.shop.owner
    api = owner.api.working_in(owner.workspace_id)

    (listed,) = api("GET", ALL).ok()["items"]

    assert (listed["id"], listed["user_id"]) == (member, ours.fan.id)
    assert join(owner, "analyst").api("GET", f"{ALL}/{member}").ok() == listed
    assert owner.api("GET", ALL).ok()["items"] == []
    assert ours.fan.api.working_in(owner.workspace_id)("GET", ALL).status == 404


def test_a_subscription_ends_with_its_period(ours: Billing, member: str) -> None:
    wanted = AT_PERIOD_END | {"reason": "too_expensive", "comment": "Next year"}

    ended = act(ours, member, "cancel", wanted).ok()

    told = at_stripe(ours)
    assert (ended["status"], ended["cancel_at_period_end"]) == ("active", True)
    assert told["cancel_at_period_end"] is True
    assert told["cancellation_details"]["feedback"] == "too_expensive"
    assert ours.one("grants")["ends_at"] is not None
    assert ours.held() == ["gold"]


def test_a_subscription_ends_now(ours: Billing, member: str) -> None:
    ended = act(ours, member, "cancel", NOW).ok()

    assert ended["status"] == at_stripe(ours)["status"] == "canceled"
    assert ours.held() == []
    for verb, body in (("cancel", NOW), ("cancel", AT_PERIOD_END), ("resume", None)):
        answer = act(ours, member, verb, body)

        assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_an_end_is_wanted_as_often_as_one_likes(ours: Billing, member: str) -> None:
    answers = [act(ours, member, "cancel", AT_PERIOD_END).ok() for _ in range(2)]

    assert answers[0] == answers[1]
    assert ours.shop.effects("subscriptions.update") == 1


@pytest.mark.parametrize(
    ("at", "other"), [("period_end", "now"), ("now", "period_end")]
)
def test_one_key_ends_it_once(ours: Billing, member: str, at: str, other: str) -> None:
    key = "clicked-twice"

    answers = [act(ours, member, "cancel", {"at": at}, key).ok() for _ in range(2)]

    assert answers[0] == answers[1]
    assert count(ours.sql, "subscription_changes", status="done") == 1
    mismatched = act(ours, member, "cancel", {"at": other}, key)
    assert (mismatched.status, mismatched.code) == (409, "IDEMPOTENCY_MISMATCH")


def test_an_owner_ends_a_subscription_and_others_do_not(
    ours: Billing, member: str
) -> None:
    owner = ours.shop.owner
    path = f"{ALL}/{member}/cancel"

    assert join(owner, "editor").api("POST", path, NOW).status == 403
    ended = owner.api.working_in(owner.workspace_id)("POST", path, NOW).ok()

    assert ended["status"] == "canceled"
    assert ours.one("subscription_changes")["asked_by"] == owner.id


def test_who_owns_no_workspace_ends_what_they_pay(ours: Billing, member: str) -> None:
    home = f"/api/v1/workspaces/{ours.fan.workspace_id}/members/{ours.fan.id}"
    join(ours.fan, "owner").api("PATCH", home, {"role": "analyst"}).ok()

    ended = act(ours, member, "cancel", NOW).ok()

    assert ended["status"] == "canceled"


def test_an_avatar_is_not_archived_while_somebody_pays_it(
    ours: Billing, member: str
) -> None:
    owner, path = ours.shop.owner, f"/api/v1/avatars/{ours.shop.avatar_id}/archive"

    refused = owner.api("POST", path)
    act(ours, member, "cancel", NOW).ok()

    assert (refused.status, refused.code) == (409, "INVALID_STATE")
    assert owner.api("POST", path).ok()["status"] == "archived"


def test_what_was_to_end_goes_on(ours: Billing, member: str) -> None:
    act(ours, member, "cancel", AT_PERIOD_END).ok()

    resumed = act(ours, member, "resume").ok()

    assert resumed["cancel_at_period_end"] is False
    assert at_stripe(ours)["cancel_at_period_end"] is False
    assert ours.one("grants", revoked_at=None)["ends_at"] is None
    assert act(ours, member, "resume").code == "INVALID_STATE"


def test_what_was_to_end_by_a_date_goes_on(ours: Billing, member: str) -> None:
    theirs = at_stripe(ours)  # the portal names the day
    last = theirs["items"]["data"][0]["current_period_end"]
    ours.stripe(f"subscriptions/{theirs['id']}", cancel_at=last)
    ours.tell()
    assert seen(ours, member)["cancel_at_period_end"] is True

    resumed = act(ours, member, "resume").ok()

    assert resumed["cancel_at_period_end"] is False
    assert at_stripe(ours)["cancel_at"] is None
    assert ours.one("grants", revoked_at=None)["ends_at"] is None


@pytest.mark.parametrize("body", [{}, {"at": "never"}, NOW | {"reason": "rain"}])
def test_an_end_is_asked_for_in_form(ours: Billing, member: str, body: Any) -> None:
    assert act(ours, member, "cancel", body).status == 400


def test_a_better_membership_is_paid_now(ours: Billing, member: str) -> None:
    better = ours.membership(BETTER, ref="platinum")
    wanted = first_price(better)
    foreseen = act(ours, member, "change/preview", wanted).ok()

    changed = act(ours, member, "change", wanted).ok()

    assert changed["effective"] == foreseen["effective"] == "now"
    assert changed["amount_due"] == foreseen["amount_due"] == 1_000
    now = seen(ours, member)
    assert (now["product_name"], now["pending_price"]) == ("platinum", None)
    assert ours.held() == ["platinum"]


def test_a_lesser_membership_is_paid_from_renewal_on(
    ours: Billing, member: str
) -> None:
    wanted = first_price(ours.membership(CHEAPER, ref="silver"))
    foreseen = act(ours, member, "change/preview", wanted).ok()

    changed = act(ours, member, "change", wanted).ok()

    now = seen(ours, member)
    assert changed == foreseen
    assert (changed["effective"], changed["amount_due"]) == ("renewal", 0)
    assert changed["at"] == now["current_period_end"]
    assert now["product_name"] == "gold"
    assert now["pending_price"]["id"] == wanted["price_id"]
    assert ours.held() == ["gold"]


def test_a_change_that_is_due_can_be_taken_back(
    ours: Billing, gold: dict[str, Any], member: str
) -> None:
    act(
        ours, member, "change", first_price(ours.membership(CHEAPER, ref="silver"))
    ).ok()

    changed = act(ours, member, "change", first_price(gold)).ok()

    assert (changed["effective"], changed["amount_due"]) == ("now", 0)
    assert seen(ours, member)["pending_price"] is None
    assert at_stripe(ours)["items"]["data"][0]["price"]["unit_amount"] == 999


def test_what_cannot_be_changed_is_refused(
    ours: Billing, gold: dict[str, Any], member: str
) -> None:
    yen = ours.membership(JPY, ref="yen")
    slow = ours.membership(YEARLY, ref="slow")
    elsewhere = ours.membership(BETTER, ref="elsewhere", avatar_id=None)
    once = ours.shop.once()

    for product, status in (
        (gold, 409),
        (yen, 409),
        (slow, 409),
        (elsewhere, 404),
        (once, 404),
    ):
        for verb in ("change", "change/preview"):
            assert act(ours, member, verb, first_price(product)).status == status
    assert act(ours, member, "change", PRICE).status == 404
    assert ours.shop.effects("subscriptions.update") == 0


def test_what_is_about_to_end_is_resumed_before_it_is_changed(
    ours: Billing, member: str
) -> None:
    better = first_price(ours.membership(BETTER, ref="platinum"))
    act(ours, member, "cancel", AT_PERIOD_END).ok()

    answer = act(ours, member, "change", better)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_one_is_not_subscribed_to_one_thing_twice(ours: Billing, member: str) -> None:
    better = ours.membership(BETTER, ref="platinum")
    bought(ours, better)

    answer = act(ours, member, "change", first_price(better))

    assert (answer.status, answer.code) == (409, "ALREADY_SUBSCRIBED")


def test_what_is_due_at_renewal_is_not_bought_meanwhile(
    ours: Billing, member: str
) -> None:
    silver = ours.membership(CHEAPER, ref="silver")
    act(ours, member, "change", first_price(silver)).ok()

    answer = ours.shop.buy(ours.fan, silver)

    assert (answer.status, answer.code) == (409, "ALREADY_SUBSCRIBED")


def test_what_a_lost_answer_may_have_changed_is_not_bought_meanwhile(
    ours: Billing, member: str
) -> None:
    better = ours.membership(BETTER, ref="platinum")
    ours.world.fault("stripe", "subscriptions.update", "after", times=2)
    assert act(ours, member, "change", first_price(better)).status == 502

    answer = ours.shop.buy(ours.fan, better)

    assert (answer.status, answer.code) == (409, "ALREADY_SUBSCRIBED")


def test_what_is_about_to_be_paid_on_a_page_is_not_changed_to(
    ours: Billing, member: str
) -> None:
    better = ours.membership(BETTER, ref="platinum")
    ours.shop.buy(ours.fan, better).ok(201)

    open_ = act(ours, member, "change", first_price(better))
    ours.shop.pay()
    ours.tell(*ours.news("checkout.session.completed"))
    paid = act(ours, member, "change", first_price(better))

    assert (open_.status, open_.code) == (409, "INVALID_STATE")
    assert (paid.status, paid.code) == (409, "ALREADY_SUBSCRIBED")
    assert ours.shop.effects("subscriptions.update") == 0


def test_a_membership_that_was_changed_has_been_tried_out(ours: Billing) -> None:
    tried = ours.membership(EUR | {"trial_days": 7})
    better = ours.membership(BETTER | {"trial_days": 7}, ref="platinum")
    best = ours.membership(BETTER | {"amount_minor": 2_999}, ref="diamond")
    subscription = bought(ours, tried)
    for product in (better, best):
        act(ours, subscription, "change", first_price(product)).ok()
    act(ours, subscription, "cancel", NOW).ok()

    for product in (tried, better):
        ours.shop.buy(ours.fan, product).ok(201)

    charged = [s["amount_total"] for s in ours.shop.stripe("checkout.session")]
    assert charged == [0, 999, 1_999]


def test_a_lesser_price_is_not_taken_back_once_it_may_be_paid(
    ours: Billing, gold: dict[str, Any], member: str
) -> None:
    silver = ours.membership(CHEAPER, ref="silver")
    act(ours, member, "change", first_price(silver)).ok()
    ours.sql.execute("update subscriptions set current_period_end = now()")

    answer = act(ours, member, "change", first_price(gold))

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert at_stripe(ours)["items"]["data"][0]["price"]["unit_amount"] == 499


def test_a_declined_card_changes_nothing(ours: Billing, member: str) -> None:
    better = first_price(ours.membership(BETTER, ref="platinum"))
    card = {"type": "card_error", "code": "card_declined", "message": "acct_1 says no"}
    ours.world.fault(
        *("stripe", "subscriptions.update", "reply"), status=402, body={"error": card}
    )

    answer = act(ours, member, "change", better)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert answer.json["detail"] == "The card was declined; nothing has changed."
    assert seen(ours, member)["product_name"] == "gold"
    assert count(ours.sql, "subscription_changes", status="refused") == 1
    assert act(ours, member, "change", better).ok()["effective"] == "now"


ENDS = [(AT_PERIOD_END, "subscriptions.update"), (NOW, "subscriptions.cancel")]


@pytest.mark.parametrize(("body", "call"), ENDS, ids=["in time", "now"])
@pytest.mark.parametrize("key", [None, "clicked-again"])
def test_a_lost_answer_is_asked_for_again(
    ours: Billing, member: str, body: Any, call: str, key: str | None
) -> None:
    ours.world.fault("stripe", call, "after", times=2)
    assert act(ours, member, "cancel", body, key).status == 502

    act(ours, member, "cancel", body, key).ok()

    assert ours.shop.effects(call) == 1
    assert count(ours.sql, "subscription_changes") == 1
    assert count(ours.sql, "subscription_changes", status="done") == 1


@pytest.mark.parametrize(("body", "call"), ENDS, ids=["in time", "now"])
@pytest.mark.parametrize("table", ["subscriptions", "subscription_changes"])
def test_a_crash_after_stripe_s_answer_is_mended_by_the_next_try(
    ours: Billing, member: str, body: Any, call: str, table: str
) -> None:
    ours.shop.let_rows_die(table, when="true")
    assert act(ours, member, "cancel", body).status == 500
    ours.shop.revive()

    act(ours, member, "cancel", body).ok()

    assert ours.shop.effects(call) == 1
    assert count(ours.sql, "subscription_changes", status="done") == 1


@pytest.mark.parametrize(("verb", "is_to_end"), [("cancel", True), ("resume", False)])
def test_an_answer_of_before_is_not_how_it_is_now(
    ours: Billing, member: str, verb: str, *, is_to_end: bool
) -> None:
    ours.world.fault("stripe", "subscriptions.update", "after", times=2)
    assert act(ours, member, "cancel", AT_PERIOD_END).status == 502
    theirs = at_stripe(ours)["id"]  # who thinks better of it, at Stripe's own page
    ours.stripe(f"subscriptions/{theirs}", cancel_at_period_end=False)

    answer = act(ours, member, verb, AT_PERIOD_END if is_to_end else None)

    now = seen(ours, member)["cancel_at_period_end"]
    assert (answer.status, now) == (200 if is_to_end else 409, is_to_end)
    assert at_stripe(ours)["cancel_at_period_end"] is is_to_end


def test_ends_at_once_have_one_effect(ours: Billing, member: str) -> None:
    path = f"{ALL}/{member}/cancel"

    answers = at_once(*[Wish(ours.fan.api, "POST", path, NOW)] * 3)

    assert {answer.status for answer in answers} <= {200, 409}
    assert seen(ours, member)["status"] == "canceled"
    assert count(ours.sql, "subscription_changes", status="done") == 1
    assert ours.shop.effects("subscriptions.cancel") == 1


def test_what_is_pending_comes_before_what_is_wanted_next(
    ours: Billing, member: str
) -> None:
    ours.world.fault("stripe", "subscriptions.update", "after", times=2)
    assert act(ours, member, "cancel", AT_PERIOD_END).status == 502

    act(ours, member, "resume").ok()

    kinds = [row["kind"] for row in ours.rows("subscription_changes", status="done")]
    assert kinds == ["cancel_at_period_end", "resume"]
    assert at_stripe(ours)["cancel_at_period_end"] is False


@pytest.mark.parametrize(
    ("action", "status", "shown"),
    [("before", "refused", "gold"), ("after", "done", "platinum")],
)
def test_what_was_given_up_is_asked_about_and_not_done_again(
    ours: Billing, member: str, action: str, status: str, shown: str
) -> None:
    better = first_price(ours.membership(BETTER, ref="platinum"))
    ours.world.fault("stripe", "subscriptions.update", action, times=2)
    assert act(ours, member, "change", better).status == 502
    invoices = len(ours.see("invoice"))

    early = act(ours, member, "cancel", NOW)
    ours.sql.execute(
        "update subscription_changes set created_at = now() - '3 min'::interval"
    )
    ended = act(ours, member, "cancel", NOW).ok()

    assert (early.status, early.code) == (409, "REQUEST_IN_PROGRESS")
    assert (ended["status"], ended["product_name"]) == ("canceled", shown)
    assert len(ours.see("invoice")) == invoices
    assert ours.one("subscription_changes", kind="upgrade")["status"] == status


def test_what_certainly_had_no_effect_is_forgotten(ours: Billing, member: str) -> None:
    ours.world.fault("stripe", "subscriptions.update", "status", status=429)

    assert act(ours, member, "cancel", AT_PERIOD_END, "too-many-calls").status == 502

    assert count(ours.sql, "subscription_changes") == 0
    act(ours, member, "cancel", AT_PERIOD_END, "too-many-calls").ok()


def test_what_was_wanted_too_long_ago_is_not_done_any_more(
    ours: Billing, member: str
) -> None:
    ours.world.fault("stripe", "subscriptions.cancel", "before", times=2)
    assert act(ours, member, "cancel", NOW).status == 502
    ours.sql.execute(
        "update subscription_changes set created_at = now() - '1 d'::interval"
    )

    act(ours, member, "cancel", AT_PERIOD_END).ok()

    assert seen(ours, member)["status"] == "active"
    assert (
        ours.one("subscription_changes", kind="cancel_now")["error_code"] == "given_up"
    )


def test_what_was_wanted_too_long_ago_is_begun_anew(ours: Billing, member: str) -> None:
    ours.world.fault("stripe", "subscriptions.cancel", "before", times=2)
    assert act(ours, member, "cancel", NOW).status == 502
    ours.sql.execute(
        "update subscription_changes set created_at = now() - '1 d'::interval"
    )

    act(ours, member, "cancel", NOW).ok()

    assert ours.one("subscription_changes", status="refused")["error_code"] == (
        "too_late"
    )
    assert count(ours.sql, "subscription_changes", status="done") == 1


def test_what_is_over_at_stripe_alone_is_over_here(ours: Billing, member: str) -> None:
    ours.act(
        "subscription_status", subscription=at_stripe(ours)["id"], status="canceled"
    )

    answer = act(ours, member, "cancel", NOW)

    assert answer.ok()["status"] == "canceled"


def test_a_subscription_that_somebody_looks_at_is_waited_for_in_vain(
    ours: Billing, member: str
) -> None:
    ours.sql.execute("update stripe_objects set lease_until = now() + '1 h'::interval")

    answer = act(ours, member, "cancel", NOW)

    assert (answer.status, answer.code) == (409, "REQUEST_IN_PROGRESS")
    assert ours.shop.effects("subscriptions.cancel") == 0


def test_stripe_s_events_find_nothing_left_to_do(ours: Billing, member: str) -> None:
    act(ours, member, "cancel", NOW).ok()
    before = ours.rows("grants"), seen(ours, member)

    ours.tell()

    assert (ours.rows("grants"), seen(ours, member)) == before


def test_who_has_bought_looks_after_it_at_stripe(ours: Billing, member: str) -> None:
    wanted = {"return_url": HOME}

    opened = ours.fan.api("POST", PORTAL, wanted).ok(201)

    assert opened["url"].startswith("http")
    assert sign_up().api("POST", PORTAL, wanted).code == "CONFLICT"
    elsewhere = {"return_url": "https://elsewhere.test/"}
    assert ours.fan.api("POST", PORTAL, elsewhere).status == 400


def test_a_price_out_of_use_is_paid_on(
    ours: Billing, gold: dict[str, Any], member: str
) -> None:
    path = f"{PRODUCTS}/{gold['id']}/prices"
    dearer = ours.shop.owner.api("POST", path, BETTER).ok(201)

    kept = seen(ours, member)["price"]

    assert kept["amount_minor"] == 999
    assert act(ours, member, "change", {"price_id": dearer["id"]}).ok()["amount_due"]
