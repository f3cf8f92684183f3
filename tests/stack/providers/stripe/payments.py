"""Payments: intents to pay, and the charges that become of them."""

from typing import Any

from tests.stack.providers.stripe.balance import Balance
from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.commands import Command, retrieval
from tests.stack.providers.stripe.errors import declined
from tests.stack.providers.stripe.lists import listing

type Json = dict[str, Any]

_CARD = {
    "brand": "visa",
    "country": "DE",
    "exp_month": 8,
    "exp_year": 2034,
    "funding": "credit",
    "last4": "4242",
    "network": "visa",
    "wallet": None,
}
_GOOD = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "network_status": "approved_by_network",
    "reason": None,
    "risk_level": "normal",
    "risk_score": 12,
    "seller_message": "Payment complete.",
    "type": "authorized",
}
_BAD = _GOOD | {
    "network_status": "declined_by_network",
    "reason": "insufficient_funds",
    "seller_message": "The bank returned the decline code `insufficient_funds`.",
    "type": "issuer_declined",
}


class Payments:
    """All payment intents and charges."""

    def __init__(self, books: Books, balance: Balance) -> None:
        self._books = books
        self._balance = balance

    def commands(self) -> list[Command]:
        """Return the calls about payments; they only show."""
        books = self._books
        intents, charges = "payment_intents", "charges"
        return [
            retrieval(books, "payment_intent", intents, intents,
                      "PaymentIntentRetrieveParams"),
            listing(books, "payment_intent", intents, "PaymentIntentListParams",
                    "customer", "created"),
            retrieval(books, "charge", charges, charges, "ChargeRetrieveParams"),
            listing(books, "charge", charges, "ChargeListParams",
                    "payment_intent", "customer", "created"),
        ]  # fmt: skip

    def intend(self, amount: int, currency: str, **more: Any) -> Json:
        """Begin a payment: nothing is paid, and nobody has tried."""
        intent = self._books.new(
            "payment_intent",
            amount=amount,
            currency=currency,
            automatic_payment_methods={"allow_redirects": "always", "enabled": True},
            capture_method="automatic_async",
            confirmation_method="automatic",
            payment_method_types=["card"],
            status="requires_payment_method",
            **more,
        )
        intent["client_secret"] = f"{intent['id']}_secret_of_nobody"
        self._books.tell("payment_intent.created", intent)
        return intent

    def process(self, intent: Json) -> Json:
        """Let a payment be under way, as banks' debits are for days."""
        charge = self._charge(intent, status="pending", paid=False)
        self._books.tell("charge.pending", charge)
        self._move(intent, "payment_intent.processing", charge, status="processing")
        return charge

    def succeed(self, intent: Json) -> Json:
        """Let a payment be made, and book it."""
        charge = self._under_way(intent) or self._charge(intent)
        charge |= {"status": "succeeded", "paid": True, "captured": True}
        charge |= {"amount_captured": intent["amount"], "outcome": dict(_GOOD)}
        at_once = self._books.settings.balance == "at_once"
        if at_once:
            charge["balance_transaction"] = self._balance.charged(charge)["id"]
        self._books.tell("charge.succeeded", charge)
        self._move(
            intent,
            "payment_intent.succeeded",
            charge,
            status="succeeded",
            amount_received=intent["amount"],
            last_payment_error=None,
        )
        if self._books.settings.balance == "after":
            self.book(charge)
        return charge

    def book(self, charge: Json) -> Json:
        """Book a charge that was made but not yet booked, and tell."""
        if charge["balance_transaction"] is None:
            booked = self._balance.charged(charge)
            self._books.change(
                charge, "charge.updated", balance_transaction=booked["id"]
            )
        return charge

    def decline(self, intent: Json) -> Json:
        """Let an attempt fail; the payment can be tried again."""
        charge = self._under_way(intent) or self._charge(intent)
        error = declined().body["error"]
        charge |= {
            "status": "failed",
            "paid": False,
            "captured": False,
            "failure_code": "card_declined",
            "failure_message": error["message"],
            "outcome": dict(_BAD),
        }
        self._books.tell("charge.failed", charge)
        self._move(
            intent,
            "payment_intent.payment_failed",
            charge,
            status="requires_payment_method",
            last_payment_error=error | {"charge": charge["id"]},
        )
        return charge

    def _move(self, intent: Json, event: str, charge: Json, **fields: Any) -> None:
        """Change an intent; Stripe does not say what it was before."""
        method = charge["payment_method"] if charge["status"] != "failed" else None
        intent |= {"latest_charge": charge["id"], "payment_method": method} | fields
        self._books.tell(event, intent)

    def _under_way(self, intent: Json) -> Json | None:
        charge = self._books.find(intent["latest_charge"])
        return charge if charge and charge["status"] == "pending" else None

    def _charge(self, intent: Json, **fields: Any) -> Json:
        """Return a new charge; it has the intent's metadata as they are now."""
        charge = self._books.new(
            "charge",
            amount=intent["amount"],
            currency=intent["currency"],
            calculated_statement_descriptor="STAND-IN",
            customer=intent["customer"],
            description=intent["description"],
            fraud_details={},
            metadata=dict(intent["metadata"]),
            payment_intent=intent["id"],
            payment_method=self._books.names.new("payment_method"),
            payment_method_details={"card": dict(_CARD), "type": "card"},
            **fields,
        )
        charge["receipt_url"] = f"{self._books.origin}/receipts/{charge['id']}"
        return charge
