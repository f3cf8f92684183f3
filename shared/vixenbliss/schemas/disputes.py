"""Disputes and what is said in them, as the outside sees it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from vixenbliss.models.catalogue import BenefitKind
from vixenbliss.models.disputes import DisputeStatus
from vixenbliss.schemas.base import NFC, Flag, Input, Output, text
from vixenbliss.schemas.orders import OrderNumber, OrderWithParts

MOST_FILES = 10
REFUND_POLICY = (
    "Whoever asks the creator for a refund of something that did not open, was charged"
    " twice or was bought by mistake is given the money back by the way that it came."
    " Memberships are cancelled by their owner at any time, for the end of the period"
    " that is paid for; what has been paid for stays open until then."
)
"""What every buyer is told of refunds."""
Words = Annotated[str, text(at_least=1, at_most=10_000), NFC]


class DisputeRead(Output):
    """A payment that its payer takes back, or may."""

    id: UUID
    order_id: UUID
    number: OrderNumber
    """Of its order."""
    avatar_id: UUID | None
    amount_minor: int
    currency: str
    reason: str | None
    status: DisputeStatus
    evidence_due_at: datetime | None
    """Until when the bank takes evidence."""
    submitted_at: datetime | None
    """When evidence was sent to the bank, which it is once."""
    opened_at: datetime


class AccessRead(Output):
    """A right that the payment has given."""

    kind: BenefitKind
    ref: str
    name: str
    starts_at: datetime
    ends_at: datetime | None
    revoked_at: datetime | None
    revoke_reason: str | None


class BuyerRead(Output):
    """Who has paid."""

    email: str
    signed_up_at: datetime


class EvidenceRead(Output):
    """What our own records say of a disputed payment."""

    order: OrderWithParts
    buyer: BuyerRead
    access_log: list[AccessRead]
    disclosure: str | None
    """How the avatar presented itself as made by a machine when the order was made."""
    refund_policy: str = REFUND_POLICY
    sent: dict[str, Any]
    """What Stripe has been told, field by field."""


class DisputeWithEvidence(DisputeRead):
    """A dispute, and what can be said in it."""

    evidence: EvidenceRead


class EvidenceCreate(Input):
    """What is to be said besides what our records say."""

    text: Words | None = None
    asset_ids: Annotated[list[UUID], Field(max_length=MOST_FILES)] = Field(
        default_factory=list
    )
    """Files of the workspace that are named with their hashes."""
    submit: Flag
    """Whether it goes to the bank now, for good, or is only laid down."""
