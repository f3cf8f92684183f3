"""Orders and refunds, as the outside sees them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from vixenbliss.models.orders import (
    OrderReason,
    OrderStatus,
    PaymentStatus,
    RefundReason,
    RefundStatus,
)
from vixenbliss.money import MOST_CHARGED_MINOR
from vixenbliss.schemas.base import Flag, Input, Output


def spelled(number: object) -> object:
    """Return an order's number as people write it: VB-100001."""
    return f"VB-{number}" if isinstance(number, int) else number


OrderNumber = Annotated[str, BeforeValidator(spelled)]


class OrderRead(Output):
    """A sale; amounts are in the currency's smallest unit."""

    id: UUID
    number: OrderNumber
    workspace_id: UUID
    avatar_id: UUID | None
    customer_id: UUID
    subscription_id: UUID | None
    """Of a membership's invoice."""
    reason: OrderReason
    status: OrderStatus
    subtotal_minor: int
    discount_minor: int
    tax_minor: int
    total_minor: int
    refunded_minor: int
    currency: str
    paid_at: datetime | None
    created_at: datetime


class OrderLineRead(Output):
    """What was sold, as it was called and priced then."""

    product_id: UUID | None
    price_id: UUID | None
    label: str
    quantity: int
    total_minor: int


SUSPICIONS = frozenset(
    {"fraudulent", "lost_card", "merchant_blacklist", "pickup_card", "stolen_card"}
)
"""Of what banks suspect their customers, Stripe wants nobody told
(docs.stripe.com/declines/codes)."""


def _discreetly(code: object) -> object:
    return "generic_decline" if code in SUSPICIONS else code


DeclineCode = Annotated[str | None, BeforeValidator(_discreetly)]
"""Why a card was declined, in Stripe's words, or in none in particular."""


class PaymentRead(Output):
    """A payment, or what was to be one."""

    id: UUID
    status: PaymentStatus
    amount_minor: int
    currency: str
    decline_code: DeclineCode
    receipt_url: str | None
    created_at: datetime


class RefundRead(Output):
    """Money given back, or on its way."""

    id: UUID
    order_id: UUID
    amount_minor: int
    currency: str
    reason: RefundReason
    revoke_access: bool
    status: RefundStatus
    error_code: str | None
    created_at: datetime


class OrderWithParts(OrderRead):
    """A sale, and all that has become of it."""

    lines: list[OrderLineRead]
    payments: list[PaymentRead]
    refunds: list[RefundRead]
    receipt_url: str | None
    """Stripe's receipt of what was paid."""


class RefundCreate(Input):
    """Money to be given back: the whole rest, unless an amount is named."""

    amount_minor: Annotated[int, Field(ge=1, le=MOST_CHARGED_MINOR)] | None = None
    reason: RefundReason
    revoke_access: Flag
    """Whether what the order has opened closes as soon as the money is on its way."""
