"""What Stripe says has happened, stored once and answered at once.

An event is a doorbell (decision 8): what matters of it is which object to look at. So
the object of a charge's event is its payment, and that of an invoice to come, which has
no name yet, its subscription. Nobody asks Stripe here.
"""

from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from vixenbliss.database import Connection
from vixenbliss.errors import ValidationError as InvalidReportError
from vixenbliss.ids import new_id
from vixenbliss.jobs.messages import apply
from vixenbliss.models.webhook_events import WebhookSource, WebhookStatus
from vixenbliss.providers.stripe_shapes import Event
from vixenbliss.repositories.webhook_events import (
    Delivery,
    WebhookEventRepository,
    storable,
)
from vixenbliss.services.outbox import Outbox

PATIENCE = timedelta(minutes=3)
"""How long an event may be silent before the sweep rings for it again."""
UPCOMING = "upcoming:"
"""Begins the name of what a renewal ahead is about: a subscription's invoice to be."""
MAX_NAME = 255

_OF_THEMSELVES = frozenset(
    {
        "charge.dispute.closed",
        "charge.dispute.created",
        "charge.dispute.funds_reinstated",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.refund.updated",
        "checkout.session.async_payment_failed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.completed",
        "checkout.session.expired",
        "customer.deleted",
        "customer.subscription.created",
        "customer.subscription.deleted",
        "customer.subscription.paused",
        "customer.subscription.pending_update_applied",
        "customer.subscription.pending_update_expired",
        "customer.subscription.resumed",
        "customer.subscription.trial_will_end",
        "customer.subscription.updated",
        "invoice.finalized",
        "invoice.marked_uncollectible",
        "invoice.paid",
        "invoice.payment_action_required",
        "invoice.payment_failed",
        "invoice.payment_succeeded",
        "invoice.updated",
        "invoice.voided",
        "payment_intent.canceled",
        "payment_intent.payment_failed",
        "payment_intent.processing",
        "payment_intent.requires_action",
        "payment_intent.succeeded",
        "payout.canceled",
        "payout.created",
        "payout.failed",
        "payout.paid",
        "payout.reconciliation_completed",
        "payout.updated",
        "price.deleted",
        "price.updated",
        "product.deleted",
        "product.updated",
        "radar.early_fraud_warning.created",
        "radar.early_fraud_warning.updated",
        "refund.created",
        "refund.failed",
        "refund.updated",
    }
)
"""Events after which their own object is looked at."""
_OF_PAYMENTS = frozenset(
    {
        "charge.captured",
        "charge.expired",
        "charge.failed",
        "charge.pending",
        "charge.refunded",
        "charge.succeeded",
        "charge.updated",
    }
)
"""Events of charges, which are looked at through their payments."""


class StripeEvents:
    """Takes Stripe's events in, whoever brings them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._events = WebhookEventRepository(connection)

    async def take(self, payload: dict[str, Any]) -> bool:
        """Store an event and ring for its object; False, and nothing, if it is known.

        The message leaves with the transaction that stores the event.

        Raises:
            InvalidReportError: it is signed, and yet no event.
        """
        kept, event = _read(payload)
        object_id = object_of(kept, event)
        event_id = new_id()
        stored = await self._events.store(
            Delivery(
                id=event_id,
                source=WebhookSource.STRIPE,
                external_id=event.id,
                event_type=event.type,
                subject_id=None,
                provider_object_id=object_id,
                payload=kept,
                occurred_at=event.created,
                status=WebhookStatus.RECEIVED if object_id else WebhookStatus.IGNORED,
                check_in=PATIENCE if object_id else None,
            )
        )
        if stored and object_id:
            await Outbox(self._connection).send(apply(event_id, "told"))
        return stored


def _read(payload: dict[str, Any]) -> tuple[dict[str, Any], Event]:
    try:
        kept = storable(payload)
        return kept, Event.model_validate(kept)
    except (ValidationError, RecursionError) as error:
        message = "The body is not an event."
        raise InvalidReportError(message) from error


def object_of(payload: dict[str, Any], event: Event) -> str | None:
    """Return the name of what is to be looked at; None if the event is of no use to us.

    So are those of other accounts, which an endpoint for Connect would tell us.
    """
    if payload.get("account"):
        return None
    told = event.data.object
    if event.type in _OF_THEMSELVES:
        return _name(told.get("id"))
    if event.type in _OF_PAYMENTS:
        return _name(told.get("payment_intent")) or _name(told.get("id"))
    if event.type == "invoice_payment.paid":
        return _name(told.get("invoice"))
    if event.type == "invoice.upcoming":
        return _name(_subscription_of(told), UPCOMING)
    return None


def _name(told: object, prefix: str = "") -> str | None:
    """Return an id as it may be kept; None for whatever else is told in its place."""
    if isinstance(told, dict):  # expanded
        told = told.get("id")
    is_name = isinstance(told, str) and 0 < len(told) <= MAX_NAME - len(prefix)
    return f"{prefix}{told}" if is_name else None


def _subscription_of(invoice: dict[str, Any]) -> object:
    """Return which subscription an invoice is of, as told since basil or before."""
    parent = invoice.get("parent")
    details = parent.get("subscription_details") if isinstance(parent, dict) else None
    if isinstance(details, dict):
        return details.get("subscription")
    return invoice.get("subscription")
