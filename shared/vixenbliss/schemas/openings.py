"""Pieces and files that are opened, as whoever opens them sees them."""

from datetime import datetime
from uuid import UUID

from vixenbliss.models.assets import AssetKind
from vixenbliss.models.pieces import PieceAccess
from vixenbliss.schemas.base import Output, Sha256


class ViewedAvatar(Output):
    """Whose piece it is, and how they say that they are AI."""

    id: UUID
    avatar_name: str
    disclosure: str


class ViewedAsset(Output):
    """A file of a piece, in its place, with a link that opens it."""

    asset_id: UUID
    kind: AssetKind
    content_type: str
    width: int | None
    height: int | None
    duration_ms: int | None
    alt_text: str | None
    is_ai: bool
    """Whether a machine made it."""
    sha256: Sha256
    """By which anybody finds the signed statement about its origin."""
    url: str


class PieceView(Output):
    """A piece that has been opened; its links last for a few minutes."""

    id: UUID
    avatar: ViewedAvatar
    access: PieceAccess
    title: str | None
    caption: str
    hashtags: list[str]
    is_ai: bool
    """Whether a machine made any of what it shows."""
    assets: list[ViewedAsset]
    approved_at: datetime
    expires_at: datetime
