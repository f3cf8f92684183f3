"""Stripe: payments, what is given back of them, and what payers take back."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast
from uuid import UUID

from vixenbliss.models.orders import RefundReason
from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_shapes import (
    Charge,
    Dispute,
    FraudWarning,
    Page,
    PaymentIntent,
    Refund,
)

if TYPE_CHECKING:  # of the SDK's three megabytes of types nothing runs
    from stripe.params import DisputeUpdateParamsEvidence, RefundCreateParams

MOST_ROWS = 100  # docs.stripe.com/api/pagination
_REASON = {
    RefundReason.DUPLICATE: "duplicate",
    RefundReason.FRAUDULENT: "fraudulent",
}
"""Stripe knows three words; whatever is neither was asked for by the customer."""
_OF_REFUND = ["balance_transaction", "failure_balance_transaction", "payment_intent"]


class StripePayments:
    """Payments of the platform's account.

    Every method raises what ``Stripe.call`` raises.
    """

    def __init__(self, stripe: Stripe) -> None:
        self._stripe = stripe

    async def payment(self, payment_id: str) -> PaymentIntent:
        """Return a payment with its last charge, and what that moved if it has."""
        return await self._stripe.call(
            lambda client: client.v1.payment_intents.retrieve_async(
                payment_id, {"expand": ["latest_charge.balance_transaction"]}
            ),
            PaymentIntent,
        )

    async def charge(self, charge_id: str) -> Charge:
        """Return a charge with what it moved, if it has."""
        return await self._stripe.call(
            lambda client: client.v1.charges.retrieve_async(
                charge_id, {"expand": ["balance_transaction"]}
            ),
            Charge,
        )

    async def refund(self, refund_id: str) -> Refund:
        """Return a refund with its movements and its payment."""
        return await self._stripe.call(
            lambda client: client.v1.refunds.retrieve_async(
                refund_id, {"expand": list(_OF_REFUND)}
            ),
            Refund,
        )

    async def refunds_of(self, intent_id: str) -> list[Refund]:
        """Return the newest refunds of a payment, a hundred at most."""
        wanted = [f"data.{field}" for field in _OF_REFUND]
        page = await self._stripe.call(
            lambda client: client.v1.refunds.list_async(
                {"payment_intent": intent_id, "limit": MOST_ROWS, "expand": wanted}
            ),
            Page[Refund],
        )
        return page.data

    async def give_back(
        self,
        refund_id: UUID,
        intent_id: str,
        *,
        amount_minor: int,
        reason: RefundReason,
    ) -> Refund:
        """Have a refund of ours made, once for its id; return it as it first was."""
        wanted: RefundCreateParams = {
            "payment_intent": intent_id,
            "amount": amount_minor,
            "reason": _REASON.get(reason, "requested_by_customer"),
            "metadata": {"refund_id": str(refund_id)},
            "expand": list(_OF_REFUND),
        }
        return await self._stripe.call(
            lambda client: client.v1.refunds.create_async(
                wanted, {"idempotency_key": f"refund:{refund_id}"}
            ),
            Refund,
            effect=True,
        )

    async def dispute(self, dispute_id: str) -> Dispute:
        """Return a dispute with its movements and its payment."""
        return await self._stripe.call(
            lambda client: client.v1.disputes.retrieve_async(
                dispute_id, {"expand": ["payment_intent"]}
            ),
            Dispute,
        )

    async def contest(
        self, dispute_id: str, fields: Mapping[str, str], *, submit: bool, key: str
    ) -> Dispute:
        """Lay evidence down in a dispute; ``submit`` sends it to the bank, for good.

        Under one key it is spelled alike each time, in whatever order fields come.
        """
        spelled = dict(sorted(fields.items()))
        evidence = cast("DisputeUpdateParamsEvidence", spelled)
        return await self._stripe.call(
            lambda client: client.v1.disputes.update_async(
                dispute_id,
                {"evidence": evidence, "submit": submit},
                {"idempotency_key": key},
            ),
            Dispute,
            effect=True,
        )

    async def warning(self, warning_id: str) -> FraudWarning:
        """Return a network's early warning of fraud, with its payment."""
        return await self._stripe.call(
            lambda client: client.v1.radar.early_fraud_warnings.retrieve_async(
                warning_id, {"expand": ["payment_intent"]}
            ),
            FraudWarning,
        )
