"""Subscriptions, as whoever pays them, and whoever is paid, sees them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from vixenbliss.models.catalogue import Interval
from vixenbliss.models.subscriptions import SubscriptionStatus
from vixenbliss.money import Currency
from vixenbliss.schemas.base import NFC, Input, Output, text
from vixenbliss.schemas.checkouts import PageUrl

CancelComment = Annotated[str, text(at_least=1, at_most=500), NFC]


class PriceSubscribed(Output):
    """What is paid by the interval."""

    id: UUID
    amount_minor: int
    currency: Currency
    interval: Interval


class SubscriptionRead(Output):
    """A subscription."""

    id: UUID
    workspace_id: UUID
    avatar_id: UUID | None
    user_id: int
    """Who pays."""
    product_id: UUID
    product_name: str
    price: PriceSubscribed
    pending_price: PriceSubscribed | None
    """What is paid from the next renewal on, if that is something else."""
    status: SubscriptionStatus
    current_period_start: datetime
    current_period_end: datetime
    trial_end: datetime | None
    cancel_at_period_end: bool
    canceled_at: datetime | None
    ended_at: datetime | None
    grace_until: datetime | None
    """Until when it opens what it opens although the last payment failed."""
    created_at: datetime


class CancelAt(StrEnum):
    """When a subscription is to end."""

    PERIOD_END = "period_end"
    NOW = "now"


class CancelReason(StrEnum):
    """Why; Stripe's words (Subscription, cancellation_details.feedback)."""

    CUSTOMER_SERVICE = "customer_service"
    LOW_QUALITY = "low_quality"
    MISSING_FEATURES = "missing_features"
    OTHER = "other"
    SWITCHED_SERVICE = "switched_service"
    TOO_COMPLEX = "too_complex"
    TOO_EXPENSIVE = "too_expensive"
    UNUSED = "unused"


class Cancellation(Input):
    """The wish to end a subscription; nothing is paid back."""

    at: CancelAt
    reason: CancelReason | None = None
    comment: CancelComment | None = None


class ChangeWanted(Input):
    """The wish to pay another price, of this or another membership of the avatar."""

    price_id: UUID


class Effective(StrEnum):
    """When a change takes effect."""

    NOW = "now"
    RENEWAL = "renewal"


class ChangeRead(Output):
    """When a change takes effect, and what is to be paid for it then and there."""

    effective: Effective
    amount_due: int | None
    """In the currency's smallest unit; None where Stripe has not said it."""
    currency: Currency
    at: datetime


class PortalCreate(Input):
    """The wish to look after what one pays, at Stripe."""

    return_url: PageUrl


class PortalCreated(Output):
    """A page of Stripe's, good for one visit."""

    url: str
