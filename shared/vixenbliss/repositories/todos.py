"""Every query on todos, as those of whoever wrote them; ``board`` has them as cards."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Integer,
    bindparam,
    case,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import TodoNotFoundError
from vixenbliss.models.todos import BoardColumn, Todo
from vixenbliss.models.workspaces import WorkspaceMember
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.terms import wish
from vixenbliss.schemas.todos import TodoPage, TodoRead

_COLUMNS = (Todo.id, Todo.title, Todo.completed)
_IS_STILL_WITH_US = (
    select(WorkspaceMember.user_id)
    .where(
        WorkspaceMember.user_id == Todo.owner_id,
        WorkspaceMember.workspace_id == Todo.workspace_id,
    )
    .exists()
)
"""Whether the owner is a member where the todo lies; who has left sees it no more."""
_LIST = seen_by_member(
    select(*_COLUMNS)
    .where(
        Todo.owner_id == MEMBER.c.user_id,
        _IS_STILL_WITH_US,
        wish(Todo.completed, "completed"),
    )
    .order_by(Todo.id.desc())
    .limit(bindparam("limit", type_=Integer()))
    .offset(bindparam("offset", type_=Integer()))
)
_GET = seen_by_member(
    select(*_COLUMNS).where(
        Todo.id == bindparam("id"),
        Todo.owner_id == MEMBER.c.user_id,
        _IS_STILL_WITH_US,
    )
)
_LOCK = (
    select(*_COLUMNS, Todo.workspace_id, Todo.board_column, Todo.post_id)
    .where(
        Todo.id == bindparam("id"),
        Todo.owner_id == bindparam("owner_id"),
        _IS_STILL_WITH_US,
    )
    .with_for_update(of=Todo)
)


# At the end of a column; what is done comes to the top, where the latest is looked for.
# What the row says is bound a second time: a name of a column is taken in an update.
_PLACE = (
    select(
        case(
            (
                bindparam("completed", type_=Boolean()),
                func.coalesce(func.min(Todo.position), 0) - 1,
            ),
            else_=func.coalesce(func.max(Todo.position), 0) + 1,
        )
    )
    .where(
        Todo.workspace_id == bindparam("on_board", type_=Todo.workspace_id.type),
        Todo.board_column == bindparam("into", type_=Todo.board_column.type),
    )
    .correlate(None)
    .scalar_subquery()
)
_NEW = insert(Todo).values(
    title=bindparam("title"),
    completed=bindparam("completed"),
    owner_id=bindparam("owner_id"),
    workspace_id=bindparam("workspace_id"),
    board_column=bindparam("board_column"),
    position=_PLACE,
    avatar_id=bindparam("avatar_id"),
    piece_id=bindparam("piece_id"),
    post_id=bindparam("post_id"),
    assignee_id=bindparam("assignee_id"),
    due_at=bindparam("due_at"),
)
_ADD = _NEW.returning(Todo.id)
_ADD_ONCE = _NEW.on_conflict_do_nothing(index_elements=["post_id"])
_HANG = (
    update(Todo)
    .where(Todo.id == bindparam("id_"))
    .values(
        board_column=bindparam("board_column"),
        completed=bindparam("completed"),
        position=_PLACE,
    )
)
_DELETE = delete(Todo).where(Todo.id == bindparam("id_"))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTodo:
    """Something that is left to somebody."""

    title: str
    owner_id: int
    workspace_id: UUID
    board_column: BoardColumn = BoardColumn.BACKLOG
    avatar_id: UUID | None = None
    piece_id: UUID | None = None
    post_id: UUID | None = None
    assignee_id: int | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LockedTodo:
    """A todo that nobody else changes until the transaction ends."""

    id: int
    title: str
    completed: bool
    workspace_id: UUID
    board_column: BoardColumn
    post_id: UUID | None


class TodoRepository:
    """Todos."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, todo: NewTodo) -> int:
        """Add a todo and return its id."""
        (row,) = await self._connection.all(_ADD, **_bound(todo))
        return int(row["id"])

    async def add_once(self, todo: NewTodo) -> None:
        """Add a post's todo; one that is there already for it stays as it is."""
        await self._connection.run(_ADD_ONCE, **_bound(todo))

    async def list(
        self, caller: Caller, page: TodoPage, *, completed: bool | None
    ) -> Sequence[TodoRead]:
        """Return the caller's todos that match, newest first."""
        rows = await read(
            self._connection,
            caller,
            _LIST,
            completed=completed,
            limit=page.per_page,
            offset=(page.page - 1) * page.per_page,
        )
        return [TodoRead.model_validate(dict(row)) for row in rows]

    async def get(self, caller: Caller, todo_id: int) -> TodoRead:
        """Return a todo of the caller's.

        Raises:
            TodoNotFoundError: the caller has none of that id.
        """
        rows = await read(self._connection, caller, _GET, id=todo_id)
        if not rows:
            raise TodoNotFoundError
        return TodoRead.model_validate(dict(rows[0]))

    async def lock(self, owner_id: int, todo_id: int) -> LockedTodo:
        """Return a todo, held until the transaction ends.

        Raises:
            TodoNotFoundError: the user has none of that id.
        """
        row = await self._connection.one(_LOCK, id=todo_id, owner_id=owner_id)
        if row is None:
            raise TodoNotFoundError
        return LockedTodo(**row)

    async def set(self, todo_id: int, changes: Mapping[str, object]) -> None:
        """Change columns of a locked todo."""
        statement = update(Todo).where(Todo.id == todo_id).values(**changes)
        await self._connection.run(statement)

    async def hang(self, todo: LockedTodo, column: BoardColumn) -> None:
        """Hang a locked todo into another column; in that of what is done, it is."""
        await self._connection.run(
            _HANG,
            id_=todo.id,
            on_board=todo.workspace_id,
            board_column=column,
            into=column,
            completed=column is BoardColumn.DONE,
        )

    async def delete(self, todo_id: int) -> None:
        """Delete a locked todo."""
        await self._connection.run(_DELETE, id_=todo_id)


def _bound(todo: NewTodo) -> dict[str, object]:
    return asdict(todo) | {
        "completed": todo.board_column is BoardColumn.DONE,
        "on_board": todo.workspace_id,
        "into": todo.board_column,
    }
