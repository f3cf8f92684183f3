"""A shop: somebody with an avatar and something to sell, and fans who buy it."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import DictRow

from tests.support.api import Answer
from tests.support.people import Person, avatar
from tests.support.world import World
from vixenbliss.ids import new_id

PRODUCTS = "/api/v1/products"
BENEFITS = "/api/v1/benefits"
MONTHLY: dict[str, Any] = {"amount_minor": 999, "currency": "eur", "interval": "month"}
ONCE: dict[str, Any] = {"amount_minor": 1_500, "currency": "eur"}
BOUNDS: dict[str, Any] = {
    "min_amount_minor": 200,
    "max_amount_minor": 50_000,
    "currency": "eur",
}
CHECKOUT = "/api/v1/checkout"
PAGES = {
    "success_url": "https://studio.test/thanks?session={CHECKOUT_SESSION_ID}",
    "cancel_url": "https://studio.test/shop",
}
_CUSTOMER = (
    "insert into customers (id, user_id) values (%(customer)s, %(fan)s)"
    " on conflict do nothing"
)
_SUBSCRIPTION = (
    "insert into subscriptions (id, workspace_id, avatar_id, customer_id, product_id,"
    " price_id, stripe_subscription_id, stripe_item_id, status, current_period_start,"
    " current_period_end, past_due_at, grace_until)"
    " select %(id)s, workspace_id, avatar_id, customers.id, products.id, prices.id,"
    " 'sub_' || %(id)s, 'si_' || %(id)s, %(status)s, now(), now() + interval '30 days',"
    " now(), now() from prices join products on products.id = product_id"
    " join customers on user_id = %(fan)s where prices.id = %(price)s"
)


def order(*price_ids: str, quantity: int = 1, **changes: Any) -> dict[str, Any]:
    """Return what one sends to pay for something."""
    lines = [{"price_id": id_, "quantity": quantity} for id_ in price_ids]
    return {"lines": lines} | PAGES | changes


@dataclass(frozen=True, slots=True)
class Shop:
    """What an owner offers, and Stripe knows."""

    owner: Person
    avatar_id: str
    world: World
    sql: psycopg.Connection[DictRow]

    def benefit(self, **changes: Any) -> str:
        """Make a benefit and return its id."""
        wanted = {"kind": "content_tier", "ref": "gold", "name": "Gold"} | changes
        return str(self.owner.api("POST", BENEFITS, wanted).ok(201)["id"])

    def wish(self, **changes: Any) -> dict[str, Any]:
        """Return what one sends to offer a membership, or what changes make of it."""
        return {
            "kind": "membership",
            "name": "Gold",
            "avatar_id": self.avatar_id,
            "prices": [MONTHLY],
        } | changes

    def ask(self, **changes: Any) -> Answer:
        return self.owner.api("POST", PRODUCTS, self.wish(**changes))

    def offer(self, **changes: Any) -> dict[str, Any]:
        """Offer a membership by the month, if nothing else is said."""
        return dict(self.ask(**changes).ok(201))

    def once(self, **changes: Any) -> dict[str, Any]:
        """Offer something that is paid once."""
        return self.offer(kind="one_off", name="Sunset", prices=[ONCE], **changes)

    def tips(self, **changes: Any) -> dict[str, Any]:
        """Let the avatar take tips."""
        wanted = {"kind": "tip", "name": "A tip", "prices": [BOUNDS]} | changes
        return self.offer(**wanted)

    def buy(self, fan: Person, product: dict[str, Any], **changes: Any) -> Answer:
        """Ask for the page on which a fan pays a product's first price."""
        return fan.api("POST", CHECKOUT, order(product["prices"][0]["id"]) | changes)

    def pay(self) -> None:
        """Let the fan whose page was opened last pay; nobody tells us."""
        session = self.stripe("checkout.session")[-1]
        self.world.tell("stripe", "pay", session=session["id"])

    def subscribed(self, fan: Person, product: dict[str, Any], status: str) -> str:
        """Keep a subscription as Stripe's events would; return its id."""
        ids = {"id": new_id(), "customer": new_id(), "fan": fan.id, "status": status}
        named = ids | {"price": product["prices"][0]["id"]}
        for statement in (_CUSTOMER, _SUBSCRIPTION):
            self.sql.execute(statement.encode(), named)
        return str(ids["id"])

    def stripe(self, kind: str) -> list[dict[str, Any]]:
        """Return all that Stripe has of a kind, oldest first."""
        return list(self.world.see("stripe", f"objects/{kind}"))

    def effects(self, call: str) -> int:
        """Count how often a call of ours has changed something at Stripe."""
        return len(self.world.effects("stripe", call))

    def let_rows_die(self, table: str, *, when: str) -> None:
        """Let nobody write what fulfils the condition on ``new``, until ``revive``."""
        self.sql.execute(
            "create function die() returns trigger language plpgsql as"
            " $$ begin raise exception 'killed'; end $$;"
            f"create trigger die before update on {table} for each row"
            f" when ({when}) execute function die()".encode()
        )

    def revive(self) -> None:
        """Let everything be written again."""
        self.sql.execute("drop function die cascade")

    def one(self, query: str) -> DictRow:
        """Return the only row of a query."""
        rows = self.sql.execute(query.encode()).fetchall()
        assert len(rows) == 1, rows
        return rows[0]


def shop(owner: Person, world: World, sql: psycopg.Connection[DictRow]) -> Shop:
    """Open a shop that offers nothing yet."""
    return Shop(owner, avatar(owner), world, sql)
