"""The production board, as a workspace's members see it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from vixenbliss.models.todos import BoardColumn
from vixenbliss.schemas.base import UNSENT, Input, Instant, Output
from vixenbliss.schemas.todos import Title, TodoId

UserId = Annotated[int, Field(ge=1, le=2**31 - 1)]


class CardCreate(Input):
    """Something new to do, by somebody, about an avatar or a piece of its."""

    title: Title
    column: BoardColumn = BoardColumn.BACKLOG
    avatar_id: UUID | None = None
    """Left out, that of the piece."""
    piece_id: UUID | None = None
    assignee_id: UserId | None = None
    due_at: Instant | None = None


class CardUpdate(Input):
    """What may change about a card; what is left out stays, null empties."""

    title: Title = UNSENT
    avatar_id: UUID | None = None
    piece_id: UUID | None = None
    assignee_id: UserId | None = None
    due_at: Instant | None = None


class CardMove(Input):
    """Where a card is to hang."""

    column: BoardColumn
    after_id: TodoId | None = None
    """The card right above; none means at the top."""


class CardRead(Output):
    """A card: a todo, and what the board knows of it."""

    id: int
    title: str
    completed: bool
    column: BoardColumn
    owner_id: int
    """Who has written it, or planned the post that it is about."""
    assignee_id: int | None
    avatar_id: UUID | None
    piece_id: UUID | None
    post_id: UUID | None
    """The post that is to be taken down by hand."""
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime


class BoardColumnRead(Output):
    """A column, with its first cards from the top."""

    key: BoardColumn
    total: int
    cards: list[CardRead]


class BoardRead(Output):
    """The board: its columns, from the left."""

    columns: list[BoardColumnRead]
