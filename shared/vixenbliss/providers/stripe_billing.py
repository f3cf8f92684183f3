"""Stripe's subscriptions and their invoices."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vixenbliss.errors import ProviderRefusedError
from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_shapes import (
    Invoice,
    Page,
    PaymentOfInvoice,
    Subscription,
)

if TYPE_CHECKING:  # of the SDK's three megabytes of types nothing runs
    from stripe.params import SubscriptionUpdateParams


@dataclass(frozen=True, slots=True)
class Farewell:
    """Under which key a subscription is to end, and what its owner says."""

    key: str
    feedback: str | None
    comment: str | None

    @property
    def details(self) -> Any:  # noqa: ANN401 - Stripe's two calls name one shape twice
        """Return what is said, as Stripe is told."""
        said = {"feedback": self.feedback, "comment": self.comment}
        return {name: word for name, word in said.items() if word}


@dataclass(frozen=True, slots=True)
class PriceChange:
    """Another price for what is subscribed to."""

    item_id: str
    price: str
    is_now: bool


class StripeBilling:
    """The subscriptions of the platform's account; reads raise as ``Stripe.call``."""

    def __init__(self, stripe: Stripe) -> None:
        self._stripe = stripe

    async def subscription(self, subscription_id: str) -> Subscription:
        """Return a subscription."""
        return await self._stripe.call(
            lambda client: client.v1.subscriptions.retrieve_async(subscription_id),
            Subscription,
        )

    async def invoice(self, invoice_id: str) -> Invoice:
        """Return an invoice with its payments."""
        return await self._stripe.call(
            lambda client: client.v1.invoices.retrieve_async(
                invoice_id, {"expand": ["payments"]}
            ),
            Invoice,
        )

    async def invoice_paid_by(self, payment_id: str) -> Invoice | None:
        """Return the invoice that a payment is for; None if it is for none.

        Since basil neither of the two names the other.
        """
        page = await self._stripe.call(
            lambda client: client.v1.invoice_payments.list_async(
                {
                    "payment": {"type": "payment_intent", "payment_intent": payment_id},
                    "expand": ["data.invoice"],
                    "limit": 1,
                }
            ),
            Page[PaymentOfInvoice],
        )
        return page.data[0].invoice if page.data else None

    async def cancel(self, subscription_id: str, ask: Farewell) -> Subscription:
        """End a subscription now; what is paid stays paid.

        Stripe replays no DELETE for certain, so one that is over already is looked at.

        Raises:
            ProviderError: see ``Stripe.call``.
        """
        try:
            return await self._stripe.call(
                lambda client: client.v1.subscriptions.cancel_async(
                    subscription_id,
                    {"cancellation_details": ask.details},
                    {"idempotency_key": ask.key},
                ),
                Subscription,
                effect=True,
            )
        except ProviderRefusedError:
            found = await self.subscription(subscription_id)
            if found.status != "canceled":
                raise
            return found

    async def end_with_period(
        self, subscription_id: str, ask: Farewell
    ) -> Subscription:
        """Let a subscription end when what is paid for ends.

        Raises:
            ProviderError: see ``Stripe.call``; ask again, it is the same.
        """
        return await self._update(
            subscription_id,
            {"cancel_at_period_end": True, "cancellation_details": ask.details},
            ask.key,
        )

    async def go_on(self, subscription_id: str, *, key: str) -> Subscription:
        """Let a subscription that was to end with its period be renewed after all.

        Who ends it in the portal sets a date, which is taken back in words of its own
        (docs.stripe.com/billing/subscriptions/billing-mode/compare).

        Raises:
            ProviderError: see ``Stripe.call``; ask again, it is the same.
        """
        found = await self.subscription(subscription_id)
        if found.cancel_at and not found.cancel_at_period_end:
            return await self._update(subscription_id, {"cancel_at": ""}, f"{key}:date")
        return await self._update(subscription_id, {"cancel_at_period_end": False}, key)

    async def switch(
        self, subscription_id: str, to: PriceChange, *, key: str
    ) -> Subscription:
        """Let another price be paid: charged now by the difference, or at renewal.

        A charge now has to succeed now, or nothing changes.

        Raises:
            ProviderRefusedError: with status 402, the charge did not succeed.
            ProviderError: see ``Stripe.call``; ask again, it is the same.
        """
        told: SubscriptionUpdateParams = {
            "items": [{"id": to.item_id, "price": to.price}],
            "proration_behavior": "none",
        }
        if to.is_now:
            told["proration_behavior"] = "always_invoice"
            told["payment_behavior"] = "error_if_incomplete"
        return await self._update(subscription_id, told, key)

    async def preview(
        self, subscription_id: str, customer: str, to: PriceChange
    ) -> Invoice:
        """Return the invoice that switching now would bring.

        Raises:
            ProviderError: see ``Stripe.call``.
        """
        return await self._stripe.call(
            lambda client: client.v1.invoices.create_preview_async(
                {
                    "customer": customer,
                    "subscription": subscription_id,
                    "subscription_details": {
                        "items": [{"id": to.item_id, "price": to.price}],
                        "proration_behavior": "always_invoice",
                    },
                }
            ),
            Invoice,
        )

    async def _update(
        self, subscription_id: str, told: "SubscriptionUpdateParams", key: str
    ) -> Subscription:
        return await self._stripe.call(
            lambda client: client.v1.subscriptions.update_async(
                subscription_id, told, {"idempotency_key": key}
            ),
            Subscription,
            effect=True,
        )
