"""The todos: what somebody is to do by hand; cards on the production board."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    String,
    Uuid,
)

from vixenbliss.models.base import Base, Born, Mapped, Touched, mapped_column, one_of


class BoardColumn(StrEnum):
    """Where a card hangs."""

    BACKLOG = "backlog"
    DOING = "doing"
    REVIEW = "review"
    DONE = "done"


class Todo(Base):
    """Something to do: id, title and completed; the rest makes a card of it."""

    __tablename__ = "todos"

    id: Mapped[int] = mapped_column(Integer(), Identity(), primary_key=True)
    title: Mapped[str] = mapped_column(String(255))
    completed: Mapped[bool] = mapped_column(server_default="false")
    owner_id: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    workspace_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("workspaces.id")
    )
    board_column: Mapped[BoardColumn] = mapped_column(
        server_default=BoardColumn.BACKLOG
    )
    position: Mapped[Decimal] = mapped_column(Numeric(20, 10), server_default="0")
    avatar_id: Mapped[UUID | None] = mapped_column(Uuid(), ForeignKey("avatars.id"))
    piece_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("content_pieces.id")
    )
    post_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("posts.id"), unique=True
    )
    """The post that is to be taken down by hand; one card for each."""
    assignee_id: Mapped[int | None] = mapped_column(Integer(), ForeignKey("users.id"))
    due_at: Mapped[datetime | None]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        one_of("board_column", BoardColumn),
        CheckConstraint("btrim(title) <> ''", name="title_not_blank"),
        CheckConstraint("completed = (board_column = 'done')", name="done_is_done"),
        Index("ix_todos_owner_id", "owner_id", "id"),
        Index("ix_todos_workspace_id", "workspace_id", "board_column", "position"),
    )
