"""Renewals: the next period of a subscription, paid, failed, or never begun."""

from typing import Any, Literal

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.errors import invalid
from tests.stack.providers.stripe.invoice_lines import InvoiceLines
from tests.stack.providers.stripe.invoices import Invoices
from tests.stack.providers.stripe.periods import end_of
from tests.stack.providers.stripe.subscriptions import Subscriptions

type Json = dict[str, Any]
type Renewal = Literal["paid", "failed", "paid_after_retry"]


class Renewals:
    """What happens when a period is over."""

    def __init__(
        self,
        books: Books,
        subscriptions: Subscriptions,
        invoices: Invoices,
        lines: InvoiceLines,
    ) -> None:
        self._books = books
        self._subscriptions = subscriptions
        self._invoices = invoices
        self._lines = lines

    def renew(self, id_: str, outcome: Renewal = "paid") -> Json:
        """End a subscription's period, or its trial, and begin the next.

        A subscription that is canceled at the end of the period ends.

        Raises:
            StripeError: It is over, or paused.
        """
        subscription = self._subscriptions.alive(id_)
        if subscription["status"] == "paused":
            raise invalid("This subscription is paused.")
        if subscription["cancel_at_period_end"]:
            self._subscriptions.end(subscription, "cancellation_requested")
            return subscription
        invoice = self._next_invoice(subscription)
        self._invoices.finalize(invoice)
        if outcome == "paid" or not invoice["amount_due"]:
            self._paid(subscription, invoice)
            return subscription
        self.retry(invoice["id"], "failed")
        if outcome == "paid_after_retry":
            self.retry(invoice["id"], "paid")
        return subscription

    def retry(self, id_: str, outcome: Literal["paid", "failed", "final"]) -> Json:
        """Try an open invoice again; the last failure ends what it was for.

        Raises:
            StripeError: It is not open.
        """
        invoice = self._books.get("invoice", id_)
        subscription = self._of(invoice)
        if outcome == "paid":
            self._paid(subscription, invoice)
            return invoice
        is_final = outcome == "final"
        self._invoices.fail(invoice, is_last=is_final)
        self._subscriptions.has_not_paid(subscription, is_final=is_final)
        return invoice

    def trial_will_end(self, id_: str) -> Json:
        """Tell that a trial has three days left, however many it has."""
        subscription = self._subscriptions.alive(id_)
        self._books.tell("customer.subscription.trial_will_end", subscription)
        return subscription

    def following(self, subscription: Json) -> list[Json]:
        """Return the lines of the next invoice, what is owed from before first."""
        owed = self._books.lines[subscription["id"]]
        return [*owed] + [
            self._lines.of_period(item, start, end)
            for item, start, end in _next_periods(subscription)
        ]

    def _next_invoice(self, subscription: Json) -> Json:
        lines = self.following(subscription)
        self._books.lines[subscription["id"]] = []
        invoice = self._invoices.draft(subscription, "subscription_cycle", lines)
        items = [
            item | {"current_period_start": start, "current_period_end": end}
            for item, start, end in _next_periods(subscription)
        ]
        was_trial = subscription["status"] == "trialing"
        self._books.change(
            subscription,
            "customer.subscription.updated",
            items=subscription["items"] | {"data": items},
            latest_invoice=invoice["id"],
            status="active" if was_trial else subscription["status"],
        )
        return invoice

    def _paid(self, subscription: Json, invoice: Json) -> None:
        self._invoices.pay(invoice)
        self._subscriptions.has_paid(subscription, invoice)

    def _of(self, invoice: Json) -> Json:
        id_ = invoice["parent"]["subscription_details"]["subscription"]
        return self._books.get("subscription", id_)


def _next_periods(subscription: Json) -> list[tuple[Json, int, int]]:
    """Return each item with the period that follows its present one."""
    anchor = subscription["billing_cycle_anchor"]
    items = subscription["items"]["data"]
    starts = [(item, item["current_period_end"]) for item in items]
    return [
        (item, start, end_of(start, item["price"]["recurring"], anchor))
        for item, start in starts
    ]
