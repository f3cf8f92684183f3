"""Every query on todos as cards that hang on a workspace's board."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Text,
    bindparam,
    cast,
    func,
    null,
    select,
    tuple_,
    update,
)

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    CardNotFoundError,
    MemberNotFoundError,
    PieceNotFoundError,
)
from vixenbliss.models.pieces import ContentPiece
from vixenbliss.models.todos import BoardColumn, Todo
from vixenbliss.models.workspaces import WorkspaceMember
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.terms import wish
from vixenbliss.schemas.board import BoardColumnRead, BoardRead, CardRead

MAX_CARDS = 200
"""That are shown of one column, from its top."""
ADVISORY_LOCK = 4713

_COLUMNS = (
    Todo.id,
    Todo.title,
    Todo.completed,
    Todo.board_column.label("column"),
    Todo.owner_id,
    Todo.assignee_id,
    Todo.avatar_id,
    Todo.piece_id,
    Todo.post_id,
    Todo.due_at,
    Todo.created_at,
    Todo.updated_at,
)
_ORDER = (Todo.position, Todo.id)
_ranked = (
    select(
        *_COLUMNS,
        func.row_number()
        .over(partition_by=Todo.board_column, order_by=_ORDER)
        .label("_place"),
        func.count().over(partition_by=Todo.board_column).label("_total"),
    )
    .where(
        Todo.workspace_id == MEMBER.c.workspace_id,
        wish(Todo.avatar_id, "avatar_id"),
        wish(Todo.assignee_id, "assignee"),
    )
    .correlate(MEMBER)
    .subquery("ranked")
)
_SHOW = seen_by_member(
    select(_ranked)
    .where(_ranked.c["_place"] <= MAX_CARDS)
    .order_by(_ranked.c["_place"])
)
_READ = select(*_COLUMNS).where(Todo.id == bindparam("id"))
_HOLD = select(
    func.pg_advisory_xact_lock(
        ADVISORY_LOCK,
        func.hashtext(
            cast(bindparam("workspace_id", type_=Todo.workspace_id.type), Text)
        ),
    )
)
_LOCK = (
    select(Todo.id, Todo.avatar_id, Todo.piece_id)
    .where(Todo.id == bindparam("id"), Todo.workspace_id == bindparam("workspace_id"))
    .with_for_update()
)
_others = (
    Todo.workspace_id == bindparam("workspace_id"),
    Todo.board_column == bindparam("board_column"),
    Todo.id != bindparam("id"),
)
_FIRST = select(null().label("above"), func.min(Todo.position).label("below")).where(
    *_others
)
_above = (
    select(Todo.position, Todo.id)
    .where(*_others, Todo.id == bindparam("after_id"))
    .cte("above")
)
_below = (
    select(func.min(Todo.position))
    .where(*_others, tuple_(*_ORDER) > tuple_(_above.c.position, _above.c.id))
    .scalar_subquery()
)
_AFTER = select(_above.c.position.label("above"), _below.label("below"))
_numbered = (
    select(Todo.id, func.row_number().over(order_by=_ORDER).label("place"))
    .where(
        Todo.workspace_id == bindparam("workspace_id_"),
        Todo.board_column == bindparam("board_column_"),
    )
    .subquery("numbered")
)
_RENUMBER = (
    update(Todo).where(Todo.id == _numbered.c.id).values(position=_numbered.c.place)
)
_HANG = (
    update(Todo)
    .where(Todo.id == bindparam("id_"))
    .values(
        board_column=bindparam("board_column"),
        position=bindparam("position"),
        completed=bindparam("completed"),
    )
)
_HOLD_MEMBER = (
    select(WorkspaceMember.user_id)
    .where(
        WorkspaceMember.workspace_id == bindparam("workspace_id"),
        WorkspaceMember.user_id == bindparam("user_id"),
    )
    .with_for_update(read=True, key_share=True)
)
_PIECE = select(ContentPiece.avatar_id).where(
    ContentPiece.id == bindparam("id"),
    ContentPiece.workspace_id == bindparam("workspace_id"),
    ContentPiece.deleted_at.is_(None),
)
_UNASSIGN = (
    update(Todo)
    .where(
        Todo.workspace_id == bindparam("workspace_id_"),
        Todo.assignee_id == bindparam("user_id_"),
    )
    .values(assignee_id=None)
)


@dataclass(frozen=True, slots=True)
class LockedCard:
    """A card that nobody else changes until the transaction ends."""

    id: int
    avatar_id: UUID | None
    piece_id: UUID | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Between which positions a card is to hang; None where there is no card."""

    above: Decimal | None
    below: Decimal | None


class BoardRepository:
    """The board of a workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def show(self, caller: Caller, **filters: object) -> BoardRead:
        """Return all columns, with the cards that match, in their order.

        At most ``MAX_CARDS`` of a column are there; its total counts all of them.
        """
        rows = await read(self._connection, caller, _SHOW, **filters)
        return BoardRead(columns=[_column(key, rows) for key in BoardColumn])

    async def read(self, card_id: int) -> CardRead:
        """Return a card that this transaction has written."""
        row = await self._connection.one(_READ, id=card_id)
        return CardRead.model_validate(dict(row or {}))

    async def hold(self, member: Member) -> None:
        """Let nobody else move cards of the board until the transaction ends.

        It comes before any card is locked.
        """
        await self._connection.run(_HOLD, workspace_id=member.workspace_id)

    async def lock(self, member: Member, card_id: int) -> LockedCard:
        """Return a card, held until the transaction ends.

        Raises:
            CardNotFoundError: the workspace has none of that id.
        """
        row = await self._connection.one(
            _LOCK, id=card_id, workspace_id=member.workspace_id
        )
        if row is None:
            raise CardNotFoundError
        return LockedCard(**row)

    async def set(self, card_id: int, changes: Mapping[str, Any]) -> None:
        """Change columns of a locked card."""
        if changes:
            await self._connection.run(
                update(Todo).where(Todo.id == card_id).values(**changes)
            )

    async def gap(
        self, member: Member, card_id: int, column: BoardColumn, after_id: int | None
    ) -> Gap | None:
        """Return where a card of a held board would hang: after another, or first.

        None, if that other one is not in the column.
        """
        where = {
            "workspace_id": member.workspace_id,
            "board_column": column,
            "id": card_id,
        }
        if after_id is None:
            row = await self._connection.one(_FIRST, **where)
        else:
            row = await self._connection.one(_AFTER, **where, after_id=after_id)
        return Gap(**row) if row else None

    async def renumber(self, member: Member, column: BoardColumn) -> None:
        """Give a held board's column whole positions, in the order as it is."""
        await self._connection.run(
            _RENUMBER, workspace_id_=member.workspace_id, board_column_=column
        )

    async def hang(self, card_id: int, column: BoardColumn, position: Decimal) -> None:
        """Hang a locked card; where done cards hang, it is completed."""
        await self._connection.run(
            _HANG,
            id_=card_id,
            board_column=column,
            position=position,
            completed=column is BoardColumn.DONE,
        )

    async def hold_member(self, member: Member, user_id: int) -> None:
        """Let a user be a member until the transaction ends.

        Raises:
            MemberNotFoundError: the user is none.
        """
        if not await self._connection.one(
            _HOLD_MEMBER, workspace_id=member.workspace_id, user_id=user_id
        ):
            raise MemberNotFoundError

    async def avatar_of(self, member: Member, piece_id: UUID) -> UUID:
        """Return whose a piece of the workspace is.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
        """
        row = await self._connection.one(
            _PIECE, id=piece_id, workspace_id=member.workspace_id
        )
        if row is None:
            raise PieceNotFoundError
        avatar_id: UUID = row["avatar_id"]
        return avatar_id

    async def unassign(self, member: Member, user_id: int) -> None:
        """Take the cards of a held board from somebody who is no member any more."""
        await self._connection.run(
            _UNASSIGN, workspace_id_=member.workspace_id, user_id_=user_id
        )


def _column(key: BoardColumn, rows: Any) -> BoardColumnRead:  # noqa: ANN401 - rows as they come
    mine = [row for row in rows if row["column"] is key]
    return BoardColumnRead(
        key=key,
        total=mine[0]["_total"] if mine else 0,
        cards=[CardRead.model_validate(dict(row)) for row in mine],
    )
