"""/api/items/{id}/download: the file of an item, for who has bought it."""

from typing import Annotated

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import SignedIn
from vixenbliss.api.dependencies import Database
from vixenbliss.api.responses import ENVELOPED_WRITES
from vixenbliss.providers.s3 import Bucket
from vixenbliss.schemas.base import Success
from vixenbliss.schemas.items import ItemDownload, ItemId
from vixenbliss.services.item_downloads import ItemDownloadService
from vixenbliss.settings import settings

app = create_app("Item downloads", needs=(settings().database, settings().jwt_secret))


async def _downloads(database: Database) -> ItemDownloadService:
    return ItemDownloadService(database, Bucket())


Downloads = Annotated[ItemDownloadService, Depends(_downloads)]


@app.get("/api/items/{item_id}/download", responses=ENVELOPED_WRITES, tags=["shop"])
async def download_item(
    item_id: ItemId, caller: SignedIn, downloads: Downloads
) -> Success[ItemDownload]:
    """Return a link that opens an item's file for a few minutes, and says what made it.

    To those who have bought it and members of its workspace; what costs nothing, to
    anybody who is signed in.
    """
    return Success(data=await downloads.open(caller, item_id))


handler = lambda_handler(app)
