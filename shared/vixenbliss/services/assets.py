"""Files that people look at, open and delete."""

from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import InvalidStateError
from vixenbliss.models.assets import AssetStatus
from vixenbliss.providers.s3 import Bucket
from vixenbliss.repositories import access
from vixenbliss.repositories.assets import AssetRepository
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.schemas.assets import (
    AssetRead,
    DownloadRead,
)
from vixenbliss.schemas.base import Listing, PageQuery


class AssetService:
    """The assets of the workspace that the caller works in."""

    def __init__(self, connection: Connection, bucket: Bucket) -> None:
        self._connection = connection
        self._assets = AssetRepository(connection)
        self._bucket = bucket

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

    async def download(self, caller: Caller, asset_id: UUID) -> DownloadRead:
        """Return a link that opens the file for a few minutes.

        Raises:
            AssetNotFoundError: the workspace has none of that id.
            InvalidStateError: the policy gate has not let it through.
        """
        asset, key = await self._assets.get(caller, asset_id)
        if asset.status is not AssetStatus.READY:
            message = f"An asset that is {asset.status} cannot be opened."
            raise InvalidStateError(message)
        url, expires_at = self._bucket.link(key)
        return DownloadRead(url=url, expires_at=expires_at)

    async def delete(self, caller: Caller, asset_id: UUID) -> None:
        """Delete an asset that no piece uses; what we said of its origin stays said.

        Raises:
            AssetNotFoundError: the workspace has none of that id.
            InvalidStateError: a piece uses it.
        """
        member = await access.member(self._connection, caller)
        await self._assets.lock(member, asset_id)
        await self._assets.delete(asset_id)
        await AuditRepository(self._connection).add(
            member, "asset.deleted", ("asset", asset_id)
        )
