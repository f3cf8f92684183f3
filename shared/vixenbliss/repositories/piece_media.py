"""Every query on the files of a piece, for whoever hands them to a platform. Global."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select

from vixenbliss.database import Connection
from vixenbliss.models.assets import Asset, AssetKind
from vixenbliss.models.pieces import ContentPieceAsset

_FILES = (
    select(
        Asset.workspace_id,
        Asset.kind,
        Asset.s3_key,
        Asset.sha256,
        Asset.content_type,
        Asset.size_bytes,
        Asset.ai_generated.label("is_ai"),
        ContentPieceAsset.alt_text,
    )
    .join(Asset, Asset.id == ContentPieceAsset.asset_id)
    .where(ContentPieceAsset.piece_id == bindparam("piece_id"))
    .order_by(ContentPieceAsset.position)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedFile:
    """A file in its place in a piece."""

    workspace_id: UUID
    kind: AssetKind
    s3_key: str
    sha256: bytes
    content_type: str
    size_bytes: int
    is_ai: bool
    alt_text: str | None


class PieceMediaRepository:
    """The files of pieces."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def files_of(self, piece_id: UUID) -> Sequence[PlacedFile]:
        """Return a piece's files in their order."""
        rows = await self._connection.all(_FILES, piece_id=piece_id)
        return [PlacedFile(**row) for row in rows]
