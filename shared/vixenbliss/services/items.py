"""Items: what is on the shelves, for those who look and those who sell."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    AvatarNotFoundError,
    CategoryNotFoundError,
    PreconditionFailedError,
    ValidationError,
)
from vixenbliss.models.avatars import AvatarStatus
from vixenbliss.repositories import access
from vixenbliss.repositories.assets import AssetRepository
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.avatars import AvatarRepository
from vixenbliss.repositories.categories import CategoryRepository
from vixenbliss.repositories.items import ItemRepository, ItemShown
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.items import (
    ItemCreate,
    ItemQuery,
    ItemRead,
    ItemReplace,
    ItemUpdate,
)
from vixenbliss.services import item_sales, policies

KEPT = ("currency", "avatar_id", "download_asset_id")
"""What source 004 does not know of: its clients replace an item without it."""


class ItemService:
    """The items of all workspaces to look at, those of the caller's to change."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._items = ItemRepository(connection)
        self._audit = AuditRepository(connection)

    async def list(self, caller: Caller | None, wanted: ItemQuery) -> Listing[ItemRead]:
        """Return the items that match, newest first.

        Raises:
            ValidationError: the least price is above the greatest.
        """
        least, most = wanted.min_price, wanted.max_price
        if least is not None and most is not None and least > most:
            message = "min_price is above max_price."
            raise ValidationError(message, field="min_price")
        filters = wanted.model_dump(exclude={"page", "per_page", "include_inactive"})
        if caller and wanted.include_inactive:
            return await self._items.list_for_member(caller, wanted, **filters)
        return await self._items.list(wanted, **filters)

    async def show(
        self, caller: Caller | None, item_id: int, *, include_inactive: bool
    ) -> ItemShown:
        """Return an item that is for sale; to members, one that was as well.

        Raises:
            ItemNotFoundError: there is none of that id for the one who asks.
        """
        if caller and include_inactive:
            return await self._items.show_to_member(caller, item_id)
        return await self._items.show(item_id)

    async def create(self, caller: Caller, wanted: ItemCreate) -> ItemShown:
        """Put an item on the shelf; if it costs something, it is for sale at once.

        Raises:
            ValidationError: its price or category is none.
            AvatarNotFoundError: the workspace has no such avatar.
            AssetNotFoundError: the workspace has no such file.
            PolicyBlockedError: the floor refuses its words.
        """
        member = await access.member(self._connection, caller)
        columns = wanted.model_dump()
        await self._require_fit(member, columns)
        item_sales.charged(wanted.price, wanted.currency)
        item = await self._items.add(member, columns)
        await item_sales.follow(self._connection, member, item)
        await self._audit.add(member, "item.created", ("item", item.id))
        return await self._items.read(item.id)

    async def replace(
        self, caller: Caller, item_id: int, wanted: ItemReplace
    ) -> ItemShown:
        """Make an item what is wanted, but for ``KEPT`` where they are not sent.

        Raises:
            ItemNotFoundError: the workspace has none of that id for sale.
            ValidationError: its price or category is none.
            AvatarNotFoundError: the workspace has no such avatar.
            AssetNotFoundError: the workspace has no such file.
            PolicyBlockedError: the floor refuses its words.
        """
        unsent = set(KEPT) - wanted.model_fields_set
        return await self._change(caller, item_id, wanted.model_dump(exclude=unsent))

    async def update(
        self, caller: Caller, item_id: int, wanted: ItemUpdate, *, seen: int | None
    ) -> ItemShown:
        """Change what is sent of an item, if it still is at the version seen.

        Raises:
            ItemNotFoundError: the workspace has none of that id for sale.
            PreconditionFailedError: it has changed, or been sold, since.
            ValidationError: its price or category is none.
            AvatarNotFoundError: the workspace has no such avatar.
            AssetNotFoundError: the workspace has no such file.
            PolicyBlockedError: the floor refuses its words.
        """
        changes = wanted.model_dump(exclude_unset=True)
        return await self._change(caller, item_id, changes, seen=seen)

    async def withdraw(self, caller: Caller, item_id: int) -> None:
        """Take an item from sale for good; who has bought it keeps it.

        Raises:
            ItemNotFoundError: the workspace has none of that id for sale.
        """
        member = await access.member(self._connection, caller)
        await self._items.lock(member, item_id)
        item = await self._items.set(item_id, is_active=False)
        await item_sales.follow(self._connection, member, item)
        await self._audit.add(member, "item.deleted", ("item", item_id))

    async def _change(
        self,
        caller: Caller,
        item_id: int,
        changes: dict[str, Any],
        *,
        seen: int | None = None,
    ) -> ItemShown:
        member = await access.member(self._connection, caller)
        held = await self._items.lock(member, item_id)
        if seen is not None and seen != held.version:
            raise PreconditionFailedError(held.version)
        await self._require_fit(member, changes)
        price: Decimal = changes.get("price", held.price)
        item_sales.charged(price, changes.get("currency", held.currency))
        item = await self._items.set(item_id, **changes)
        await item_sales.follow(self._connection, member, item)
        await self._audit.add(
            member, "item.changed", ("item", item_id), changed=sorted(changes)
        )
        return await self._items.read(item_id)

    async def _require_fit(self, member: Member, columns: dict[str, Any]) -> None:
        """Make sure that an item may be called this, and stand where it shall."""
        policies.refuse_blocked(columns.get("name"), columns.get("description"))
        if columns.get("category_id") is not None:
            await self._require_category(member, columns["category_id"])
        if columns.get("avatar_id"):
            await self._require_avatar(member, columns["avatar_id"])
        if columns.get("download_asset_id"):
            assets = AssetRepository(self._connection)
            await assets.lock(member, columns["download_asset_id"])

    async def _require_category(self, member: Member, category_id: int) -> None:
        try:
            await CategoryRepository(self._connection).hold(member, category_id)
        except CategoryNotFoundError as error:
            message = "There is no such category."
            raise ValidationError(message, field="category_id") from error

    async def _require_avatar(self, member: Member, avatar_id: UUID) -> None:
        avatar = await AvatarRepository(self._connection).lock(member, avatar_id)
        if avatar.status is AvatarStatus.ARCHIVED:
            raise AvatarNotFoundError
