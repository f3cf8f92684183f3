"""/api/v1/pieces/{id}/view, /api/v1/assets/{id}/download: opened by who may."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Anybody, signed_in_or
from vixenbliss.api.dependencies import Database
from vixenbliss.api.responses import READS, WITHOUT_TOKEN, problems
from vixenbliss.callers import Caller, Scope
from vixenbliss.providers.s3 import Bucket
from vixenbliss.schemas.assets import DownloadRead
from vixenbliss.schemas.openings import PieceView
from vixenbliss.services.openings import OpeningService
from vixenbliss.settings import settings

app = create_app("Openings", needs=(settings().database, settings().jwt_secret))


async def _openings(database: Database) -> OpeningService:
    return OpeningService(database, Bucket())


Openings = Annotated[OpeningService, Depends(_openings)]
Opener = Annotated[Caller, Depends(signed_in_or(Scope.ASSETS_READ))]


@app.get(
    "/api/v1/pieces/{piece_id}/view",
    responses=READS | problems(HTTPStatus.FORBIDDEN),
    openapi_extra=WITHOUT_TOKEN,
    tags=["pieces"],
)
async def view_piece(piece_id: UUID, caller: Anybody, openings: Openings) -> PieceView:
    """Open a piece: a public one to everybody, others to those who hold it."""
    return await openings.view(caller, piece_id)


@app.get(
    "/api/v1/assets/{asset_id}/download",
    responses=READS | problems(HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT),
    tags=["assets"],
)
async def download_asset(
    asset_id: UUID, caller: Opener, openings: Openings
) -> DownloadRead:
    """Return a link that opens the file for a few minutes.

    To the members of its workspace, and to whoever may open a piece that shows it.
    """
    return await openings.download(caller, asset_id)


handler = lambda_handler(app)
