"""Disputes: banks take money back, and may return it; warnings come before."""

from typing import Any

from tests.stack.providers.stripe.balance import Balance
from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.commands import Asked, Command, retrieval
from tests.stack.providers.stripe.errors import invalid
from tests.stack.providers.stripe.lists import listing
from tests.stack.providers.stripe.periods import DAY_S

type Json = dict[str, Any]

_OVER = frozenset({"lost", "prevented", "warning_closed", "won"})
_FREE = frozenset({"won", "prevented"})
_DAYS_TO_ANSWER = 9


class Disputes:
    """All disputes and warnings."""

    def __init__(self, books: Books, balance: Balance) -> None:
        self._books = books
        self._balance = balance

    def commands(self) -> list[Command]:
        """Return the calls about disputes."""
        books, path, kind = self._books, "disputes", "Dispute"
        one = f"/v1/{path}/{{id}}"
        return [
            retrieval(books, "dispute", path, path, f"{kind}RetrieveParams"),
            Command("disputes.update", "POST", one, f"{kind}UpdateParams", self.answer),
            Command("disputes.close", "POST", f"{one}/close", f"{kind}CloseParams",
                    lambda asked: self.end(asked.id, is_won=False)),
            listing(books, "dispute", path, f"{kind}ListParams",
                    "charge", "payment_intent", "created"),
            retrieval(books, "radar.early_fraud_warning",
                      "radar/early_fraud_warnings", "early_fraud_warnings",
                      "radar.EarlyFraudWarningRetrieveParams"),
        ]  # fmt: skip

    def open(
        self,
        charge_id: str,
        amount: int | None = None,
        *,
        reason: str = "fraudulent",
        is_inquiry: bool = False,
    ) -> Json:
        """Let a bank take back a charge, or only ask about it.

        Raises:
            StripeError: The charge brought nothing, or less.
        """
        charge = self._books.get("charge", charge_id)
        left = charge["amount"] - held_by_disputes(self._books, charge)
        amount = amount or left
        if charge["status"] != "succeeded" or not 0 < amount <= left:
            raise invalid("There is not so much to dispute.", "amount")
        dispute = self._dispute(charge, amount, reason, is_inquiry=is_inquiry)
        charge["disputed"] = True
        self._books.tell("charge.dispute.created", dispute)
        if not is_inquiry:
            self._move_money(dispute, "charge.dispute.funds_withdrawn")
        return dispute

    def answer(self, asked: Asked) -> Json:
        """Take evidence; once submitted, the bank looks at it."""
        dispute = self._undecided(asked.id)
        said = asked.only("evidence", "submit")
        evidence = dispute["evidence"] | (said.get("evidence") or {})
        details = dict(dispute["evidence_details"])
        details["has_evidence"] = any(evidence.values())
        fields: Json = {"metadata": asked.metadata(dispute["metadata"])}
        if said.get("submit", True):
            details["submission_count"] += 1
            details["submission_method"] = "manual"
            was_asked = dispute["status"].startswith("warning")
            fields["status"] = "warning_under_review" if was_asked else "under_review"
        self._books.change(
            dispute,
            "charge.dispute.updated",
            evidence=evidence,
            evidence_details=details,
            **fields,
        )
        return dispute

    def end(self, id_: str, *, is_won: bool) -> Json:
        """Let the bank decide.

        Raises:
            StripeError: It has.
        """
        dispute = self._undecided(id_)
        was_asked = dispute["status"].startswith("warning")
        ended = "warning_closed" if was_asked else "won" if is_won else "lost"
        before = {"status": dispute["status"]}
        dispute["status"] = ended
        if ended == "won":
            self._move_money(dispute, "charge.dispute.funds_reinstated")
        self._books.tell("charge.dispute.closed", dispute, before)
        return dispute

    def warn(self, charge_id: str, fraud_type: str) -> Json:
        """Let a card's network say that a charge may be fraud."""
        charge = self._books.get("charge", charge_id)
        warning = self._books.new(
            "radar.early_fraud_warning",
            actionable=not charge["refunded"] and not charge["disputed"],
            charge=charge["id"],
            fraud_type=fraud_type,
            payment_intent=charge["payment_intent"],
        )
        self._books.tell("radar.early_fraud_warning.created", warning)
        return warning

    def _dispute(
        self, charge: Json, amount: int, reason: str, *, is_inquiry: bool
    ) -> Json:
        return self._books.new(
            "dispute",
            amount=amount,
            charge=charge["id"],
            currency=charge["currency"],
            evidence_details={
                "due_by": self._books.now() + _DAYS_TO_ANSWER * DAY_S,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
                "submission_method": "not_submitted",
            },
            is_charge_refundable=is_inquiry,
            network_reason_code="10.4",
            payment_intent=charge["payment_intent"],
            payment_method_details={
                "card": {
                    "brand": "visa",
                    "case_type": "inquiry" if is_inquiry else "chargeback",
                    "network": "visa",
                    "network_reason_code": "10.4",
                },
                "type": "card",
            },
            reason=reason,
            status="warning_needs_response" if is_inquiry else "needs_response",
        )

    def _move_money(self, dispute: Json, event: str) -> None:
        is_won = dispute["status"] == "won"
        booked = self._balance.disputed(dispute, is_won=is_won)
        dispute["balance_transactions"] = [*dispute["balance_transactions"], booked]
        self._books.tell(event, dispute)

    def _undecided(self, id_: str) -> Json:
        dispute = self._books.get("dispute", id_)
        if dispute["status"] in _OVER:
            raise invalid("This dispute is already closed.")
        return dispute


def held_by_disputes(books: Books, charge: Json) -> int:
    """Return how much of a charge banks have taken, and not given back."""
    return sum(
        dispute["amount"]
        for dispute in books.of("dispute", "charge", charge["id"])
        if dispute["status"] not in _FREE and not dispute["is_charge_refundable"]
    )
