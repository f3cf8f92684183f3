"""Every query on prices, as those see them who pay: of whichever workspace."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, or_, select

from vixenbliss.database import Connection
from vixenbliss.errors import (
    AvatarNotFoundError,
    ItemNotFoundError,
    ProductNotFoundError,
)
from vixenbliss.models.avatars import Avatar
from vixenbliss.models.catalogue import Interval, Price, Product, ProductKind
from vixenbliss.models.shop import Item
from vixenbliss.repositories.products import ON_SHOW
from vixenbliss.repositories.terms import among

_OFFERS = (
    select(
        Price.id,
        Price.product_id,
        Product.workspace_id,
        Product.avatar_id,
        Product.kind,
        Product.name,
        Product.stripe_product_id,
        Price.amount_minor,
        Price.min_amount_minor,
        Price.max_amount_minor,
        Price.currency,
        Price.interval,
        Price.trial_days,
        Price.stripe_price_id,
        Item.id.label("item_id"),
    )
    .select_from(*ON_SHOW)
    .join(Price, Price.product_id == Product.id)
    .outerjoin(Item, Item.product_id == Product.id)
    .where(
        Price.is_active,
        Product.is_active,
        or_(Product.avatar_id.is_(None), Avatar.archived_at.is_(None)),
    )
)
_BY_IDS = _OFFERS.where(among(Price.id, "ids"))
_BY_ITEMS = _OFFERS.where(among(Item.id, "ids"))
_ITEMS = select(Item.id).where(among(Item.id, "ids"), Item.is_active)
_TIPS = _OFFERS.where(
    Product.avatar_id == bindparam("avatar_id"), Product.kind == ProductKind.TIP
)
_AVATAR = select(Avatar.id).where(
    Avatar.id == bindparam("avatar_id"), Avatar.archived_at.is_(None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A price that something may be had for, though Stripe may not know it yet."""

    id: UUID
    product_id: UUID
    workspace_id: UUID
    avatar_id: UUID | None
    kind: ProductKind
    name: str
    stripe_product_id: str | None
    amount_minor: int | None
    min_amount_minor: int | None
    max_amount_minor: int | None
    currency: str
    interval: Interval | None
    trial_days: int
    stripe_price_id: str | None
    item_id: int | None = None
    """What is taken from the shelf with it."""

    @property
    def is_at_stripe(self) -> bool:
        """Whether Stripe has all that selling it takes; of a tip, the product alone."""
        has_price = self.stripe_price_id is not None or self.amount_minor is None
        return self.stripe_product_id is not None and has_price


class OfferRepository:
    """What anybody may buy."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, price_ids: Sequence[UUID]) -> dict[UUID, Offer]:
        """Return those of the prices that are in use, by their ids."""
        rows = await self._connection.all(_BY_IDS, ids=list(price_ids))
        return {row["id"]: Offer(**row) for row in rows}

    async def of_items(self, item_ids: Sequence[int]) -> dict[int, Offer]:
        """Return the prices of those of the items that cost something, by their ids.

        Raises:
            ItemNotFoundError: one of the items is not for sale.
        """
        rows = await self._connection.all(_BY_ITEMS, ids=list(item_ids))
        if len(rows) < len(item_ids):
            await self._require_items(item_ids)
        return {row["item_id"]: Offer(**row) for row in rows}

    async def _require_items(self, item_ids: Sequence[int]) -> None:
        rows = await self._connection.all(_ITEMS, ids=list(item_ids))
        if len(rows) < len(item_ids):
            raise ItemNotFoundError

    async def tips(self, avatar_id: UUID) -> Sequence[Offer]:
        """Return the bounds of an avatar's tips, one for each currency.

        Raises:
            AvatarNotFoundError: there is no such live avatar.
            ProductNotFoundError: it takes no tips.
        """
        rows = await self._connection.all(_TIPS, avatar_id=avatar_id)
        if not rows and not await self._connection.one(_AVATAR, avatar_id=avatar_id):
            raise AvatarNotFoundError
        if not rows:
            raise ProductNotFoundError
        return [Offer(**row) for row in rows]
