"""Content pieces and their reviews, as the outside sees them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from vixenbliss.models.pieces import MAX_ASSETS, PieceAccess, ReviewStatus
from vixenbliss.models.policy import Verdict
from vixenbliss.schemas.base import (
    HASHTAG,
    NFC,
    UNSENT,
    Input,
    Output,
    Sha256,
    line,
    text,
)

MAX_CAPTION = 2_200  # Instagram, Content Publishing: caption
MAX_HASHTAGS = 30  # Instagram, Content Publishing: hashtags

Hashtag = Annotated[str, StringConstraints(pattern=HASHTAG, strip_whitespace=True)]
"""Letters, digits and underscores of any script, without the ``#``."""
Hashtags = Annotated[list[Hashtag], Field(max_length=MAX_HASHTAGS)]
Caption = Annotated[str, text(at_most=MAX_CAPTION), NFC]
Title = Annotated[str, line(at_least=1, at_most=200), NFC]
AltText = Annotated[str, text(at_most=1_000), NFC]
Comment = Annotated[str, text(at_least=1, at_most=2_000), NFC]


class PieceAssetInput(Input):
    """An asset of the piece, in the order of the list."""

    asset_id: UUID
    alt_text: AltText | None = None


def _each_once(assets: list[PieceAssetInput]) -> list[PieceAssetInput]:
    if len({asset.asset_id for asset in assets}) < len(assets):
        message = "an asset can be in a piece only once"
        raise ValueError(message)
    return assets


PieceAssets = Annotated[
    list[PieceAssetInput],
    Field(min_length=1, max_length=MAX_ASSETS),
    AfterValidator(_each_once),
]


class PieceCreate(Input):
    """A new piece; it shows pictures, or exactly one video."""

    avatar_id: UUID
    title: Title | None = None
    caption: Caption
    hashtags: Hashtags = Field(default_factory=list)
    assets: PieceAssets
    access: PieceAccess = PieceAccess.PUBLIC
    required_benefit_id: UUID | None = None
    """What opens it; named where a tier or a purchase does, and only there."""


class PieceUpdate(Input):
    """What may change about a piece; any change takes an approval away.

    What is left out stays, null empties; where a benefit opens it no more, the benefit
    goes of itself.
    """

    title: Title | None = UNSENT
    caption: Caption = UNSENT
    hashtags: Hashtags = UNSENT
    assets: PieceAssets = UNSENT
    access: PieceAccess = UNSENT
    required_benefit_id: UUID | None = UNSENT


class PieceAssetRead(Output):
    """An asset in its place."""

    asset_id: UUID
    sha256: Sha256
    alt_text: str | None


class PieceRead(Output):
    """A piece."""

    id: UUID
    avatar_id: UUID
    title: str | None
    caption: str
    hashtags: list[str]
    access: PieceAccess
    required_benefit_id: UUID | None
    review_status: ReviewStatus
    content_hash: Sha256
    """What a reviewer approves; send it back with the approval."""
    verdict: Verdict | None
    """The policy gate on the piece's words; None while nobody has asked."""
    approved_by: int | None
    approved_at: datetime | None
    self_approved: bool
    created_by: int
    version: int
    created_at: datetime
    updated_at: datetime


class PieceDetail(PieceRead):
    """A piece with its assets."""

    assets: list[PieceAssetRead]


class Approval(Input):
    """A reviewer's yes to exactly this content."""

    content_hash: Sha256
    comment: Comment | None = None


class Objection(Input):
    """A reviewer's no, with its reason."""

    comment: Comment
