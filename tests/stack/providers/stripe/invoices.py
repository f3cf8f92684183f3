"""Invoices: drafted, finalized, paid, or tried in vain."""

from typing import Any

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.commands import Asked, Command, retrieval
from tests.stack.providers.stripe.errors import invalid
from tests.stack.providers.stripe.invoice_lines import InvoiceLines
from tests.stack.providers.stripe.lists import listing, page, whole
from tests.stack.providers.stripe.payments import Payments

type Json = dict[str, Any]

_REASONS = {
    "subscription_create": "Subscription creation",
    "subscription_cycle": "Subscription update",
    "subscription_update": "Subscription update",
}


class Invoices:
    """All invoices, and the payments made on them."""

    def __init__(self, books: Books, payments: Payments, lines: InvoiceLines) -> None:
        self._books = books
        self._payments = payments
        self._lines = lines

    def commands(self) -> list[Command]:
        """Return the calls about invoices; a preview is the subscriptions'."""
        books, kind = self._books, "invoice"
        return [
            retrieval(books, kind, "invoices", "invoices", "InvoiceRetrieveParams"),
            listing(books, kind, "invoices", "InvoiceListParams",
                    "subscription", "customer", "status", "created"),
            retrieval(books, "invoice_payment", "invoice_payments", "invoice_payments",
                      "InvoicePaymentRetrieveParams"),
            Command("invoice_payments.list", "GET", "/v1/invoice_payments",
                    "InvoicePaymentListParams", self.list_payments),
        ]  # fmt: skip

    def list_payments(self, asked: Asked) -> Json:
        """List the payments of an invoice, or the invoice of a payment."""
        asked.only("invoice", "payment", "status", "limit", "starting_after",
                   "ending_before")  # fmt: skip
        params = asked.params
        wanted = self._wanted(params).items()
        parts = [self._books.of("invoice_payment", field, to) for field, to in wanted]
        first, *others = parts or [self._books.all("invoice_payment")]
        found = [p for p in first if all(p in part for part in others)]
        if "status" in params:
            found = [p for p in found if p["status"] == params["status"]]
        return page(found[::-1], params, "/v1/invoice_payments")

    def _wanted(self, params: Json) -> dict[str, str]:
        wanted = {} if "invoice" not in params else {"invoice": params["invoice"]}
        payment = params.get("payment")
        if payment is None:
            return wanted
        if payment["type"] not in payment:
            raise invalid("Say which payment.", "payment", "parameter_missing")
        return wanted | {payment["type"]: payment[payment["type"]]}

    def draft(self, subscription: Json, reason: str, lines: list[Json]) -> Json:
        """Begin an invoice for a subscription."""
        invoice = self._books.keep(self.composed(subscription, reason, lines))
        self._books.attach(invoice, "subscription", subscription["id"])
        self._books.tell("invoice.created", invoice)
        return invoice

    def composed(self, subscription: Json, reason: str, lines: list[Json]) -> Json:
        """Return an invoice that nobody has to pay yet."""
        customer = self._books.get("customer", subscription["customer"])
        invoice = self._books.make(
            "invoice",
            account_country="DE",
            account_name="Stand-in",
            attempt_count=0,
            auto_advance=True,
            automatic_tax=subscription["automatic_tax"] | {"provider": None,
                                                           "status": None},
            billing_reason=reason,
            collection_method="charge_automatically",
            currency=subscription["currency"],
            customer=customer["id"],
            customer_email=customer.get("email"),
            customer_name=customer.get("name"),
            customer_tax_exempt="none",
            customer_tax_ids=[],
            issuer={"type": "self"},
            lines={},
            metadata={},
            parent=_parent(subscription),
            status="draft",
        )  # fmt: skip
        for line in lines:
            line["invoice"] = invoice["id"]
        invoice["lines"] = whole(lines, f"/v1/invoices/{invoice['id']}/lines")
        invoice |= _period(invoice, lines)
        return invoice | self._sums(invoice, lines, customer)

    def _sums(self, invoice: Json, lines: list[Json], customer: Json) -> Json:
        """Return what the lines come to, less what the customer has to his credit."""
        subtotal = sum(line["amount"] for line in lines)
        total, taxes = subtotal, []
        if invoice["automatic_tax"]["enabled"]:
            total = sum(self._lines.tax(line) for line in lines)
            taxes = [tax for line in lines for tax in line["taxes"]]
        starting = customer.get("balance") or 0
        due = max(0, total + starting)
        tax = sum(tax["amount"] for tax in taxes)
        return {
            "amount_due": due,
            "amount_remaining": due,
            "ending_balance": min(0, total + starting),
            "starting_balance": starting,
            "subtotal": subtotal,
            "subtotal_excluding_tax": total - tax,
            "total": total,
            "total_discount_amounts": [],
            "total_excluding_tax": total - tax,
            "total_pretax_credit_amounts": [],
            "total_taxes": taxes,
        }

    def finalize(self, invoice: Json, intent: Json | None = None) -> None:
        """Let an invoice be due; a payment is begun unless one was, or none is."""
        customer = self._books.get("customer", invoice["customer"])
        page_ = f"{self._books.origin}/invoices/{invoice['id']}"
        sequence = customer["next_invoice_sequence"]
        customer |= {
            "balance": invoice["ending_balance"],
            "currency": invoice["currency"],
            "next_invoice_sequence": sequence + 1,
        }
        invoice |= {
            "effective_at": self._books.now(),
            "hosted_invoice_url": page_,
            "invoice_pdf": f"{page_}/pdf",
            "number": f"{customer['invoice_prefix']}-{sequence:04}",
            "status": "open",
        }
        invoice["status_transitions"] |= {"finalized_at": self._books.now()}
        if invoice["amount_due"]:
            self._owe(invoice, intent or self._intent(invoice))
        self._books.tell("invoice.finalized", invoice)

    def _intent(self, invoice: Json) -> Json:
        return self._payments.intend(
            invoice["amount_due"],
            invoice["currency"],
            customer=invoice["customer"],
            description=_REASONS[invoice["billing_reason"]],
        )

    def _owe(self, invoice: Json, intent: Json) -> None:
        intent["amount"] = invoice["amount_due"]
        owed = self._books.new(
            "invoice_payment",
            amount_requested=invoice["amount_due"],
            currency=invoice["currency"],
            invoice=invoice["id"],
            is_default=True,
            payment={"type": "payment_intent", "payment_intent": intent["id"]},
            status="open",
        )
        self._books.attach(owed, "payment_intent", intent["id"])

    def payment_of(self, invoice: Json) -> Json | None:
        """Return the payment that an invoice waits for."""
        owed = self._books.of("invoice_payment", "invoice", invoice["id"])
        return owed[0] if owed else None

    def intent_of(self, invoice: Json) -> Json | None:
        """Return the payment intent of an invoice; there is none for nothing."""
        owed = self.payment_of(invoice)
        return self._books.find(owed["payment"]["payment_intent"]) if owed else None

    def pay(self, invoice: Json) -> None:
        """Let an open invoice be paid, by an attempt if there is anything to pay."""
        self._is_open(invoice)
        intent = self.intent_of(invoice)
        if intent is not None:
            self._payments.succeed(intent)
        paid = invoice["amount_due"]
        now = self._books.now()
        moved = invoice["status_transitions"] | {"paid_at": now}
        self._books.change(
            invoice,
            "invoice.updated",
            amount_paid=paid,
            amount_remaining=0,
            attempt_count=invoice["attempt_count"] + (1 if intent else 0),
            attempted=True,
            auto_advance=False,
            next_payment_attempt=None,
            status="paid",
            status_transitions=moved,
        )
        self._books.tell("invoice.paid", invoice)
        self._books.tell("invoice.payment_succeeded", invoice)
        owed = self.payment_of(invoice)
        if owed is not None:
            owed |= {"amount_paid": paid, "status": "paid"}
            owed["status_transitions"] |= {"paid_at": now}
            self._books.tell("invoice_payment.paid", owed)

    def fail(self, invoice: Json, *, is_last: bool = False) -> None:
        """Let an attempt at an open invoice fail."""
        self._is_open(invoice)
        intent = self.intent_of(invoice)
        if intent is None:
            raise invalid("Nothing is to be paid of this invoice.")
        self._payments.decline(intent)
        again = self._books.now() + self._books.settings.retry_after_s
        self._books.change(
            invoice,
            "invoice.updated",
            attempt_count=invoice["attempt_count"] + 1,
            attempted=True,
            auto_advance=not is_last,
            next_payment_attempt=None if is_last else again,
        )
        self._books.tell("invoice.payment_failed", invoice)

    def _is_open(self, invoice: Json) -> None:
        if invoice["status"] != "open":
            raise invalid(f"This invoice is {invoice['status']}.")


def _parent(subscription: Json) -> Json:
    return {
        "type": "subscription_details",
        "quote_details": None,
        "subscription_details": {
            "metadata": dict(subscription["metadata"]),
            "subscription": subscription["id"],
        },
    }


def _period(invoice: Json, lines: list[Json]) -> Json:
    """Return the invoice's own period, which looks back; lines look ahead."""
    starts = [line["period"]["start"] for line in lines] or [invoice["created"]]
    return {"period_start": min(starts), "period_end": min(starts)}
