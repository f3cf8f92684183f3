"""Avatars, their sheets and attestations, as the outside sees them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, ValidationInfo, field_validator

from vixenbliss.models.avatars import AttestationBasis, AvatarStatus
from vixenbliss.models.policy import Verdict
from vixenbliss.schemas.base import (
    NFC,
    UNSENT,
    Input,
    Language,
    Output,
    Reason,
    line,
    text,
)

AvatarName = Annotated[str, line(at_least=3, at_most=50), NFC]
Nicho = Annotated[str, line(at_least=3, at_most=80), NFC]
Aesthetic = Annotated[str, line(at_least=1, at_most=120), NFC]
Bio = Annotated[str, text(at_most=500), NFC]


class AvatarCreate(Input):
    """A new avatar. Source 000 names the look both ways; one of them must be sent."""

    avatar_name: AvatarName
    nicho: Nicho
    aesthetic_style: Aesthetic | None = None
    aesthetic: Aesthetic | None = Field(default=None, validate_default=True)

    @field_validator("aesthetic")
    @classmethod
    def _one_name_for_the_look(
        cls, aesthetic: str | None, info: ValidationInfo
    ) -> str | None:
        style = info.data.get("aesthetic_style", "of which is wrong already")
        if (aesthetic is None) == (style is None):
            message = "send either aesthetic or aesthetic_style"
            raise ValueError(message)
        return aesthetic

    @property
    def look(self) -> str:
        """The look, under whichever name it came."""
        return self.aesthetic or self.aesthetic_style or ""


class AvatarUpdate(Input):
    """What may change about an avatar; what is left out stays, null empties."""

    avatar_name: AvatarName = UNSENT
    nicho: Nicho = UNSENT
    aesthetic: Aesthetic = UNSENT
    bio: Bio | None = UNSENT


class AvatarCreated(Output):
    """The two keys that source 000 promises."""

    avatar_id: UUID
    status: Literal["created"] = "created"


class AvatarCreatedBySample(Output):
    """The one key of source 000's sample."""

    avatar_id: UUID


class AvatarStats(Output):
    """What has been made for an avatar so far."""

    jobs: int
    assets: int
    pieces: int
    spent_this_month_micros: int
    held_this_month_micros: int


class AvatarRead(Output):
    """An avatar."""

    id: UUID
    avatar_name: str
    nicho: str
    aesthetic: str
    bio: str | None
    status: AvatarStatus
    current_sheet_version: int
    monthly_budget_minor: int | None
    budget_currency: str
    version: int
    created_at: datetime
    updated_at: datetime


class AvatarDetail(AvatarRead):
    """An avatar, its figures, and what the policy gate says of its description."""

    profile_verdict: Verdict | None
    is_attested: bool
    stats: AvatarStats


class AvatarStateChange(Input):
    """Why an avatar rests."""

    reason: Reason | None = None


class AvatarArchived(Output):
    """What ended with the avatar."""

    id: UUID
    status: Literal[AvatarStatus.ARCHIVED] = AvatarStatus.ARCHIVED
    cancelled_jobs: int


class BudgetUpdate(Input):
    """What an avatar may cost in a calendar month (UTC)."""

    monthly_budget_minor: Annotated[int, Field(ge=0, le=100_000_000)]
    currency: Literal["usd"] = "usd"


Phrase = Annotated[str, line(at_least=1, at_most=200), NFC]
Phrases = Annotated[list[Phrase], Field(max_length=12)]


class Appearance(Input):
    """How the avatar looks; every image's prompt begins with it."""

    summary: Annotated[str, line(at_least=10, at_most=400), NFC]
    hair: Phrase | None = None
    eyes: Phrase | None = None
    wardrobe: Phrases = Field(default_factory=list)
    marks: Phrases = Field(default_factory=list)
    """Freckles, glasses, a scar: what makes the face recognisable."""


class Voice(Input):
    """How the avatar writes."""

    tone: Phrase
    languages: Annotated[list[Language], Field(min_length=1, max_length=5)]
    topics: Phrases = Field(default_factory=list)
    avoid: Phrases = Field(default_factory=list)


class Sheet(Input):
    """Who an avatar is: an adult, and openly a machine.

    There is no field for explicitness and none for playing with anybody's feelings.
    """

    fictional_age: Annotated[int, Field(ge=18, le=99)]
    appearance: Appearance
    voice: Voice
    backstory: Annotated[str, text(at_most=2_000), NFC] = ""
    disclosure: Annotated[str, line(at_least=10, at_most=200), NFC]
    """How the avatar says that it is AI, in its own words."""


class SheetUpdate(Input):
    """A new version, made from the version that the editor saw."""

    sheet: Sheet
    base_version: Annotated[int, Field(ge=0, lt=2**31)]


class SheetRead(Output):
    """A version of the sheet."""

    version: int
    sheet: Sheet
    field_origins: dict[str, int]
    """Each field's dotted path to the version in which it got its value."""
    created_at: datetime


class SheetChange(Output):
    """One field that differs between two versions; None where it is not there."""

    path: str
    before: object
    after: object


class SheetDiff(Output):
    """What differs between two versions."""

    changes: list[SheetChange]


class AttestationCreate(Input):
    """Somebody's word on whose likeness this is."""

    basis: AttestationBasis
    evidence_asset_id: UUID | None = None
    expires_at: AwareDatetime | None = None


class AttestationRead(Output):
    """An attestation."""

    id: UUID
    basis: AttestationBasis
    evidence_asset_id: UUID | None
    attested_by: int
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    revoke_reason: str | None


class AttestationList(Output):
    """An avatar's attestations."""

    items: list[AttestationRead]


class AttestationRevoke(Input):
    """Why the likeness may no longer be used."""

    reason: Reason


class AttestationRevoked(Output):
    """What is being taken back because of it; nothing, where nothing was published."""

    recall_id: UUID | None
    posts: list[UUID]
