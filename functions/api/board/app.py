"""/api/v1/board: the workspace's todos as cards, in columns."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import AnyMember, Editor
from vixenbliss.api.dependencies import Database, locate
from vixenbliss.api.responses import READS, WRITES
from vixenbliss.schemas.board import (
    BoardRead,
    CardCreate,
    CardMove,
    CardRead,
    CardUpdate,
    UserId,
)
from vixenbliss.schemas.todos import TodoId
from vixenbliss.services.board import BoardService
from vixenbliss.settings import settings

CARDS = "/api/v1/board/cards"
app = create_app("Board", needs=(settings().database, settings().jwt_secret))


async def _board(database: Database) -> BoardService:
    return BoardService(database)


Board = Annotated[BoardService, Depends(_board)]


@app.get("/api/v1/board", responses=READS, tags=["board"])
async def read_board(
    caller: AnyMember,
    board: Board,
    avatar_id: UUID | None = None,
    assignee: UserId | None = None,
) -> BoardRead:
    """Return the columns from the left, with their first 200 cards from the top."""
    return await board.show(caller, avatar_id=avatar_id, assignee=assignee)


@app.post(CARDS, status_code=HTTPStatus.CREATED, responses=WRITES, tags=["board"])
async def create_card(
    body: CardCreate, caller: Editor, board: Board, response: Response
) -> CardRead:
    """Hang a new card last in its column, or first where it is done."""
    card = await board.add(caller, body)
    locate(response, "/api/v1/board")
    return card


@app.patch(f"{CARDS}/{{card_id}}", responses=WRITES, tags=["board"])
async def update_card(
    card_id: TodoId, body: CardUpdate, caller: Editor, board: Board
) -> CardRead:
    """Change what a card says; what is left out stays."""
    return await board.change(caller, card_id, body)


@app.post(f"{CARDS}/{{card_id}}/move", responses=WRITES, tags=["board"])
async def move_card(
    card_id: TodoId, body: CardMove, caller: Editor, board: Board
) -> CardRead:
    """Hang a card right after another one, or first in a column."""
    return await board.move(caller, card_id, body)


handler = lambda_handler(app)
