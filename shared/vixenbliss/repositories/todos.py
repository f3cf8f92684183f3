"""Every query on todos."""

from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.database import Connection
from vixenbliss.models.todos import Todo

_ADD = (
    insert(Todo)
    .values(
        title=bindparam("title"),
        owner_id=bindparam("owner_id"),
        workspace_id=bindparam("workspace_id"),
        avatar_id=bindparam("avatar_id"),
        piece_id=bindparam("piece_id"),
        post_id=bindparam("post_id"),
    )
    .on_conflict_do_nothing(index_elements=["post_id"])
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTodo:
    """Something that is left to somebody."""

    title: str
    owner_id: int
    workspace_id: UUID
    avatar_id: UUID
    piece_id: UUID
    post_id: UUID


class TodoRepository:
    """Todos."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, todo: NewTodo) -> None:
        """Add a todo; one that is there already for the same post stays as it is."""
        await self._connection.run(_ADD, **asdict(todo))
