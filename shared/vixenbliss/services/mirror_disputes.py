"""Disputes as Stripe has them: ``dp_`` and ``du_``, and ``issfr_``, which warn of them.

The order of a dispute with moved money is *disputed* until the bank decides; what it
has opened stays open until the dispute is lost.
"""

from vixenbliss.database import Connection
from vixenbliss.models.disputes import DisputeStatus
from vixenbliss.providers.stripe_payments import StripePayments
from vixenbliss.providers.stripe_shapes import Dispute, FraudWarning
from vixenbliss.repositories.dispute_mirrors import DisputeMirrorRepository, SeenDispute
from vixenbliss.services import postings
from vixenbliss.services.charges import follow, held_charge, of_unknown, sale_of
from vixenbliss.services.ledger import Ledger
from vixenbliss.services.mirrors import PROCESSED, Verdict

_STATUS = {
    "warning_needs_response": DisputeStatus.EARLY_WARNING,
    "warning_under_review": DisputeStatus.EARLY_WARNING,
    "warning_closed": DisputeStatus.PREVENTED,
    "needs_response": DisputeStatus.NEEDS_RESPONSE,
    "under_review": DisputeStatus.UNDER_REVIEW,
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
    "prevented": DisputeStatus.PREVENTED,
    "appeal_needs_response": DisputeStatus.NEEDS_RESPONSE,
    "appeal_under_review": DisputeStatus.UNDER_REVIEW,
}


def status_of(word: str) -> DisputeStatus:
    """Return what a dispute is in our words; a word we do not know decides nothing."""
    return _STATUS.get(word, DisputeStatus.UNDER_REVIEW)


class DisputeMirror:
    """Writes disputes as they stand at Stripe."""

    def __init__(self, payments: StripePayments) -> None:
        self._payments = payments

    async def look(self, object_id: str) -> Dispute:
        """Return a dispute with its movements and its payment."""
        return await self._payments.dispute(object_id)

    async def write(self, connection: Connection, seen: Dispute) -> Verdict:
        """Write a dispute, what it does to its order, and its entries in the books.

        Each movement, the withdrawal and what is reinstated, is booked once, by its id.
        """
        charged = await held_charge(connection, seen.payment_intent, seen.charge)
        if charged is None:
            return await of_unknown(connection, seen.intent)
        await DisputeMirrorRepository(connection).write(charged, _in_our_words(seen))
        for movement in sorted(seen.balance_transactions, key=lambda row: row.id):
            await Ledger(connection).post(postings.dispute(sale_of(charged), movement))
        await follow(connection, charged)
        return PROCESSED


class WarningMirror:
    """Writes what networks suspect; no money moves, and nothing closes."""

    def __init__(self, payments: StripePayments) -> None:
        self._payments = payments

    async def look(self, object_id: str) -> FraudWarning:
        """Return a warning with its payment."""
        return await self._payments.warning(object_id)

    async def write(self, connection: Connection, seen: FraudWarning) -> Verdict:
        """Write a warning beside the disputes, for its owner to give money back."""
        charged = await held_charge(connection, seen.payment_intent, seen.charge)
        if charged is None:
            return await of_unknown(connection, seen.intent)
        warning = SeenDispute(
            stripe_dispute_id=seen.id,
            amount_minor=charged.amount_minor,
            currency=charged.currency,
            reason=seen.fraud_type,
            status=DisputeStatus.EARLY_WARNING,
            opened_at=seen.created,
        )
        await DisputeMirrorRepository(connection).write(charged, warning)
        return PROCESSED


def _in_our_words(seen: Dispute) -> SeenDispute:
    details = seen.evidence_details
    return SeenDispute(
        stripe_dispute_id=seen.id,
        amount_minor=seen.amount,
        currency=seen.currency,
        reason=seen.reason,
        status=status_of(seen.status),
        evidence_due_at=details.due_by if details else None,
        is_submitted=bool(details and details.submission_count),
        opened_at=seen.created,
    )
