"""Every query on categories.

Whoever puts something into a category holds it shared, so that it is not deleted
meanwhile; whoever moves one holds all of its workspace, so that no two moves together
make a circle.
"""

from typing import Any

from sqlalchemy import RowMapping, and_, bindparam, insert, select, update

from vixenbliss.callers import Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    CategoryNotFoundError,
    ConflictError,
    ConstraintViolatedError,
)
from vixenbliss.models.shop import Category, Item
from vixenbliss.repositories.pages import page_seen_by_anybody, read_public_page
from vixenbliss.repositories.terms import wish
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.categories import CategoryQuery, CategoryRead

_COLUMNS = (
    Category.id,
    Category.workspace_id,
    Category.name,
    Category.slug,
    Category.parent_id,
    Category.created_at,
    Category.updated_at,
)
# Public, hence global: anybody may look at what is for sale, wherever it is.
_LIST = page_seen_by_anybody(
    _COLUMNS,
    and_(Category.is_active),
    wish(Category.workspace_id, "workspace_id"),
    order_by=(Category.name.asc(), Category.id.asc()),
)
_READ = select(*_COLUMNS).where(Category.id == bindparam("id"), Category.is_active)
_ours = select(Category.id).where(
    Category.workspace_id == bindparam("workspace_id"), Category.is_active
)
_one_of_ours = _ours.where(Category.id == bindparam("id"))
_HOLD = _one_of_ours.with_for_update(read=True)
_LOCK = _one_of_ours.with_for_update()
_LOCK_ALL = _ours.order_by(Category.id).with_for_update()
_ADD = (
    insert(Category)
    .values(
        workspace_id=bindparam("workspace_id"),
        name=bindparam("name"),
        slug=bindparam("slug"),
        parent_id=bindparam("parent_id"),
    )
    .returning(Category.id)
)
_above = (
    select(Category.id, Category.parent_id)
    .where(Category.id == bindparam("id"))
    .cte("above", recursive=True)
)
_above = _above.union(
    select(Category.id, Category.parent_id).where(Category.id == _above.c.parent_id)
)
_IS_WITHIN = select(_above.c.id).where(_above.c.id == bindparam("other_id"))
_LIVES_THERE = (
    select(Item.id)
    .where(Item.category_id == bindparam("id"), Item.is_active)
    .union_all(
        select(Category.id).where(
            Category.parent_id == bindparam("id"), Category.is_active
        )
    )
    .limit(1)
)


class CategoryRepository:
    """The shelves of all workspaces."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self, wanted: CategoryQuery) -> Listing[CategoryRead]:
        """Return the categories that match, by their names; of any workspace."""
        return await read_public_page(
            self._connection,
            _LIST,
            wanted,
            CategoryRead,
            workspace_id=wanted.workspace_id,
        )

    async def read(self, category_id: int) -> CategoryRead:
        """Return a category, whosever it is.

        Raises:
            CategoryNotFoundError: there is none of that id.
        """
        row = _found(await self._connection.one(_READ, id=category_id))
        return CategoryRead.model_validate(dict(row))

    async def hold(self, member: Member, category_id: int) -> None:
        """Keep a category from being deleted or moved until the transaction ends.

        Raises:
            CategoryNotFoundError: the workspace has none of that id.
        """
        _found(await self._connection.one(_HOLD, **_binds(member, category_id)))

    async def lock(self, member: Member, category_id: int) -> None:
        """Keep a category for oneself until the transaction ends.

        Raises:
            CategoryNotFoundError: the workspace has none of that id.
        """
        _found(await self._connection.one(_LOCK, **_binds(member, category_id)))

    async def lock_all(self, member: Member) -> set[int]:
        """Return the workspace's categories, all held until the transaction ends."""
        rows = await self._connection.all(_LOCK_ALL, workspace_id=member.workspace_id)
        return {row["id"] for row in rows}

    async def add(self, member: Member, columns: dict[str, Any]) -> int:
        """Insert a category, and return its id.

        Raises:
            ConflictError: the workspace has one of that slug.
        """
        row = _found(await self._decided(_ADD, **_of(member), **columns))
        category_id: int = row["id"]
        return category_id

    async def set(self, category_id: int, **columns: object) -> None:
        """Write columns of a locked category.

        Raises:
            ConflictError: the workspace has one of that slug.
        """
        statement = update(Category).where(Category.id == category_id).values(**columns)
        await self._decided(statement.returning(Category.id))

    async def is_within(self, category_id: int, other_id: int) -> bool:
        """Tell whether a category is another one, or stands somewhere within it."""
        found = await self._connection.one(
            _IS_WITHIN, id=category_id, other_id=other_id
        )
        return found is not None

    async def is_empty(self, category_id: int) -> bool:
        """Tell whether no item for sale and no category stands in a category."""
        return await self._connection.one(_LIVES_THERE, id=category_id) is None

    async def _decided(self, statement: Any, **binds: object) -> RowMapping | None:  # noqa: ANN401 - an insert or an update
        try:
            return await self._connection.one(statement, **binds)
        except ConstraintViolatedError as error:
            message = "There is a category of this slug already."
            raise ConflictError(message) from error


def _found(row: RowMapping | None) -> RowMapping:
    if row is None:
        raise CategoryNotFoundError
    return row


def _of(member: Member) -> dict[str, object]:
    return {"workspace_id": member.workspace_id}


def _binds(member: Member, category_id: int) -> dict[str, object]:
    return {"id": category_id, **_of(member)}
