"""Every query on items, as those see and change them who sell or look."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    bindparam,
    cast,
    func,
    insert,
    or_,
    select,
    update,
)

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import ItemNotFoundError
from vixenbliss.models.shop import Category, Item
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.pages import (
    page_seen_by_anybody,
    page_seen_by_member,
    read_page,
    read_public_page,
)
from vixenbliss.repositories.terms import wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.items import ItemRead

_COLUMNS = (
    Item.id,
    Item.workspace_id,
    Item.avatar_id,
    Item.name,
    Item.description,
    Item.price,
    Item.currency,
    Item.quantity,
    Item.category_id,
    Item.product_id,
    Item.download_asset_id.is_not(None).label("has_download"),
    Item.is_active,
    Item.version,
    Item.created_at,
    Item.updated_at,
)


def _unless_unsent(bind: str, holds: ColumnElement[bool]) -> ColumnElement[bool]:
    sent = bindparam(bind, value=None, type_=Item.price.type)
    return or_(cast(sent, Item.price.type).is_(None), holds)


_least = bindparam("min_price", value=None, type_=Item.price.type)
_most = bindparam("max_price", value=None, type_=Item.price.type)
_words = cast(bindparam("q", value=None, type_=Text()), Text())
_slug = cast(bindparam("category", value=None, type_=Text()), Text())
_is_wanted = (
    wish(Item.workspace_id, "workspace_id"),
    wish(Item.category_id, "category_id"),
    or_(
        _slug.is_(None),
        Item.category_id.in_(
            select(Category.id).where(Category.slug == _slug, Category.is_active)
        ),
    ),
    _unless_unsent("min_price", Item.price >= _least),
    _unless_unsent("max_price", Item.price <= _most),
    or_(_words.is_(None), func.strpos(func.lower(Item.name), func.lower(_words)) > 0),
)
_newest_first = (Item.created_at.desc(), Item.id.desc())
# Public, hence global: anybody may look at what is for sale, wherever it is.
_LIST = page_seen_by_anybody(
    _COLUMNS, and_(Item.is_active), *_is_wanted, order_by=_newest_first
)
_may_be_seen = or_(Item.is_active, Item.workspace_id == MEMBER.c.workspace_id)
_LIST_FOR_MEMBER = page_seen_by_member(
    _COLUMNS, _may_be_seen, *_is_wanted, order_by=_newest_first
)
_READ = select(*_COLUMNS).where(Item.id == bindparam("id"))
_SHOW = _READ.where(Item.is_active)
_SHOW_TO_MEMBER = seen_by_member(_READ.where(_may_be_seen).correlate(MEMBER))
_STORED = (
    Item.id,
    Item.workspace_id,
    Item.avatar_id,
    Item.name,
    Item.description,
    Item.price,
    Item.currency,
    Item.product_id,
    Item.is_active,
    Item.version,
)
_LOCK = (
    select(*_STORED)
    .where(
        Item.id == bindparam("id"),
        Item.workspace_id == bindparam("workspace_id"),
        Item.is_active,
    )
    .with_for_update()
)
_ADD = (
    insert(Item)
    .values(
        workspace_id=bindparam("workspace_id"),
        created_by=bindparam("created_by"),
        avatar_id=bindparam("avatar_id"),
        name=bindparam("name"),
        description=bindparam("description"),
        price=bindparam("price"),
        currency=bindparam("currency"),
        quantity=bindparam("quantity"),
        category_id=bindparam("category_id"),
        download_asset_id=bindparam("download_asset_id"),
    )
    .returning(*_STORED)
)


@dataclass(frozen=True, slots=True)
class ItemShown:
    """An item, and the version in which it is shown."""

    item: ItemRead
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """An item that nobody else changes until the transaction ends."""

    id: int
    workspace_id: UUID
    avatar_id: UUID | None
    name: str
    description: str | None
    price: Decimal
    currency: str
    product_id: UUID | None
    is_active: bool
    version: int


class ItemRepository:
    """What workspaces have on their shelves."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self, page: PageQuery, **filters: object) -> Listing[ItemRead]:
        """Return the items for sale that match, newest first; of any workspace."""
        return await read_public_page(
            self._connection, _LIST, page, ItemRead, **filters
        )

    async def list_for_member(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[ItemRead]:
        """Return the same, and what the caller's workspace has taken from sale."""
        return await read_page(
            self._connection, caller, _LIST_FOR_MEMBER, page, ItemRead, **filters
        )

    async def show(self, item_id: int) -> ItemShown:
        """Return an item that is for sale, whoever sells it.

        Raises:
            ItemNotFoundError: none of that id is.
        """
        return _shown(await self._connection.all(_SHOW, id=item_id))

    async def show_to_member(self, caller: Caller, item_id: int) -> ItemShown:
        """Return an item that is for sale, or was in the caller's workspace.

        Raises:
            ItemNotFoundError: neither is true of any of that id.
        """
        return _shown(await read(self._connection, caller, _SHOW_TO_MEMBER, id=item_id))

    async def read(self, item_id: int) -> ItemShown:
        """Return an item that was just written."""
        return _shown(await self._connection.all(_READ, id=item_id))

    async def lock(self, member: Member, item_id: int) -> StoredItem:
        """Return an item that is for sale, held until the transaction ends.

        Raises:
            ItemNotFoundError: the workspace has none of that id.
        """
        row = await self._connection.one(
            _LOCK, id=item_id, workspace_id=member.workspace_id
        )
        if row is None:
            raise ItemNotFoundError
        return StoredItem(**row)

    async def add(self, member: Member, columns: dict[str, Any]) -> StoredItem:
        """Insert an item; the database gives it its id."""
        (row,) = await self._connection.all(
            _ADD,
            workspace_id=member.workspace_id,
            created_by=member.user_id,
            **columns,
        )
        return StoredItem(**row)

    async def set(self, item_id: int, **columns: object) -> StoredItem:
        """Write columns of a locked item, and return it."""
        statement = (
            update(Item)
            .where(Item.id == item_id)
            .values(**columns, version=Item.version + 1)
            .returning(*_STORED)
        )
        (row,) = await self._connection.all(statement)
        return StoredItem(**row)


def _shown(rows: Any) -> ItemShown:  # noqa: ANN401 - rows of whichever statement
    if not rows:
        raise ItemNotFoundError
    return ItemShown(ItemRead.model_validate(dict(rows[0])), rows[0]["version"])
