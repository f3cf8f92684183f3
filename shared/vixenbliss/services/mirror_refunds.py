"""Refunds as Stripe has them: ``re_`` and ``pyr_``, ours and the dashboard's."""

from vixenbliss.database import Connection
from vixenbliss.models.orders import RefundReason, RefundStatus
from vixenbliss.providers.stripe_payments import StripePayments
from vixenbliss.providers.stripe_shapes import BalanceTransaction, Refund
from vixenbliss.repositories.charges import ChargedPayment
from vixenbliss.repositories.refund_mirrors import (
    AdoptedRefund,
    MirroredRefund,
    RefundMirrorRepository,
)
from vixenbliss.services import postings
from vixenbliss.services.charges import follow, held_charge, of_unknown, sale_of
from vixenbliss.services.ledger import Ledger
from vixenbliss.services.mirrors import PROCESSED, Verdict, named

_STATUS = {
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.CANCELED,
}
"""Stripe's words; all others mean that it is on its way."""
_REASON = {
    "duplicate": RefundReason.DUPLICATE,
    "fraudulent": RefundReason.FRAUDULENT,
    "requested_by_customer": RefundReason.CUSTOMER_REQUEST,
}


class RefundMirror:
    """Writes refunds as they stand at Stripe."""

    def __init__(self, payments: StripePayments) -> None:
        self._payments = payments

    async def look(self, object_id: str) -> Refund:
        """Return a refund with its movements and its payment."""
        return await self._payments.refund(object_id)

    async def write(self, connection: Connection, seen: Refund) -> Verdict:
        """Write a refund, what it does to its order, and its entries in the books.

        Metadata say which row it is only among those of its own payment; what names
        none is adopted. Each movement is booked once, by its id.
        """
        charged = await held_charge(connection, seen.payment_intent, seen.charge)
        if charged is None:
            return await of_unknown(connection, seen.intent)
        rows = RefundMirrorRepository(connection)
        refund = await rows.lock(
            seen.id, named=named(seen.metadata, "refund_id"), payment_id=charged.id
        ) or await _adopt(rows, charged, seen)
        await rows.write(
            refund,
            stripe_refund_id=seen.id,
            status=status_after(refund, seen.status),
            error_code=seen.failure_reason,
        )
        await _book(connection, charged, refund, seen)
        await follow(connection, charged)
        return PROCESSED


def status_after(refund: MirroredRefund, word: str | None) -> RefundStatus:
    """Return what a refund is when Stripe says this word of it.

    What has ended stays so, save that what has succeeded may fail days later. What we
    have given up by ourselves, Stripe may have made all the same.
    """
    told = _STATUS.get(word or "", RefundStatus.PENDING)
    is_open = refund.status is RefundStatus.PENDING or refund.stripe_refund_id is None
    fails = refund.status is RefundStatus.SUCCEEDED and told is RefundStatus.FAILED
    return told if is_open or fails else refund.status


async def _adopt(
    rows: RefundMirrorRepository, charged: ChargedPayment, seen: Refund
) -> MirroredRefund:
    """Store a refund of the dashboard's; access goes with the last of the money."""
    left_minor = charged.total_minor - await rows.held_minor(charged.order_id)
    return await rows.adopt(
        AdoptedRefund(
            order_id=charged.order_id,
            payment_id=charged.id,
            stripe_refund_id=seen.id,
            amount_minor=seen.amount,
            currency=seen.currency,
            reason=_REASON.get(seen.reason or "", RefundReason.OTHER),
            revoke_access=seen.amount >= left_minor,
        )
    )


async def _book(
    connection: Connection,
    charged: ChargedPayment,
    refund: MirroredRefund,
    seen: Refund,
) -> None:
    """Write down the money's way out, and its way back if it could not be delivered.

    The tax of a part depends on what else has gone by then. The customer's row is held,
    so no other refund is booked in between.
    """
    rows = RefundMirrorRepository(connection)
    ledger, sale = Ledger(connection), sale_of(charged)
    parts = {
        "refunded_before_minor": await rows.booked_minor(
            charged.order_id, besides=refund.id
        ),
        "amount_minor": seen.amount,
    }
    went = _booked(seen.balance_transaction)
    back = _booked(seen.failure_balance_transaction)
    if went and not refund.balance_transaction_id:
        await rows.went(refund.id, went.id)
        await ledger.post(postings.refund(sale, went, **parts))
    if went and back and not refund.failure_balance_transaction_id:
        await rows.came_back(refund.id, back.id)
        await ledger.post(postings.refund_failure(sale, back, **parts))


def _booked(movement: BalanceTransaction | str | None) -> BalanceTransaction | None:
    """Return a movement that Stripe has made and shown us whole."""
    return movement if isinstance(movement, BalanceTransaction) else None
