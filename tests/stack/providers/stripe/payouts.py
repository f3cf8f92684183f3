"""Payouts: what is available goes to our bank, and may come back."""

from typing import Any

from tests.stack.providers.stripe.balance import Balance
from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.commands import Asked, Command, retrieval
from tests.stack.providers.stripe.errors import invalid
from tests.stack.providers.stripe.lists import listing
from tests.stack.providers.stripe.periods import DAY_S

type Json = dict[str, Any]

_ON_ITS_WAY = frozenset({"in_transit", "pending"})


class Payouts:
    """All payouts."""

    def __init__(self, books: Books, balance: Balance) -> None:
        self._books = books
        self._balance = balance

    def commands(self) -> list[Command]:
        """Return the calls about payouts."""
        books, path, kind = self._books, "payouts", "Payout"
        return [
            Command("payouts.create", "POST", "/v1/payouts", f"{kind}CreateParams",
                    self.create),
            retrieval(books, "payout", path, path, f"{kind}RetrieveParams"),
            listing(books, "payout", path, f"{kind}ListParams",
                    "status", "arrival_date", "created", "destination"),
        ]  # fmt: skip

    def create(self, asked: Asked) -> Json:
        """Pay out an amount by hand."""
        said = asked.only(
            "amount", "currency", "description", "method", "statement_descriptor"
        )
        available = self._balance.available(said["currency"])
        if not 0 < said["amount"] <= available:
            raise invalid(
                "You have insufficient funds in your Stripe account for this payout.",
                "amount",
                "balance_insufficient",
            )
        return self._pay(said.pop("amount"), said.pop("currency"), automatic=False,
                         metadata=asked.metadata(), **said)  # fmt: skip

    def pay(self, currency: str) -> Json:
        """Pay out all that is available, and say what it was made of.

        Raises:
            StripeError: There is nothing.
        """
        members = self._balance.unpaid(currency)
        amount = sum(each["net"] for each in members)
        if amount < 1:
            raise invalid("There is nothing to pay out.", code="balance_insufficient")
        payout = self._pay(amount, currency, automatic=True)
        for each in members:
            self._books.paid_out[each["id"]] = payout["id"]
        self._books.paid_out[payout["balance_transaction"]] = payout["id"]
        return payout

    def end(self, id_: str, *, is_good: bool) -> Json:
        """Let a payout arrive, or fail, which it may do after it arrived.

        Raises:
            StripeError: It has failed, or arrives twice.
        """
        payout = self._books.get("payout", id_)
        expected = _ON_ITS_WAY if is_good else _ON_ITS_WAY | {"paid"}
        if payout["status"] not in expected:
            raise invalid(f"This payout is {payout['status']}.")
        if is_good:
            self._arrive(payout)
            return payout
        back = self._balance.book(
            payout, "payout_failure", "payout_reversal", payout["amount"],
            is_settled=True,
        )  # fmt: skip
        payout |= {
            "failure_balance_transaction": back["id"],
            "failure_code": "account_closed",
            "failure_message": "The bank account has been closed.",
            "status": "failed",
        }
        self._books.tell("payout.failed", payout)
        return payout

    def _pay(self, amount: int, currency: str, **fields: Any) -> Json:
        is_automatic = fields["automatic"]
        payout = self._books.new(
            "payout",
            amount=amount,
            arrival_date=self._books.now() + DAY_S,
            currency=currency,
            destination="ba_stand_in",
            reconciliation_status="in_progress" if is_automatic else "not_applicable",
            source_type="card",
            status="in_transit",
            type="bank_account",
            **{"description": "STRIPE PAYOUT", "method": "standard", "metadata": {}}
            | fields,
        )
        booked = self._balance.book(
            payout, "payout", "payout", -amount, is_settled=True
        )
        payout["balance_transaction"] = booked["id"]
        self._books.tell("payout.created", payout)
        if self._books.settings.payouts == "paid":
            self._arrive(payout)
        return payout

    def _arrive(self, payout: Json) -> None:
        payout["status"] = "paid"
        self._books.tell("payout.paid", payout)
        if payout["automatic"]:
            payout["reconciliation_status"] = "completed"
            self._books.tell("payout.reconciliation_completed", payout)
