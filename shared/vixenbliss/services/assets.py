"""Files that people look at and delete."""

from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.repositories import access
from vixenbliss.repositories.assets import AssetRepository
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.schemas.assets import AssetRead
from vixenbliss.schemas.base import Listing, PageQuery


class AssetService:
    """The assets of the workspace that the caller works in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._assets = AssetRepository(connection)

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[AssetRead]:
        """Return the assets that match, newest first."""
        return await self._assets.list(caller, page, **filters)

    async def get(self, caller: Caller, asset_id: UUID) -> AssetRead:
        """Return an asset.

        Raises:
            AssetNotFoundError: the workspace has none of that id.
        """
        return (await self._assets.get(caller, asset_id))[0]

    async def delete(self, caller: Caller, asset_id: UUID) -> None:
        """Delete an asset that nothing uses; what we said of its origin stays said.

        Raises:
            AssetNotFoundError: the workspace has none of that id.
            InvalidStateError: a piece, an attestation or an item uses it.
        """
        member = await access.member(self._connection, caller)
        await self._assets.lock(member, asset_id)
        await self._assets.delete(asset_id)
        await AuditRepository(self._connection).add(
            member, "asset.deleted", ("asset", asset_id)
        )
