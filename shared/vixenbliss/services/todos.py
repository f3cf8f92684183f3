"""Todos: what somebody has to do; each is a card on a workspace's board, too."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import InvalidStateError
from vixenbliss.models.todos import BoardColumn
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.todos import LockedTodo, NewTodo, TodoRepository
from vixenbliss.schemas.todos import (
    TodoCreate,
    TodoPage,
    TodoRead,
    TodoReplace,
    TodoUpdate,
)


class TodoService:
    """The caller's own todos, whichever of their workspaces they lie in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._todos = TodoRepository(connection)
        self._audit = AuditRepository(connection)

    async def create(self, caller: Caller, wanted: TodoCreate) -> TodoRead:
        """Note something to do; it hangs last in the backlog of the caller's board."""
        member = await access.member(self._connection, caller)
        todo_id = await self._todos.add(
            NewTodo(
                title=wanted.title,
                owner_id=member.user_id,
                workspace_id=member.workspace_id,
            )
        )
        await self._audit.add(member, "todo.created", ("todo", todo_id))
        return TodoRead(id=todo_id, title=wanted.title, completed=False)

    async def list(
        self, caller: Caller, page: TodoPage, *, completed: bool | None
    ) -> Sequence[TodoRead]:
        """Return the todos that match, newest first."""
        return await self._todos.list(caller, page, completed=completed)

    async def get(self, caller: Caller, todo_id: int) -> TodoRead:
        """Return a todo.

        Raises:
            TodoNotFoundError: the caller has none of that id.
        """
        return await self._todos.get(caller, todo_id)

    async def change(
        self, caller: Caller, todo_id: int, wanted: TodoReplace | TodoUpdate
    ) -> TodoRead:
        """Change a todo; completed, it hangs with what is done, and back if not.

        Raises:
            TodoNotFoundError: the caller has none of that id.
        """
        member = await access.member(self._connection, caller)
        todo = await self._todos.lock(member.user_id, todo_id)
        changes = wanted.model_dump(exclude_unset=True)
        await self._write(todo, changes)
        await self._audit.add(_there(member, todo), "todo.changed", ("todo", todo_id))
        return TodoRead.model_validate(
            {"id": todo.id, "title": todo.title, "completed": todo.completed} | changes
        )

    async def _write(self, todo: LockedTodo, changes: Mapping[str, Any]) -> None:
        if "title" in changes:
            await self._todos.set(todo.id, {"title": changes["title"]})
        completed = changes.get("completed", todo.completed)
        if completed != todo.completed:
            column = BoardColumn.DONE if completed else BoardColumn.BACKLOG
            await self._todos.hang(todo, column)

    async def delete(self, caller: Caller, todo_id: int) -> None:
        """Delete a todo, for good.

        Raises:
            TodoNotFoundError: the caller has none of that id.
            InvalidStateError: a post is still to be taken down.
        """
        member = await access.member(self._connection, caller)
        todo = await self._todos.lock(member.user_id, todo_id)
        if todo.post_id and not todo.completed:
            message = "A post is to be taken down; complete the todo when it is."
            raise InvalidStateError(message)
        await self._todos.delete(todo.id)
        await self._audit.add(_there(member, todo), "todo.deleted", ("todo", todo_id))


def _there(member: Member, todo: LockedTodo) -> Member:
    return replace(member, workspace_id=todo.workspace_id)
