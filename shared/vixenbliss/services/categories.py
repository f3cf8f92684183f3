"""Categories: the shelves of a workspace, in a tree."""

import re
import unicodedata
from typing import Any

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    CategoryNotFoundError,
    ConflictError,
    ValidationError,
)
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.categories import CategoryRepository
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.categories import (
    MAX_SLUG,
    CategoryCreate,
    CategoryQuery,
    CategoryRead,
    CategoryUpdate,
)
from vixenbliss.services import policies

_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")


def slug_of(name: str) -> str:
    """Return a name as it stands in an address, as ``cafe-noir``.

    Raises:
        ValidationError: nothing is left of it there.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = _BETWEEN_WORDS.sub("-", plain.lower()).strip("-")[:MAX_SLUG].rstrip("-")
    if not slug:
        message = "Say a slug; this name makes none."
        raise ValidationError(message, field="slug")
    return slug


class CategoryService:
    """The categories of all workspaces to look at, those of the caller's to change."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._categories = CategoryRepository(connection)
        self._audit = AuditRepository(connection)

    async def list(self, wanted: CategoryQuery) -> Listing[CategoryRead]:
        """Return the categories that match, by their names."""
        return await self._categories.list(wanted)

    async def show(self, category_id: int) -> CategoryRead:
        """Return a category.

        Raises:
            CategoryNotFoundError: there is none of that id.
        """
        return await self._categories.read(category_id)

    async def create(self, caller: Caller, wanted: CategoryCreate) -> CategoryRead:
        """Make a category, within another one or not.

        Raises:
            ValidationError: its name makes no slug, or there is no such parent.
            ConflictError: the workspace has one of that slug.
            PolicyBlockedError: the floor refuses its name.
        """
        member = await access.member(self._connection, caller)
        policies.refuse_blocked(wanted.name)
        columns = wanted.model_dump() | {"slug": wanted.slug or slug_of(wanted.name)}
        if wanted.parent_id is not None:
            await self._require_parent(member, wanted.parent_id)
        category_id = await self._categories.add(member, columns)
        await self._audit.add(member, "category.created", ("category", category_id))
        return await self._categories.read(category_id)

    async def update(
        self, caller: Caller, category_id: int, wanted: CategoryUpdate
    ) -> CategoryRead:
        """Rename a category, or move it with all that stands in it.

        Raises:
            CategoryNotFoundError: the workspace has none of that id.
            ValidationError: there is no such parent.
            ConflictError: it would stand within itself, or the slug is taken.
            PolicyBlockedError: the floor refuses its name.
        """
        member = await access.member(self._connection, caller)
        policies.refuse_blocked(wanted.name)
        changes = wanted.model_dump(exclude_unset=True)
        await self._hold_for(member, category_id, changes)
        if changes:
            await self._categories.set(category_id, **changes)
        await self._audit.add(member, "category.changed", ("category", category_id))
        return await self._categories.read(category_id)

    async def delete(self, caller: Caller, category_id: int) -> None:
        """Delete a category in which nothing stands any more.

        Raises:
            CategoryNotFoundError: the workspace has none of that id.
            ConflictError: items for sale, or other categories, stand in it.
        """
        member = await access.member(self._connection, caller)
        await self._categories.lock(member, category_id)
        if not await self._categories.is_empty(category_id):
            message = "Items or categories stand in this category."
            raise ConflictError(message)
        await self._categories.set(category_id, is_active=False)
        await self._audit.add(member, "category.deleted", ("category", category_id))

    async def _hold_for(
        self, member: Member, category_id: int, changes: dict[str, Any]
    ) -> None:
        """Hold what a change is about, which for a move is the whole tree."""
        parent_id = changes.get("parent_id")
        if parent_id is None:
            await self._categories.lock(member, category_id)
            return
        ours = await self._categories.lock_all(member)
        if category_id not in ours:
            raise CategoryNotFoundError
        if parent_id not in ours:
            raise _no_parent()
        if await self._categories.is_within(parent_id, category_id):
            message = "A category cannot stand within itself."
            raise ConflictError(message)

    async def _require_parent(self, member: Member, parent_id: int) -> None:
        try:
            await self._categories.hold(member, parent_id)
        except CategoryNotFoundError as error:
            raise _no_parent() from error


def _no_parent() -> ValidationError:
    return ValidationError("There is no such category.", field="parent_id")
