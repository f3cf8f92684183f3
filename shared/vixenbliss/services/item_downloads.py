"""The files that items bring, for those who have bought them."""

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import (
    AssetNotFoundError,
    EntitlementRequiredError,
    InvalidStateError,
    ItemNotFoundError,
)
from vixenbliss.models.assets import AssetStatus
from vixenbliss.providers.s3 import Bucket
from vixenbliss.repositories.item_downloads import ItemDownloadRepository, ItemFile
from vixenbliss.schemas.items import ItemDownload

UNSAID = "This file is made by artificial intelligence."
"""What is said of a file whose avatar says nothing of itself."""


class ItemDownloadService:
    """Files of items, for whoever may open them."""

    def __init__(self, connection: Connection, bucket: Bucket) -> None:
        self._downloads = ItemDownloadRepository(connection)
        self._bucket = bucket

    async def open(self, caller: Caller, item_id: int) -> ItemDownload:
        """Return a link that opens an item's file for a few minutes.

        To holders of the item and members of its workspace, for sale or not; what
        costs nothing, to anybody who is signed in.

        Raises:
            ItemNotFoundError: there is none of that id for the one who asks.
            AssetNotFoundError: it brings no file.
            EntitlementRequiredError: it opens to those who have bought it.
            InvalidStateError: the policy gate has not let the file through.
        """
        file = await self._downloads.find(caller, item_id)
        if file is None or not (file.is_active or file.is_open):
            raise ItemNotFoundError
        if file.s3_key is None:
            raise AssetNotFoundError
        if not file.is_open:
            raise EntitlementRequiredError(file.offers)
        if file.status is not AssetStatus.READY:
            message = f"A file that is {file.status} cannot be opened."
            raise InvalidStateError(message)
        return self._linked(file, file.s3_key)

    def _linked(self, file: ItemFile, s3_key: str) -> ItemDownload:
        url, expires_at = self._bucket.link(s3_key)
        label = (file.disclosure or UNSAID) if file.ai_generated else None
        return ItemDownload.model_validate(
            {
                "url": url,
                "expires_at": expires_at,
                "kind": file.kind,
                "content_type": file.content_type,
                "ai_generated": file.ai_generated,
                "ai_label": label,
            }
        )
