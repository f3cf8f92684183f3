"""/api/v1/assets: the files of a workspace."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Editor, allow
from vixenbliss.api.dependencies import Database, Page, locate
from vixenbliss.api.responses import READS_BY_KEY, WRITES
from vixenbliss.callers import ANY_ROLE, EDITORS, Caller, Scope
from vixenbliss.models.assets import AssetKind, AssetStatus
from vixenbliss.providers.s3 import Bucket
from vixenbliss.schemas.assets import (
    AssetRead,
    UploadCreate,
    UploadCreated,
)
from vixenbliss.schemas.base import Listing
from vixenbliss.services.assets import AssetService
from vixenbliss.services.uploads import UploadService
from vixenbliss.settings import settings

app = create_app("Assets", needs=(settings().database, settings().jwt_secret))


async def _assets(database: Database) -> AssetService:
    return AssetService(database)


async def _uploads() -> UploadService:
    return UploadService(Bucket())


Assets = Annotated[AssetService, Depends(_assets)]
Uploads = Annotated[UploadService, Depends(_uploads)]
Reader = Annotated[Caller, Depends(allow(*ANY_ROLE, key=Scope.ASSETS_READ))]
Writer = Annotated[Caller, Depends(allow(*EDITORS, key=Scope.ASSETS_WRITE))]


@app.post(
    "/api/v1/assets/uploads",
    status_code=HTTPStatus.CREATED,
    responses=WRITES | {200: {"model": UploadCreated, "description": "Known file"}},
    tags=["assets"],
)
async def announce_upload(
    body: UploadCreate, caller: Writer, uploads: Uploads, response: Response
) -> UploadCreated:
    """Make room for a file, and get the form that uploads it unless it is known."""
    announced = await uploads.announce(caller, body)
    locate(response, f"/api/v1/assets/{announced.asset_id}")
    if announced.upload is None:
        response.status_code = HTTPStatus.OK
    return announced


@app.post(
    "/api/v1/assets/{asset_id}/complete",
    status_code=HTTPStatus.ACCEPTED,
    responses=WRITES,
    tags=["assets"],
)
async def complete_upload(
    asset_id: UUID, caller: Writer, uploads: Uploads
) -> AssetRead:
    """Say that the file is uploaded; the policy gate looks at it next."""
    return await uploads.complete(caller, asset_id)


@app.get("/api/v1/assets", responses=READS_BY_KEY, tags=["assets"])
async def list_assets(
    caller: Reader,
    assets: Assets,
    page: Page,
    avatar_id: UUID | None = None,
    kind: AssetKind | None = None,
    status: AssetStatus | None = None,
) -> Listing[AssetRead]:
    """List the workspace's assets, newest first."""
    return await assets.list(
        caller, page, avatar_id=avatar_id, kind=kind, status=status
    )


@app.get("/api/v1/assets/{asset_id}", responses=READS_BY_KEY, tags=["assets"])
async def read_asset(asset_id: UUID, caller: Reader, assets: Assets) -> AssetRead:
    """Return an asset."""
    return await assets.get(caller, asset_id)


@app.delete(
    "/api/v1/assets/{asset_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=WRITES,
    tags=["assets"],
)
async def delete_asset(asset_id: UUID, caller: Editor, assets: Assets) -> None:
    """Delete an asset that no piece uses."""
    await assets.delete(caller, asset_id)


handler = lambda_handler(app)
