"""Every query on what is sold: products, their prices, and what they open."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    RowMapping,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from vixenbliss.callers import Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ConflictError,
    ConstraintViolatedError,
    PriceNotFoundError,
    ProductNotFoundError,
)
from vixenbliss.models.avatars import Avatar, AvatarSheet
from vixenbliss.models.catalogue import (
    Benefit,
    Price,
    Product,
    ProductBenefit,
    ProductKind,
)
from vixenbliss.models.shop import Item
from vixenbliss.repositories.pages import page_seen_by_anybody, read_public_page
from vixenbliss.repositories.terms import wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.products import PriceRead, ProductRead

_PRICE = (
    Price.id,
    Price.amount_minor,
    Price.min_amount_minor,
    Price.max_amount_minor,
    Price.currency,
    Price.interval,
    Price.trial_days,
)
_item_id = (
    select(Item.id)
    .where(Item.product_id == Product.id)
    .correlate(Product)
    .scalar_subquery()
)
IS_OFFERED = and_(
    Price.is_active,
    or_(
        Price.stripe_price_id.is_not(None),
        Price.min_amount_minor.is_not(None),
        _item_id.is_not(None),
    ),
)
"""Whether something may be had for a price: Stripe has it, or they are bounds.

Of what sells an item, Stripe hears as soon as somebody wants to pay.
"""
IS_FOR_SALE = and_(
    Product.is_active,
    or_(Product.stripe_product_id.is_not(None), _item_id.is_not(None)),
    or_(Product.avatar_id.is_(None), Avatar.archived_at.is_(None)),
)
"""Whether a product may be had; the statement has ``ON_SHOW`` as its source."""
ON_SHOW = (
    Product.__table__.outerjoin(Avatar.__table__, Avatar.id == Product.avatar_id),
)
_prices = (
    select(
        func.coalesce(
            func.jsonb_agg(
                aggregate_order_by(
                    func.jsonb_build_object(
                        *(part for c in _PRICE for part in (c.key, c))
                    ),
                    Price.currency,
                    Price.interval,
                    Price.id,
                )
            ),
            func.jsonb_build_array(),
        )
    )
    .where(Price.product_id == Product.id, IS_OFFERED)
    .scalar_subquery()
    .label("prices")
)
_benefits = (
    select(
        func.coalesce(
            func.jsonb_agg(
                aggregate_order_by(
                    func.jsonb_build_object(
                        *("id", Benefit.id, "kind", Benefit.kind, "name", Benefit.name)
                    ),
                    Benefit.id,
                )
            ),
            func.jsonb_build_array(),
        )
    )
    .join(ProductBenefit, ProductBenefit.benefit_id == Benefit.id)
    .where(ProductBenefit.product_id == Product.id)
    .scalar_subquery()
    .label("benefits")
)
_COLUMNS = (
    Product.id,
    Product.workspace_id,
    Product.avatar_id,
    Product.kind,
    Product.name,
    Product.description,
    Product.is_active,
    Product.version,
    Product.created_at,
    Product.updated_at,
    _benefits,
    _prices,
)
# Public, hence global: anybody may look at what is for sale, wherever it is.
_LIST = page_seen_by_anybody(
    _COLUMNS,
    IS_FOR_SALE,
    wish(Product.workspace_id, "workspace_id"),
    wish(Product.avatar_id, "avatar_id"),
    wish(Product.kind, "kind"),
    order_by=(Product.created_at.desc(), Product.id.desc()),
    sources=ON_SHOW,
)
_READ = (
    select(
        *_COLUMNS,
        Avatar.avatar_name,
        AvatarSheet.sheet["disclosure"].astext.label("disclosure"),
    )
    .select_from(*ON_SHOW)
    .outerjoin(
        AvatarSheet,
        and_(
            AvatarSheet.avatar_id == Avatar.id,
            AvatarSheet.version == Avatar.current_sheet_version,
        ),
    )
    .where(Product.id == bindparam("id"))
)
_READ_FOR_SALE = _READ.where(IS_FOR_SALE)
_LOCK = (
    select(
        Product.id,
        Product.kind,
        Product.name,
        Product.description,
        Product.is_active,
        Product.stripe_product_id,
        Product.version,
        _item_id.label("item_id"),
    )
    .where(
        Product.id == bindparam("id"),
        Product.workspace_id == bindparam("workspace_id"),
    )
    .with_for_update()
)
_ADD = insert(Product).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    avatar_id=bindparam("avatar_id"),
    kind=bindparam("kind"),
    name=bindparam("name"),
    description=bindparam("description"),
)
_DROP = delete(Product).where(
    Product.id == bindparam("id_"), Product.stripe_product_id.is_(None)
)
_DROP_UNFINISHED_TIPS = delete(Product).where(
    Product.avatar_id == bindparam("avatar"),
    Product.kind == ProductKind.TIP,
    Product.stripe_product_id.is_(None),
)
_DROP_BENEFITS = delete(ProductBenefit).where(
    ProductBenefit.product_id == bindparam("product")
)
_ADD_BENEFIT = insert(ProductBenefit).values(
    product_id=bindparam("product_id"), benefit_id=bindparam("benefit_id")
)
_ADD_PRICE = insert(Price).values(
    id=bindparam("id"),
    product_id=bindparam("product_id"),
    amount_minor=bindparam("amount_minor"),
    min_amount_minor=bindparam("min_amount_minor"),
    max_amount_minor=bindparam("max_amount_minor"),
    currency=bindparam("currency"),
    interval=bindparam("interval"),
    trial_days=bindparam("trial_days"),
)
_DROP_PRICE = delete(Price).where(
    Price.id == bindparam("id_"),
    Price.amount_minor.is_not(None),
    Price.stripe_price_id.is_(None),
)
_READ_PRICE = select(*_PRICE).where(Price.id == bindparam("id"))
_RETIRE = (
    update(Price)
    .where(
        Price.id == bindparam("id_"),
        Price.product_id
        == select(Product.id)
        .where(
            Product.id == bindparam("product"),
            Product.workspace_id == bindparam("workspace"),
        )
        .scalar_subquery(),
    )
    .values(is_active=False)
    .returning(Price.stripe_price_id)
)


@dataclass(frozen=True, slots=True)
class LockedProduct:
    """A product that nobody else changes until the transaction ends."""

    id: UUID
    kind: ProductKind
    name: str
    description: str | None
    is_active: bool
    stripe_product_id: str | None
    version: int
    item_id: int | None
    """Which item it sells, if any."""


@dataclass(frozen=True, slots=True)
class ProductShown:
    """A product, and what is to be said of the avatar behind it."""

    product: ProductRead
    avatar_name: str | None
    disclosure: str | None


class ProductRepository:
    """What workspaces sell."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self, page: PageQuery, **filters: object) -> Listing[ProductRead]:
        """Return the products for sale that match, newest first; of any workspace."""
        return await read_public_page(
            self._connection, _LIST, page, ProductRead, **filters
        )

    async def show(self, product_id: UUID) -> ProductShown:
        """Return a product that is for sale, whoever sells it.

        Raises:
            ProductNotFoundError: none of that id is.
        """
        return _shown(await self._connection.one(_READ_FOR_SALE, id=product_id))

    async def read(self, product_id: UUID) -> ProductShown:
        """Return a product that was just written, for sale or not."""
        return _shown(await self._connection.one(_READ, id=product_id))

    async def lock(self, member: Member, product_id: UUID) -> LockedProduct:
        """Return a product, held until the transaction ends.

        Raises:
            ProductNotFoundError: the workspace has none of that id.
        """
        row = await self._connection.one(
            _LOCK, id=product_id, workspace_id=member.workspace_id
        )
        if row is None:
            raise ProductNotFoundError
        return LockedProduct(**row)

    async def add(
        self, member: Member, product_id: UUID, columns: dict[str, Any]
    ) -> None:
        """Insert a product, which is not for sale before Stripe has it.

        Raises:
            ConflictError: it is a tip's, and the avatar takes tips already.
        """
        await self._decided(
            _ADD, id=product_id, workspace_id=member.workspace_id, **columns
        )

    async def set(self, product_id: UUID, **columns: object) -> None:
        """Write columns of a locked product.

        Raises:
            ConflictError: it is a tip's, and the avatar takes tips otherwise.
        """
        statement = (
            update(Product)
            .where(Product.id == product_id)
            .values(**columns, version=Product.version + 1)
        )
        await self._decided(statement)

    async def _decided(self, statement: Any, **binds: object) -> None:  # noqa: ANN401 - an insert or an update
        try:
            await self._connection.run(statement, **binds)
        except ConstraintViolatedError as error:
            message = "The avatar takes tips already, by another product."
            raise ConflictError(message) from error

    async def drop(self, product_id: UUID) -> None:
        """Delete a product, and its prices, that Stripe has never taken."""
        await self._connection.run(_DROP, id_=product_id)

    async def drop_unfinished_tips(self, avatar_id: UUID) -> None:
        """Delete what a crash has left of an avatar's tips before Stripe had it."""
        await self._connection.run(_DROP_UNFINISHED_TIPS, avatar=avatar_id)

    async def put_benefits(self, product_id: UUID, benefit_ids: Sequence[UUID]) -> None:
        """Let a product open exactly these benefits."""
        await self._connection.run(_DROP_BENEFITS, product=product_id)
        for benefit_id in benefit_ids:
            await self._connection.run(
                _ADD_BENEFIT, product_id=product_id, benefit_id=benefit_id
            )

    async def add_price(
        self, product_id: UUID, price_id: UUID, columns: dict[str, Any]
    ) -> None:
        """Insert a price of a locked product; a fixed one waits for Stripe."""
        await self._connection.run(
            _ADD_PRICE, id=price_id, product_id=product_id, **columns
        )

    async def drop_price(self, price_id: UUID) -> None:
        """Delete a fixed price that Stripe has never taken."""
        await self._connection.run(_DROP_PRICE, id_=price_id)

    async def read_price(self, price_id: UUID) -> PriceRead:
        """Return a price.

        Raises:
            PriceNotFoundError: there is none of that id.
        """
        row = await self._connection.one(_READ_PRICE, id=price_id)
        if row is None:
            raise PriceNotFoundError
        return PriceRead.model_validate(dict(row))

    async def retire_price(
        self, member: Member, product_id: UUID, price_id: UUID
    ) -> str | None:
        """Put a price out of use, or leave it so; return what Stripe calls it.

        Raises:
            PriceNotFoundError: the workspace's product has none of that id.
        """
        row = await self._connection.one(
            _RETIRE, id_=price_id, product=product_id, workspace=member.workspace_id
        )
        if row is None:
            raise PriceNotFoundError
        stripe_price_id: str | None = row["stripe_price_id"]
        return stripe_price_id


def _shown(row: RowMapping | None) -> ProductShown:
    if row is None:
        raise ProductNotFoundError
    return ProductShown(
        ProductRead.model_validate(dict(row)), row["avatar_name"], row["disclosure"]
    )
