"""Sales that Stripe knows, and the rows that its mirrors would have written of them."""

import json
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import psycopg
from psycopg.rows import DictRow

from tests.support.api import Answer
from tests.support.people import Person, avatar, sign_up
from tests.support.stripe_events import deliver, signed
from tests.support.workers import Workers
from tests.support.world import World
from vixenbliss.ids import new_id

ORDERS = "/api/v1/orders"
DISPUTES = "/api/v1/disputes"
REFUND: dict[str, Any] = {"reason": "customer_request", "revoke_access": True}
_OURS = ("refund.", "charge.refund.", "charge.dispute.", "radar.")
_CUSTOMER = (
    "insert into customers (id, user_id, stripe_customer_id) values (%(customer)s,"
    " %(user)s, %(stripe_customer)s) on conflict (user_id) do update"
    " set stripe_customer_id = excluded.stripe_customer_id"
)
_CHECKOUT = (
    "insert into checkouts (id, workspace_id, avatar_id, customer_id, mode, lines,"
    " amount_minor, currency, success_url, cancel_url, request_sha256,"
    " stripe_session_id, status, expires_at, ended_at) values (%(checkout)s,"
    " %(workspace)s, %(avatar)s, %(customer)s, 'payment', '{}', %(total)s,"
    " %(currency)s, 'https://studio.test', 'https://studio.test', '', %(session)s,"
    " 'completed', now(), now())"
)
_ORDER = (
    "insert into orders (id, workspace_id, avatar_id, customer_id, checkout_id, reason,"
    " status, subtotal_minor, tax_minor, total_minor, currency, paid_at) values"
    " (%(order)s, %(workspace)s, %(avatar)s, %(customer)s, %(checkout)s, 'purchase',"
    " 'paid', %(total)s - %(tax)s, %(tax)s, %(total)s, %(currency)s, now())"
)
_LINE = (
    "insert into order_lines (order_id, label, total_minor) values (%(order)s,"
    " 'Sunset', %(total)s)"
)
_PAYMENT = (
    "insert into payments (id, order_id, transaction_id, charge_id, status,"
    " amount_minor, currency, receipt_url) values (%(payment)s, %(order)s, %(intent)s,"
    " %(charge)s, 'succeeded', %(total)s, %(currency)s, 'https://receipts.test/1')"
)
_BENEFIT = (
    "insert into benefits (id, workspace_id, kind, ref, name) values (%(benefit)s,"
    " %(workspace)s, 'feature', %(order)s::text, 'Sunset')"
)
_GRANT = (
    "insert into grants (id, workspace_id, customer_id, benefit_id, source_type,"
    " source_id, starts_at) values (%(grant)s, %(workspace)s, %(customer)s,"
    " %(benefit)s, 'order', %(order)s, now())"
)
_SOLD = (_CUSTOMER, _CHECKOUT, _ORDER, _LINE, _PAYMENT, _BENEFIT, _GRANT)


@dataclass(frozen=True, slots=True)
class Sold:
    """A paid order."""

    id: str
    total: int
    intent: str
    charge: str
    market: "Market"

    @property
    def path(self) -> str:
        return f"{ORDERS}/{self.id}"

    def refund(self, key: str | None = None, **changes: Any) -> Answer:
        """Ask for a refund as the owner, of the rest if nothing else is said."""
        headers = {"idempotency-key": key} if key else {}
        return self.market.owner.api(
            "POST", f"{self.path}/refunds", REFUND | changes, headers=headers
        )

    def row(self) -> DictRow:
        """Return the order as it stands."""
        return self.market.one("select * from orders where id = %s", self.id)

    def refunds(self) -> list[DictRow]:
        """Return the refunds of the order, oldest first."""
        return self.market.all(
            "select * from refunds where order_id = %s order by created_at, id", self.id
        )

    def is_open(self) -> bool:
        """Tell whether what it has opened is open still."""
        grants = self.market.all(
            "select revoked_at from grants where source_id = %s", self.id
        )
        return any(grant["revoked_at"] is None for grant in grants)

    def disputed(self, **more: Any) -> dict[str, Any]:
        """Let the payer's bank take the payment back."""
        told = self.market.world.tell("stripe", "dispute", charge=self.charge, **more)
        return dict(told)


@dataclass(frozen=True, slots=True)
class Market:
    """An owner who sells, and fans who have bought."""

    owner: Person
    avatar_id: str
    fan: Person
    world: World
    workers: Workers
    sql: psycopg.Connection[DictRow]

    def sell(self, total: int = 1_500, *, tax: int = 0, currency: str = "eur") -> Sold:
        """Sell something to the fan, who pays at once."""
        customer = self._customer()
        session = self._ask(
            "checkout/sessions",
            **{
                "mode": "payment",
                "customer": customer,
                "success_url": "https://studio.test",
                "line_items[0][quantity]": "1",
                "line_items[0][price_data][currency]": currency,
                "line_items[0][price_data][unit_amount]": str(total),
                "line_items[0][price_data][product_data][name]": "Sunset",
            },
        )
        self.world.tell("stripe", "pay", session=session["id"])
        charge = self.world.see("stripe", "objects/charge")[-1]
        order_id = self._write(
            stripe_customer=customer,
            session=session["id"],
            intent=charge["payment_intent"],
            charge=charge["id"],
            total=total,
            tax=tax,
            currency=currency,
        )
        return Sold(str(order_id), total, charge["payment_intent"], charge["id"], self)

    def another(self) -> "Market":
        """Return the same market, with another fan."""
        return replace(self, fan=sign_up())

    def effects(self, call: str) -> int:
        """Count how often a call of ours has changed something at Stripe."""
        return len(self.world.effects("stripe", call))

    def events(self) -> list[dict[str, Any]]:
        """Return what Stripe has to tell of refunds, disputes and warnings."""
        told = self.world.see("stripe", "events")
        return [event for event in told if event["type"].startswith(_OURS)]

    def tell(self, *events: dict[str, Any]) -> None:
        """Deliver events in this order, all that there are if none is named."""
        for event in events or self.events():
            body = json.dumps(event).encode()
            secret = self.world.providers.stripe_webhook_secret
            deliver(body, signed(body, secret=secret)).ok(202)
        self.workers.drain("events")

    def books(self) -> dict[str, int]:
        """Return what each account comes to, in micros; those of nothing left out."""
        rows = self.all(
            "select a.code, sum(e.amount_micros)::bigint as micros from ledger_entries"
            " e join ledger_accounts a on a.id = e.account_id group by a.code"
            " having sum(e.amount_micros) <> 0"
        )
        return {row["code"]: row["micros"] for row in rows}

    def all(self, query: str, *binds: object) -> list[DictRow]:
        return self.sql.execute(query.encode(), binds).fetchall()

    def one(self, query: str, *binds: object) -> DictRow:
        """Return the only row of a query."""
        (row,) = self.all(query, *binds)
        return row

    def _customer(self) -> str:
        known = self.all(
            "select stripe_customer_id as id from customers where user_id = %s",
            self.fan.id,
        )
        if known and known[0]["id"]:
            return str(known[0]["id"])
        return str(self._ask("customers", email=self.fan.email)["id"])

    def _ask(self, path: str, **form: str) -> dict[str, Any]:
        providers = self.world.providers
        answer = httpx.post(
            f"{providers.stripe_base}/v1/{path}",
            data=form,
            headers={"authorization": f"Bearer {providers.stripe_api_key}"},
        )
        assert answer.is_success, answer.text
        return dict(answer.json())

    def _write(self, **binds: Any) -> UUID:
        known = self.all("select id from customers where user_id = %s", self.fan.id)
        ids = {
            name: new_id()
            for name in ("checkout", "order", "payment", "benefit", "grant")
        }
        binds |= ids | {
            "customer": known[0]["id"] if known else new_id(),
            "user": self.fan.id,
            "workspace": self.owner.workspace_id,
            "avatar": self.avatar_id,
        }
        for statement in _SOLD:
            self.sql.execute(statement.encode(), binds)
        return ids["order"]


def market(
    owner: Person, workers: Workers, world: World, sql: psycopg.Connection[DictRow]
) -> Market:
    """Open a market with one fan in it."""
    return Market(owner, avatar(owner), sign_up(), world, workers, sql)
