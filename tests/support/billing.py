"""Fans who buy in a shop, and what Stripe tells of it: in any order, once or twice.

The rows of a checkout and its session are made by hand, as our own call makes them.
"""

import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
from psycopg import sql as spelling
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from tests.stack.providers.stripe.keys import API_KEY, WEBHOOK_SECRET
from tests.support.api import Answer, handler_of
from tests.support.database import count
from tests.support.people import Person, sign_up
from tests.support.selling import Shop
from tests.support.stripe_events import deliver, signed
from tests.support.workers import Workers
from tests.support.world import World
from vixenbliss.ids import new_id

type Json = dict[str, Any]
type Sql = psycopg.Connection[DictRow]

SUCCESS = "https://studio.test/thanks"
EUR: Json = {"amount_minor": 999, "currency": "eur", "interval": "month"}
JPY: Json = {"amount_minor": 1_500, "currency": "jpy", "interval": "month"}
BETTER: Json = {"amount_minor": 1_999, "currency": "eur", "interval": "month"}
YEARLY: Json = {"amount_minor": 9_900, "currency": "eur", "interval": "year"}

_CHECKOUT = (
    "insert into checkouts (id, workspace_id, avatar_id, customer_id, mode, product_id,"
    " lines, amount_minor, currency, success_url, cancel_url, request_sha256,"
    " expires_at) values (%(id)s, %(workspace)s, %(avatar)s, %(customer)s, %(mode)s,"
    " %(subscribed)s, %(lines)s, %(amount)s, %(currency)s, 'https://studio.test',"
    " 'https://studio.test', sha256('checkout'), now() + interval '1 hour')"
)
_ORDER = (
    "insert into orders (id, workspace_id, avatar_id, customer_id, checkout_id, reason,"
    " subtotal_minor, total_minor, currency) values (%(order)s, %(workspace)s,"
    " %(avatar)s, %(customer)s, %(id)s, %(reason)s, %(amount)s, %(amount)s,"
    " %(currency)s)"
)
_LINE = (
    "insert into order_lines (order_id, product_id, price_id, label, total_minor)"
    " values (%(order)s, %(product)s, %(price)s, 'A line', %(amount)s)"
)


@dataclass(frozen=True, slots=True)
class Sold:
    """A checkout of ours, and its session."""

    checkout_id: str
    session: str
    order_id: str | None = None


@dataclass
class Billing:
    """A shop with a fan, and Stripe between them."""

    shop: Shop
    fan: Person
    workers: Workers
    world: World
    sql: Sql
    _told: int = 0
    _customers: dict[int, tuple[str, str]] = field(default_factory=dict)

    # What is sold.

    def membership(self, *prices: Json, ref: str = "gold", **changes: Any) -> Json:
        """Offer a membership that opens a tier, at these prices."""
        benefit = self.shop.benefit(ref=ref)
        return self.shop.offer(
            name=ref, benefit_ids=[benefit], prices=list(prices or (EUR,)), **changes
        )

    def one_off(self, **changes: Any) -> Json:
        """Offer something that is paid once, and opens a download."""
        benefit = self.shop.benefit(kind="download", ref="sunset")
        return self.shop.once(benefit_ids=[benefit], **changes)

    # Who buys, and what.

    def another(self) -> Person:
        """Sign another fan up."""
        return sign_up()

    def customer(self, person: Person | None = None) -> tuple[str, str]:
        """Return the fan's customer: our id, and Stripe's."""
        person = person or self.fan
        if person.id not in self._customers:
            made = self.stripe("customers", email=person.email)["id"]
            ours = str(new_id())
            self.sql.execute(
                "insert into customers (id, user_id, stripe_customer_id)"
                " values (%s, %s, %s)",
                (ours, person.id, made),
            )
            self._customers[person.id] = (ours, made)
        return self._customers[person.id]

    def check_out(
        self,
        product: Json,
        *,
        price: int = 0,
        person: Person | None = None,
        pretends: Sold | None = None,
        **more: Any,
    ) -> Sold:
        """Bring a fan to the page on which they pay for a product.

        Who pretends has their page name somebody else's checkout.
        """
        ours, theirs = self.customer(person)
        told = self._told_of(product, price)
        is_membership = product["kind"] == "membership"
        ids = {"id": str(new_id()), "order": str(new_id()), "customer": ours}
        said = told | ids | {"mode": "subscription" if is_membership else "payment"}
        said["subscribed"] = product["id"] if is_membership else None
        self.sql.execute(_CHECKOUT.encode(), said | {"lines": Jsonb({"items": []})})
        if not is_membership:
            self.sql.execute(_ORDER.encode(), said)
            self.sql.execute(_LINE.encode(), said)
        metadata = {"checkout_id": pretends.checkout_id if pretends else ids["id"]}
        data = "subscription_data" if is_membership else "payment_intent_data"
        session = self.stripe(
            "checkout/sessions",
            **{
                "mode": said["mode"],
                "customer": theirs,
                "success_url": SUCCESS,
                "line_items": [{"price": told["stripe_price"], "quantity": 1}],
                "metadata": metadata,
                data: {"metadata": metadata} | more.pop(data, {}),
            },
            **more,
        )
        return Sold(ids["id"], session["id"], None if is_membership else ids["order"])

    def buy(self, product: Json, outcome: str = "paid", **more: Any) -> Sold:
        """Have a fan buy a product; nobody has told us of it yet."""
        sold = self.check_out(product, **more)
        self.act("pay", session=sold.session, outcome=outcome)
        return sold

    def subscribe(self, product: Json | None = None, **more: Any) -> str:
        """Have a fan subscribe, with all told; return Stripe's name for it."""
        self.buy(product or self.membership(), **more)
        self.tell()
        return str(self.see("subscription")[-1]["id"])

    def _told_of(self, product: Json, price: int) -> Json:
        (row,) = self.sql.execute(
            "select p.id as price, p.product_id as product, p.amount_minor as amount,"
            " p.currency, p.stripe_price_id as stripe_price,"
            " o.workspace_id as workspace, o.avatar_id as avatar,"
            " 'purchase' as reason from prices p"
            " join products o on o.id = p.product_id where o.id = %s"
            " order by p.id offset %s limit 1",
            (product["id"], price),
        ).fetchall()
        return dict(row)

    # What happens at Stripe.

    def stripe(self, path: str, **params: Any) -> Json:
        """Make a call to Stripe as our code would, without a key."""
        answer = httpx.post(
            f"{self.world.providers.stripe_base}/v1/{path}",
            data=dict(_form(params)),
            headers={"authorization": f"Bearer {API_KEY}"},
        )
        assert answer.is_success, answer.text
        return dict(answer.json())

    def act(self, door: str, **what: Any) -> Any:
        """Have somebody else do something there."""
        return self.world.tell("stripe", door, **what)

    def see(self, kind: str) -> list[Json]:
        """Return all that Stripe has of a kind, oldest first."""
        return list(self.world.see("stripe", f"objects/{kind}"))

    # What we are told.

    def news(self, *types: str) -> list[Json]:
        """Return what Stripe would tell that it has not told, or only some of it."""
        events = self.world.see("stripe", "events")
        fresh, self._told = events[self._told :], len(events)
        return [event for event in fresh if not types or event["type"] in types]

    def deliver(self, *events: Json) -> list[Answer]:
        """Tell us of events, in this order; nobody works on them yet."""
        return [deliver(body, _sign(body)) for body in map(_body, events)]

    def work(self) -> None:
        """Work on all that waits, until nothing does."""
        self.workers.drain("events")

    def sweep(self) -> None:
        """Let a minute strike."""
        handler_of("SweepFunction")({}, None)

    def tell(self, *events: Json) -> None:
        """Tell us of events, or all that is new, and have it worked on."""
        self.deliver(*(events or self.news()))
        self.work()

    def tell_each(self, events: Sequence[Json]) -> None:
        """Tell us of events, each worked on before the next is told."""
        for event in events:
            self.tell(event)

    # What we have.

    def rows(self, table: str, **equal: object) -> list[DictRow]:
        """Return a table's rows, oldest first."""
        query = spelling.SQL("select * from {} order by 1")
        found = self.sql.execute(query.format(spelling.Identifier(table))).fetchall()
        return [
            row for row in found if all(str(row[k]) == str(v) for k, v in equal.items())
        ]

    def one(self, table: str, **equal: object) -> DictRow:
        """Return the only row of a table."""
        (row,) = self.rows(table, **equal)
        return row

    def count(self, table: str, **equal: object) -> int:
        return count(self.sql, table, **equal)

    def held(self) -> list[str]:
        """Return what may be opened just now, by the benefits' refs."""
        rows = self.sql.execute(
            "select b.ref from grants g join benefits b on b.id = g.benefit_id"
            " where g.revoked_at is null and g.starts_at <= now()"
            " and (g.ends_at is null or g.ends_at > now()) order by b.ref"
        )
        return [row["ref"] for row in rows]

    def verdicts(self) -> dict[str, int]:
        """Return how many events have come how far."""
        rows = self.sql.execute(
            "select status, count(*)::int as n from webhook_events group by status"
        )
        return {row["status"]: row["n"] for row in rows}

    def balance(self, account: str, currency: str = "eur") -> int:
        """Return what the books have on an account, in micros."""
        row = self.sql.execute(
            "select coalesce(sum(amount_micros), 0)::bigint as n from v_ledger"
            " where account = %s and currency = %s",
            (account, currency),
        ).fetchone()
        return int(dict(row or {})["n"])


def billing(
    shop: Shop, fan: Person, workers: Workers, world: World, sql: Sql
) -> Billing:
    """Open a shop's doors to a fan."""
    return Billing(shop, fan, workers, world, sql)


def shuffled(events: Sequence[Json], seed: int) -> list[Json]:
    """Return events in another order, each twice."""
    both = list(itertools.chain(events, events))
    random.Random(seed).shuffle(both)
    return both


def _body(event: Json) -> bytes:
    return json.dumps(event).encode()


def _sign(body: bytes) -> dict[str, str]:
    return signed(body, secret=WEBHOOK_SECRET)


def _form(told: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield what is told as Stripe wants it: brackets for what is inside."""
    if isinstance(told, dict | list):
        parts = told.items() if isinstance(told, dict) else enumerate(told)
        for key, value in parts:
            yield from _form(value, f"{name}[{key}]" if name else str(key))
    elif told is not None:
        yield name, str(told).lower() if isinstance(told, bool) else str(told)
