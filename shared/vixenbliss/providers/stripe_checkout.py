"""Stripe's pages on which fans pay, and on which they look after what they pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_shapes import CheckoutSession, PortalSession

if TYPE_CHECKING:  # of the SDK's three megabytes of types nothing runs
    from stripe.params.checkout import (
        SessionCreateParams,
        SessionCreateParamsLineItem,
        SessionCreateParamsSubscriptionData,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A line of a page; without a price of Stripe's, a product at an amount."""

    price: str | None
    product: str | None
    unit_minor: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that Stripe is told of a page on which a checkout is paid."""

    checkout_id: UUID
    mode: Literal["subscription", "payment"]
    customer: str
    lines: Sequence[Sold]
    currency: str
    trial_days: int
    success_url: str
    cancel_url: str
    expires_at: datetime


class StripeCheckout:
    """The checkout sessions of the platform's account."""

    def __init__(self, stripe: Stripe) -> None:
        self._stripe = stripe

    async def session(self, session_id: str) -> CheckoutSession:
        """Return a session with its payment, where it has one.

        Raises:
            ProviderError: see ``Stripe.call``.
        """
        return await self._stripe.call(
            lambda client: client.v1.checkout.sessions.retrieve_async(
                session_id, {"expand": ["payment_intent"]}
            ),
            CheckoutSession,
        )

    async def open(self, page: Page) -> CheckoutSession:
        """Open the page, once per checkout.

        The checkout's id is on the session and on what becomes of it: neither a
        subscription nor a payment inherits a session's metadata.

        Raises:
            ProviderError: see ``Stripe.call``; ask again, it stays one page.
        """
        told, key = _told(page), f"checkout:{page.checkout_id}"
        return await self._stripe.call(
            lambda client: client.v1.checkout.sessions.create_async(
                told, {"idempotency_key": key}
            ),
            CheckoutSession,
            effect=True,
        )

    async def expire(self, checkout_id: UUID, session_id: str) -> CheckoutSession:
        """Close a page that nobody has paid on.

        Raises:
            ProviderRefusedError: it is paid, or closed already.
            ProviderError: see ``Stripe.call``.
        """
        key = f"checkout:{checkout_id}:expire"
        return await self._stripe.call(
            lambda client: client.v1.checkout.sessions.expire_async(
                session_id, {}, {"idempotency_key": key}
            ),
            CheckoutSession,
            effect=True,
        )

    async def portal(self, customer: str, return_url: str) -> str:
        """Return a page, good for one visit, on which a customer sees their payments.

        Raises:
            ProviderError: see ``Stripe.call``; nothing is lost but a page.
        """
        made = await self._stripe.call(
            lambda client: client.v1.billing_portal.sessions.create_async(
                {"customer": customer, "return_url": return_url}
            ),
            PortalSession,
        )
        return made.url


def _told(page: Page) -> "SessionCreateParams":
    metadata = {"checkout_id": str(page.checkout_id)}
    told: SessionCreateParams = {
        "mode": page.mode,
        "customer": page.customer,
        "client_reference_id": str(page.checkout_id),
        "line_items": [_item(line, page.currency) for line in page.lines],
        "success_url": page.success_url,
        "cancel_url": page.cancel_url,
        "expires_at": int(page.expires_at.timestamp()),
        "metadata": metadata,
    }
    if page.mode == "payment":
        told["payment_intent_data"] = {"metadata": metadata}
        return told
    subscribed: SessionCreateParamsSubscriptionData = {"metadata": metadata}
    if page.trial_days:
        subscribed["trial_period_days"] = page.trial_days
    told["subscription_data"] = subscribed
    return told


def _item(line: Sold, currency: str) -> "SessionCreateParamsLineItem":
    if line.price:
        return {"price": line.price, "quantity": line.quantity}
    return {
        "price_data": {
            "currency": currency,
            "product": line.product or "",
            "unit_amount": line.unit_minor,
        },
        "quantity": line.quantity,
    }
