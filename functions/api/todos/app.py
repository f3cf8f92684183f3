"""/todos/: what the signed-in user has to do."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Query, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import SignedIn
from vixenbliss.api.dependencies import Database, locate
from vixenbliss.api.responses import READS, problems
from vixenbliss.schemas.todos import (
    TodoCreate,
    TodoId,
    TodoPage,
    TodoRead,
    TodoReplace,
    TodoUpdate,
)
from vixenbliss.services.todos import TodoService
from vixenbliss.settings import settings

OWN = problems(HTTPStatus.UNAUTHORIZED)
app = create_app("Todo API", needs=(settings().database, settings().jwt_secret))


async def _todos(database: Database) -> TodoService:
    return TodoService(database)


Todos = Annotated[TodoService, Depends(_todos)]


@app.post("/todos/", responses=OWN, tags=["todos"])
async def create_todo(
    body: TodoCreate, caller: SignedIn, todos: Todos, response: Response
) -> TodoRead:
    """Note something to do; a card in the backlog of the caller's own board, too."""
    todo = await todos.create(caller, body)
    locate(response, f"/todos/{todo.id}")
    return todo


@app.get("/todos/", responses=OWN, tags=["todos"])
async def list_todos(
    caller: SignedIn,
    todos: Todos,
    page: Annotated[TodoPage, Query()],
    completed: bool | None = None,  # noqa: FBT001 - a filter that is named
) -> Sequence[TodoRead]:
    """List the caller's todos, newest first, at most 100 to a page."""
    return await todos.list(caller, page, completed=completed)


@app.get("/todos/{todo_id}", responses=READS, tags=["todos"])
async def read_todo(todo_id: TodoId, caller: SignedIn, todos: Todos) -> TodoRead:
    """Return a todo of the caller's."""
    return await todos.get(caller, todo_id)


@app.put("/todos/{todo_id}", responses=READS, tags=["todos"])
async def replace_todo(
    todo_id: TodoId, body: TodoReplace, caller: SignedIn, todos: Todos
) -> TodoRead:
    """Say anew what is to be done, and whether it is."""
    return await todos.change(caller, todo_id, body)


@app.patch("/todos/{todo_id}", responses=READS, tags=["todos"])
async def update_todo(
    todo_id: TodoId, body: TodoUpdate, caller: SignedIn, todos: Todos
) -> TodoRead:
    """Change a todo; what is left out stays."""
    return await todos.change(caller, todo_id, body)


@app.delete(
    "/todos/{todo_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=READS | problems(HTTPStatus.CONFLICT),
    tags=["todos"],
)
async def delete_todo(todo_id: TodoId, caller: SignedIn, todos: Todos) -> None:
    """Delete a todo, unless a post is still to be taken down."""
    await todos.delete(caller, todo_id)


handler = lambda_handler(app)
