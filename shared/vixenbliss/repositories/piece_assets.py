"""Every query on the assets of content pieces."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select

from vixenbliss.callers import Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    AssetNotFoundError,
)
from vixenbliss.models.assets import Asset, AssetKind, AssetStatus
from vixenbliss.models.pieces import (
    ContentPieceAsset,
)
from vixenbliss.repositories.terms import among

_ASSETS_OF = (
    select(
        ContentPieceAsset.asset_id,
        ContentPieceAsset.alt_text,
        Asset.sha256,
        Asset.status,
        Asset.kind,
    )
    .join(Asset, Asset.id == ContentPieceAsset.asset_id)
    .where(ContentPieceAsset.piece_id == bindparam("piece_id"))
    .order_by(ContentPieceAsset.position)
)
_USABLE = (
    select(Asset.id, Asset.sha256, Asset.status, Asset.kind)
    .where(
        among(Asset.id, "ids"),
        Asset.workspace_id == bindparam("workspace_id"),
        Asset.deleted_at.is_(None),
    )
    .order_by(Asset.id)
    .with_for_update(read=True)
)
_DROP_ASSETS = delete(ContentPieceAsset).where(
    ContentPieceAsset.piece_id == bindparam("piece_id_")
)


@dataclass(frozen=True, slots=True)
class PlacedAsset:
    """An asset in its place in a piece."""

    asset_id: UUID
    alt_text: str | None
    sha256: bytes
    status: AssetStatus
    kind: AssetKind


class PieceAssetRepository:
    """The assets of a workspace's pieces, each in its place."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def assets_of(self, piece_id: UUID) -> Sequence[PlacedAsset]:
        """Return a piece's assets in their order."""
        rows = await self._connection.all(_ASSETS_OF, piece_id=piece_id)
        return [PlacedAsset(**row) for row in rows]

    async def place(
        self, member: Member, wanted: Sequence[tuple[UUID, str | None]]
    ) -> Sequence[PlacedAsset]:
        """Return the workspace's assets for a piece, which stay until the end.

        Raises:
            AssetNotFoundError: the workspace lacks one of them.
        """
        rows = await self._connection.all(
            _USABLE,
            ids=[asset_id for asset_id, _ in wanted],
            workspace_id=member.workspace_id,
        )
        found = {row["id"]: row for row in rows}
        if len(found) < len(wanted):
            raise AssetNotFoundError
        return [
            PlacedAsset(
                asset_id,
                alt_text,
                found[asset_id]["sha256"],
                found[asset_id]["status"],
                found[asset_id]["kind"],
            )
            for asset_id, alt_text in wanted
        ]

    async def put_assets(self, piece_id: UUID, assets: Sequence[PlacedAsset]) -> None:
        """Give a piece exactly these assets, in this order."""
        await self._connection.run(_DROP_ASSETS, piece_id_=piece_id)
        rows = [
            {
                "piece_id": piece_id,
                "position": position,
                "asset_id": asset.asset_id,
                "alt_text": asset.alt_text,
            }
            for position, asset in enumerate(assets)
        ]
        await self._connection.run(insert(ContentPieceAsset).values(rows))
