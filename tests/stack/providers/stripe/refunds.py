"""Refunds: all or part of a charge goes back, at once or in days, or comes home."""

from typing import Any

from tests.stack.providers.stripe.balance import Balance
from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.commands import Asked, Command, retrieval
from tests.stack.providers.stripe.disputes import held_by_disputes
from tests.stack.providers.stripe.errors import invalid
from tests.stack.providers.stripe.lists import listing
from tests.stack.providers.stripe.money import shown

type Json = dict[str, Any]

_OVER = frozenset({"canceled", "failed"})


class Refunds:
    """All refunds."""

    def __init__(self, books: Books, balance: Balance) -> None:
        self._books = books
        self._balance = balance

    def commands(self) -> list[Command]:
        """Return the calls about refunds."""
        books, path, kind = self._books, "refunds", "Refund"
        return [
            Command("refunds.create", "POST", "/v1/refunds", f"{kind}CreateParams",
                    self.create),
            retrieval(books, "refund", path, path, f"{kind}RetrieveParams"),
            listing(books, "refund", path, f"{kind}ListParams",
                    "charge", "payment_intent", "created"),
        ]  # fmt: skip

    def create(self, asked: Asked) -> Json:
        """Give back what a charge brought, or a part of it."""
        said = asked.only("amount", "charge", "payment_intent", "reason")
        charge = self._charge(said)
        metadata = asked.metadata()
        return self.give_back(
            charge, said.get("amount"), reason=said.get("reason"), metadata=metadata
        )

    def give_back(
        self,
        charge: Json,
        amount: int | None = None,
        *,
        reason: str | None = None,
        metadata: dict[str, str] | None = None,
    ) -> Json:
        """Give back an amount, or all that is left.

        Raises:
            StripeError: There is not so much left.
        """
        amount = self._bounded(charge, amount)
        is_pending = self._books.settings.refunds == "pending"
        refund = self._books.new(
            "refund",
            amount=amount,
            charge=charge["id"],
            currency=charge["currency"],
            customer=charge["customer"],
            destination_details={"card": {"type": "refund"}, "type": "card"},
            metadata=metadata or {},
            payment_intent=charge["payment_intent"],
            payment_method=charge["payment_method"],
            pending_reason="processing" if is_pending else None,
            reason=reason,
            status="pending" if is_pending else "succeeded",
        )
        booked = self._balance.book(refund, "refund", "refund", -amount)
        refund["balance_transaction"] = booked["id"]
        self._books.tell("refund.created", refund)
        self._count(charge, "charge.refunded")
        return refund

    def end(self, id_: str, *, is_good: bool) -> Json:
        """Let a refund have gone well in the end, or the money come home, however late.

        Raises:
            StripeError: It has failed already.
        """
        refund = self._books.get("refund", id_)
        if refund["status"] in _OVER:
            raise invalid(f"This refund is {refund['status']}.")
        if is_good:
            self._move(refund, status="succeeded", pending_reason=None)
            return refund
        back = self._balance.book(
            refund, "refund_failure", "refund_failure", refund["amount"]
        )
        self._move(
            refund,
            status="failed",
            pending_reason=None,
            failure_reason="lost_or_stolen_card",
            failure_balance_transaction=back["id"],
        )
        self._books.tell("refund.failed", refund)
        self._count(self._books.get("charge", refund["charge"]), "charge.updated")
        return refund

    def _move(self, refund: Json, **fields: Any) -> None:
        """Change a refund; the old name of the event is still told, too."""
        before = {name: refund[name] for name in fields}
        self._books.change(refund, "refund.updated", **fields)
        self._books.tell("charge.refund.updated", refund, before)

    def _count(self, charge: Json, event: str) -> None:
        """Let a charge know how much of it went back."""
        back = sum(
            refund["amount"]
            for refund in self._books.of("refund", "charge", charge["id"])
            if refund["status"] not in _OVER
        )
        is_all = back == charge["amount"]
        self._books.change(charge, event, amount_refunded=back, refunded=is_all)
        for warning in self._books.of(
            "radar.early_fraud_warning", "charge", charge["id"]
        ):
            self._books.change(
                warning, "radar.early_fraud_warning.updated", actionable=not is_all
            )

    def _charge(self, said: Json) -> Json:
        """Return the charge that is meant.

        Raises:
            StripeError: None, two, or one that brought nothing.
        """
        if ("charge" in said) == ("payment_intent" in said):
            raise invalid(
                "One of the following params should be provided for this request: "
                "payment_intent or charge.",
                code="parameter_missing",
            )
        if "charge" in said:
            charge = self._books.get("charge", said["charge"], param="charge")
        else:
            intent = self._books.get(
                "payment_intent", said["payment_intent"], param="payment_intent"
            )
            charge = self._books.find(intent["latest_charge"]) or {"status": None}
        if charge["status"] != "succeeded":
            raise invalid(
                "This PaymentIntent does not have a successful charge to refund.",
                "payment_intent" if "payment_intent" in said else "charge",
            )
        return charge

    def _bounded(self, charge: Json, amount: int | None) -> int:
        if charge["refunded"]:
            raise invalid(
                f"Charge {charge['id']} has already been refunded.",
                code="charge_already_refunded",
            )
        left = charge["amount"] - charge["amount_refunded"]
        held = held_by_disputes(self._books, charge)
        if held and (left <= held or (amount or left) > left - held):
            raise invalid(
                f"Charge {charge['id']} has been charged back; cannot issue a refund.",
                code="charge_disputed",
            )
        if amount is not None and amount < 1:
            code = "parameter_invalid_integer"
            raise invalid("Invalid positive integer", "amount", code)
        if amount is not None and amount > left:
            currency = charge["currency"]
            raise invalid(
                f"Refund amount ({shown(amount, currency)}) is greater than unrefunded "
                f"amount on charge ({shown(left, currency)})",
                "amount",
            )
        return amount or left
