"""/api/v1/pieces: a caption and its assets, the unit that is reviewed and posted."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Editor, allow
from vixenbliss.api.dependencies import Database, Page, Version, locate, tag
from vixenbliss.api.responses import READS_BY_KEY, VERSIONED, WRITES
from vixenbliss.callers import ANY_ROLE, EDITORS, Caller, Scope
from vixenbliss.models.pieces import PieceAccess, ReviewStatus
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.pieces import PieceCreate, PieceDetail, PieceRead, PieceUpdate
from vixenbliss.services.pieces import PieceService
from vixenbliss.settings import settings

app = create_app("Pieces", needs=(settings().database, settings().jwt_secret))


async def _pieces(database: Database) -> PieceService:
    return PieceService(database)


Pieces = Annotated[PieceService, Depends(_pieces)]
Reader = Annotated[Caller, Depends(allow(*ANY_ROLE, key=Scope.PIECES_READ))]
Writer = Annotated[Caller, Depends(allow(*EDITORS, key=Scope.PIECES_WRITE))]


@app.post(
    "/api/v1/pieces",
    status_code=HTTPStatus.CREATED,
    responses=WRITES,
    tags=["pieces"],
)
async def create_piece(
    body: PieceCreate, caller: Writer, pieces: Pieces, response: Response
) -> PieceDetail:
    """Compose a piece; the policy gate reads its words next."""
    piece = await pieces.create(caller, body)
    locate(response, f"/api/v1/pieces/{piece.id}")
    tag(response, piece.version)
    return piece


@app.get("/api/v1/pieces", responses=READS_BY_KEY, tags=["pieces"])
async def list_pieces(
    caller: Reader,
    pieces: Pieces,
    page: Page,
    avatar_id: UUID | None = None,
    review_status: ReviewStatus | None = None,
    access: PieceAccess | None = None,
) -> Listing[PieceRead]:
    """List the workspace's pieces, newest first."""
    return await pieces.list(
        caller, page, avatar_id=avatar_id, review_status=review_status, access=access
    )


@app.get("/api/v1/pieces/{piece_id}", responses=READS_BY_KEY, tags=["pieces"])
async def read_piece(
    piece_id: UUID, caller: Reader, pieces: Pieces, response: Response
) -> PieceDetail:
    """Return a piece with its assets."""
    piece = await pieces.get(caller, piece_id)
    tag(response, piece.version)
    return piece


@app.patch("/api/v1/pieces/{piece_id}", responses=VERSIONED, tags=["pieces"])
async def update_piece(
    piece_id: UUID,
    body: PieceUpdate,
    caller: Writer,
    version: Version,
    pieces: Pieces,
    response: Response,
) -> PieceDetail:
    """Change a piece; whatever changes makes it a draft again."""
    piece = await pieces.update(caller, piece_id, body, version=version)
    tag(response, piece.version)
    return piece


@app.delete(
    "/api/v1/pieces/{piece_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=WRITES,
    tags=["pieces"],
)
async def delete_piece(piece_id: UUID, caller: Editor, pieces: Pieces) -> None:
    """Delete a piece."""
    await pieces.delete(caller, piece_id)


handler = lambda_handler(app)
