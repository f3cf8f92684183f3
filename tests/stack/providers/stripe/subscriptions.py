"""Subscriptions from their sessions on: begun, paid for, on trial, over."""

from typing import Any, Literal

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.commands import Asked, Command, retrieval
from tests.stack.providers.stripe.errors import invalid
from tests.stack.providers.stripe.invoice_lines import InvoiceLines
from tests.stack.providers.stripe.invoices import Invoices
from tests.stack.providers.stripe.lists import candidates, fits, page, whole
from tests.stack.providers.stripe.payments import Payments
from tests.stack.providers.stripe.periods import DAY_S, end_of
from tests.stack.providers.stripe.plans import plan_of

type Json = dict[str, Any]
type Status = Literal["active", "canceled", "past_due", "paused", "unpaid"]

OVER = frozenset({"canceled", "incomplete_expired"})


class Subscriptions:
    """How subscriptions begin, and what their invoices make of them."""

    def __init__(
        self,
        books: Books,
        payments: Payments,
        invoices: Invoices,
        lines: InvoiceLines,
    ) -> None:
        self._books = books
        self._payments = payments
        self._invoices = invoices
        self._lines = lines
        self._firsts: dict[str, str] = {}
        self._orders: dict[str, Json] = {}

    def commands(self) -> list[Command]:
        """Return the calls that show subscriptions."""
        path, kind = "subscriptions", "Subscription"
        return [
            retrieval(self._books, "subscription", path, path, f"{kind}RetrieveParams"),
            Command(
                f"{path}.list", "GET", f"/v1/{path}", f"{kind}ListParams", self.listed
            ),
        ]

    def listed(self, asked: Asked) -> Json:
        """List subscriptions; those that are over if they are asked for."""
        asked.only("created", "customer", "ending_before", "limit", "price",
                   "starting_after", "status")  # fmt: skip
        params = dict(asked.params)
        status, price = params.pop("status", None), params.pop("price", None)
        found = candidates(self._books, "subscription", params, ["customer"])
        matching = [
            each
            for each in found
            if fits(each, params)
            and _is_in(each["status"], status)
            and price in {None, *_prices(each)}
        ]
        return page(matching, params, "/v1/subscriptions")

    def begin(self, session: Json, order: Json) -> Json | None:
        """Return the first payment of a session, none where nothing is due."""
        self._orders[session["id"]] = order
        if not session["amount_total"]:
            return None
        intent = self.first_payment(session)
        if intent is None:
            intent = self._payments.intend(
                session["amount_total"],
                session["currency"],
                customer=session["customer"],
                description="Subscription creation",
            )
            self._firsts[session["id"]] = intent["id"]
        return intent

    def first_payment(self, session: Json) -> Json | None:
        """Return the payment that was begun for a session."""
        return self._books.find(self._firsts.get(session["id"]))

    def promise(self, session: Json) -> None:
        """Begin a subscription whose first payment takes days; it is active."""
        if session["mode"] == "subscription":
            subscription, _ = self._started(session)
            self._move(subscription, "active")

    def confirm(self, session: Json) -> None:
        """Pay for a session's subscription, which is begun unless it was."""
        subscription, invoice = self._started(session)
        self._invoices.pay(invoice)
        if subscription["status"] != "trialing":
            self._move(subscription, "active")

    def refuse(self, session: Json) -> None:
        """Let the first payment fail; what was begun is past due."""
        subscription = self._books.find(session["subscription"])
        intent = self.first_payment(session)
        if subscription is None and intent is not None:
            self._payments.decline(intent)
        elif subscription is not None:
            self._invoices.fail(self._latest(subscription))
            self._move(subscription, "past_due")

    def end(self, subscription: Json, reason: str) -> None:
        """End a subscription now."""
        now = self._books.now()
        details = subscription["cancellation_details"] | {"reason": reason}
        subscription |= {
            "canceled_at": subscription["canceled_at"] or now,
            "cancellation_details": details,
            "ended_at": now,
            "pending_update": None,
            "status": "canceled",
        }
        for invoice in self._books.of("invoice", "subscription", subscription["id"]):
            if invoice["status"] == "open":
                self._books.change(
                    invoice,
                    "invoice.updated",
                    auto_advance=False,
                    next_payment_attempt=None,
                )
        self._books.tell("customer.subscription.deleted", subscription)

    def set_status(self, id_: str, status: Status) -> Json:
        """Let Stripe decide how a subscription is.

        Raises:
            StripeError: It is over.
        """
        subscription = self.alive(id_)
        was = subscription["status"]
        if status == "canceled":
            self.end(subscription, "payment_failed")
        elif status == "paused":
            self._move(subscription, status)
            self._books.tell("customer.subscription.paused", subscription)
        else:
            self._move(subscription, status)
            if was == "paused":
                self._books.tell("customer.subscription.resumed", subscription)
        return subscription

    def alive(self, id_: str) -> Json:
        """Return a subscription that is not over.

        Raises:
            StripeError: There is none, or it is.
        """
        subscription = self._books.get("subscription", id_)
        if subscription["status"] in OVER:
            raise invalid(
                "A canceled subscription can only update its cancellation_details and "
                "metadata."
            )
        return subscription

    def has_paid(self, subscription: Json, invoice: Json) -> None:
        """Let a subscription be active again once its latest invoice is paid."""
        if subscription["latest_invoice"] != invoice["id"]:
            return
        self._apply_pending(subscription)
        if subscription["status"] not in OVER | {"trialing", "paused"}:
            self._move(subscription, "active")

    def _apply_pending(self, subscription: Json) -> None:
        """Take the plan that was waiting for its bill to be paid."""
        pending = subscription["pending_update"]
        if pending is None:
            return
        items = subscription["items"] | {"data": pending["subscription_items"]}
        self._books.change(
            subscription,
            "customer.subscription.updated",
            items=items,
            pending_update=None,
        )
        self._books.tell("customer.subscription.pending_update_applied", subscription)

    def has_not_paid(self, subscription: Json, *, is_final: bool = False) -> None:
        """Let a subscription be past due, or what comes of it in the end."""
        if subscription["status"] in OVER:
            return
        final = self._books.settings.final_failure
        if not is_final:
            self._move(subscription, "past_due")
        elif final == "cancel":
            self.end(subscription, "payment_failed")
        else:
            self._move(subscription, final)

    def _latest(self, subscription: Json) -> Json:
        return self._books.get("invoice", subscription["latest_invoice"])

    def _move(self, subscription: Json, status: str) -> None:
        self._books.change(subscription, "customer.subscription.updated", status=status)

    def _started(self, session: Json) -> tuple[Json, Json]:
        """Return a session's subscription and its first invoice, which is open."""
        known = self._books.find(session["subscription"])
        if known is not None:
            return known, self._latest(known)
        subscription = self._subscription(session)
        session["subscription"] = subscription["id"]
        self._books.attach(session, "subscription", subscription["id"])
        drafted = self._invoices.draft(
            subscription, "subscription_create", self._first_lines(session)
        )
        subscription["latest_invoice"] = session["invoice"] = drafted["id"]
        self._books.tell("customer.subscription.created", subscription)
        self._invoices.finalize(drafted, self.first_payment(session))
        return subscription, drafted

    def _subscription(self, session: Json) -> Json:
        now, order = self._books.now(), self._orders[session["id"]]
        days = order.get("trial_period_days")
        trial_end = now + days * DAY_S if days else None
        subscription = self._books.new(
            "subscription",
            automatic_tax={
                "disabled_reason": None,
                "enabled": session["automatic_tax"]["enabled"],
                "liability": session["automatic_tax"]["liability"],
            },
            billing_cycle_anchor=trial_end or now,
            billing_mode={"flexible": None, "type": "flexible", "updated_at": None},
            cancellation_details=dict.fromkeys(("comment", "feedback", "reason")),
            collection_method="charge_automatically",
            currency=session["currency"],
            customer=session["customer"],
            default_payment_method=self._books.names.new("payment_method"),
            default_tax_rates=[],
            description=order.get("description"),
            invoice_settings={"account_tax_ids": None, "issuer": {"type": "self"}},
            metadata=dict(order["metadata"]),
            start_date=now,
            status="trialing" if days else "incomplete",
            trial_end=trial_end,
            trial_settings={
                "end_behavior": {"missing_payment_method": "create_invoice"}
            },
            trial_start=now if days else None,
        )
        sold = self._books.lines[session["id"]]
        items = [
            self._item(subscription, line)
            for line in sold
            if line["price"]["recurring"]
        ]
        url = f"/v1/subscription_items?subscription={subscription['id']}"
        subscription["items"] = whole(items, url)
        return subscription

    def _item(self, subscription: Json, line: Json) -> Json:
        start, anchor = subscription["start_date"], subscription["billing_cycle_anchor"]
        end = subscription["trial_end"] or end_of(
            start, line["price"]["recurring"], anchor
        )
        return self._books.make(
            "subscription_item",
            current_period_end=end,
            current_period_start=start,
            discounts=[],
            plan=plan_of(line["price"]),
            price=line["price"],
            quantity=line["quantity"],
            subscription=subscription["id"],
            tax_rates=[],
        )

    def _first_lines(self, session: Json) -> list[Json]:
        subscription = self._books.get("subscription", session["subscription"])
        line_of = self._lines.of_period
        if subscription["status"] == "trialing":
            line_of = self._lines.of_trial
        now = subscription["start_date"]
        once = [
            self._lines.of_sale(sold, now)
            for sold in self._books.lines[session["id"]]
            if not sold["price"]["recurring"]
        ]
        return once + [
            line_of(item, item["current_period_start"], item["current_period_end"])
            for item in subscription["items"]["data"]
        ]


def _is_in(status: str, wanted: str | None) -> bool:
    """Tell whether a list shows a status; ``ended`` is canceled or expired."""
    if wanted is None:
        return status != "canceled"
    is_ended = wanted == "ended" and status in OVER
    return wanted in {"all", status} or is_ended


def _prices(subscription: Json) -> list[str]:
    return [item["price"]["id"] for item in subscription["items"]["data"]]
