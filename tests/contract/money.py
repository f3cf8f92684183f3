"""A day of sales, from the offer to the books; every call of it is made once."""

from typing import Any

from tests.support.billing import BETTER, EUR, YEARLY, Billing
from tests.support.people import Person
from tests.support.selling import CHECKOUT, ONCE, PAGES, Shop, order
from tests.support.sold import DISPUTES, ORDERS, REFUND

SUBSCRIPTIONS = "/api/v1/subscriptions"
EVENTS = "/api/v1/ops/webhook-events"


def sell_for_a_day(billing: Billing) -> None:
    """Have the shop's owner sell to themselves, who are a fan as well."""
    boss, shop = billing.fan, billing.shop
    silver, gold = _offer(shop)
    once = shop.once()
    shop.tips()
    bought = shop.buy(boss, once).ok(201)
    boss.api("GET", f"{CHECKOUT}/{bought['checkout_id']}").ok()
    shop.pay()
    tip = {"avatar_id": shop.avatar_id, "amount_minor": 500, "currency": "eur"}
    boss.api("POST", f"{CHECKOUT}/tips", tip | PAGES).ok(201)
    shop.pay()
    boss.api("POST", CHECKOUT, order(silver["prices"][0]["id"])).ok(201)
    shop.pay()
    billing.tell()
    _change_a_mind(boss, gold["prices"][0]["id"])
    page = {"return_url": PAGES["cancel_url"]}
    boss.api("POST", "/api/v1/portal", page).ok(201)
    _give_back(billing)
    _look_back(boss)


def _offer(shop: Shop) -> tuple[dict[str, Any], dict[str, Any]]:
    api = shop.owner.api
    tier = shop.benefit(ref="silver")
    api("PATCH", f"/api/v1/benefits/{tier}", {"name": "Silver"}).ok()
    silver = shop.offer(name="Silver", benefit_ids=[tier], prices=[EUR])
    gold = shop.offer(name="Gold", prices=[BETTER])
    path = f"/api/v1/products/{gold['id']}"
    api("PATCH", path, {"description": "All of it."}).ok()
    yearly = api("POST", f"{path}/prices", YEARLY).ok(201)
    api("DELETE", f"{path}/prices/{yearly['id']}").ok(204)
    api("GET", path).ok()
    api("GET", f"/api/v1/products?workspace_id={shop.owner.workspace_id}").ok()
    return silver, gold


def _change_a_mind(boss: Person, price_id: str) -> None:
    (mine,) = boss.api("GET", SUBSCRIPTIONS).ok()["items"]
    path = f"{SUBSCRIPTIONS}/{mine['id']}"
    boss.api("GET", path).ok()
    boss.api("POST", f"{path}/change/preview", {"price_id": price_id}).ok()
    boss.api("POST", f"{path}/change", {"price_id": price_id}).ok()
    boss.api("POST", f"{path}/cancel", {"at": "period_end"}).ok()
    boss.api("POST", f"{path}/resume").ok()


def _give_back(billing: Billing) -> None:
    boss = billing.fan
    billing.tell()
    orders = boss.api("GET", ORDERS).ok()["items"]
    (sold,) = (one for one in orders if one["total_minor"] == ONCE["amount_minor"])
    path = f"{ORDERS}/{sold['id']}"
    boss.api("GET", path).ok()
    boss.api("POST", f"{path}/refunds", REFUND | {"amount_minor": 100}).ok(202)
    boss.api("GET", f"{path}/refunds").ok()
    charge = next(c for c in billing.see("charge") if c["amount"] == 500)
    billing.act("dispute", charge=charge["id"])
    billing.tell()
    (dispute,) = boss.api("GET", DISPUTES).ok()["items"]
    boss.api("GET", f"{DISPUTES}/{dispute['id']}").ok()
    evidence = {"text": "The tip was given freely.", "submit": True}
    boss.api("POST", f"{DISPUTES}/{dispute['id']}/evidence", evidence).ok(202)


def _look_back(boss: Person) -> None:
    boss.api("GET", "/api/v1/ledger/statement").ok()
    event = boss.api("GET", EVENTS).ok()["items"][0]
    boss.api("GET", f"{EVENTS}/{event['id']}").ok()
    why = {"reason": "to be sure"}
    boss.api("POST", f"{EVENTS}/{event['id']}/replay", why).ok(202)
    day = {"day": "2026-01-01"}
    boss.api("POST", "/api/v1/ops/reconciliations/run", day).ok(202)
