"""What people hold, as the outside sees it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from vixenbliss.models.catalogue import BenefitKind, Interval, ProductKind
from vixenbliss.models.grants import GrantSource
from vixenbliss.schemas.base import NFC, Input, Instant, Output, line
from vixenbliss.schemas.users import Email

Ref = Annotated[str, line(at_least=1, at_most=64), NFC]
"""Which of its kind a benefit is: a tier's name, or the id of the thing."""


class BenefitHeld(Output):
    """What a grant opens."""

    id: UUID
    workspace_id: UUID
    kind: BenefitKind
    ref: str
    name: str


class GrantRead(Output):
    """The right to open something; without an end it lasts as long as its source."""

    id: UUID
    benefit: BenefitHeld
    source_type: GrantSource
    source_id: UUID
    """The subscription or the order; of a comp, the grant itself."""
    starts_at: datetime
    ends_at: datetime | None


class GrantTold(GrantRead):
    """A grant as it stood at an instant, with how it was ended."""

    is_live: bool
    revoked_at: datetime | None
    revoke_reason: str | None


class GrantExplained(GrantRead):
    """A grant, live or past, with the reason in plain words why it is not live."""

    is_live: bool
    revoked_at: datetime | None
    why: str | None


class OfferPrice(Output):
    """What an offer costs; a membership's is paid again at each interval."""

    price_id: UUID
    amount_minor: int
    currency: str
    interval: Interval | None
    trial_days: int


class Offer(Output):
    """A product for sale."""

    product_id: UUID
    avatar_id: UUID | None
    kind: ProductKind
    name: str
    prices: list[OfferPrice]


class Explanation(Output):
    """Whether something is held, and why or why not."""

    held: bool
    at: datetime
    grants: list[GrantExplained]
    """All that there have been, the latest first."""
    missing: list[str]
    """What would have to be held, in plain words; nothing if it is."""
    offers: list[Offer]
    """What is for sale that would give it; nothing if it is held."""


class CompCreate(Input):
    """A present: the right to open something, without paying."""

    email: Email
    benefit_id: UUID
    ends_at: Instant | None = None


class CompRevoke(Input):
    """Why a present is taken back; whoever had it is told."""

    reason: Annotated[str, line(at_least=1, at_most=60), NFC]
