"""/api/v1/pieces/{id}/submit, /approve, /request-changes, /reject: reviews."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Editor, Reviewer
from vixenbliss.api.dependencies import Database, tag
from vixenbliss.api.responses import WRITES
from vixenbliss.schemas.pieces import Approval, Objection, PieceDetail
from vixenbliss.services.reviews import ReviewService
from vixenbliss.settings import settings

app = create_app("Reviews", needs=(settings().database, settings().jwt_secret))


async def _reviews(database: Database) -> ReviewService:
    return ReviewService(database)


Reviews = Annotated[ReviewService, Depends(_reviews)]


@app.post("/api/v1/pieces/{piece_id}/submit", responses=WRITES, tags=["pieces"])
async def submit_piece(
    piece_id: UUID, caller: Editor, reviews: Reviews, response: Response
) -> PieceDetail:
    """Hand a draft to the reviewers, once the policy gate has let its parts through."""
    piece = await reviews.submit(caller, piece_id)
    tag(response, piece.version)
    return piece


@app.post("/api/v1/pieces/{piece_id}/approve", responses=WRITES, tags=["pieces"])
async def approve_piece(
    piece_id: UUID,
    body: Approval,
    caller: Reviewer,
    reviews: Reviews,
    response: Response,
) -> PieceDetail:
    """Say yes to exactly the content that one has looked at, named by its hash."""
    piece = await reviews.approve(caller, piece_id, body)
    tag(response, piece.version)
    return piece


@app.post(
    "/api/v1/pieces/{piece_id}/request-changes", responses=WRITES, tags=["pieces"]
)
async def request_changes(
    piece_id: UUID,
    body: Objection,
    caller: Reviewer,
    reviews: Reviews,
    response: Response,
) -> PieceDetail:
    """Hand a piece back with what should change."""
    piece = await reviews.request_changes(caller, piece_id, body.comment)
    tag(response, piece.version)
    return piece


@app.post("/api/v1/pieces/{piece_id}/reject", responses=WRITES, tags=["pieces"])
async def reject_piece(
    piece_id: UUID,
    body: Objection,
    caller: Reviewer,
    reviews: Reviews,
    response: Response,
) -> PieceDetail:
    """Refuse a piece, with the reason."""
    piece = await reviews.reject(caller, piece_id, body.comment)
    tag(response, piece.version)
    return piece


handler = lambda_handler(app)
