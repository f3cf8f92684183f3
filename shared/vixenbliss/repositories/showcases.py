"""Every query on what Stripe has still to be told of a product and its prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select, update

from vixenbliss.database import Connection
from vixenbliss.models.catalogue import Interval, Price, Product

_PRODUCT = select(
    Product.id,
    Product.name,
    Product.description,
    Product.is_active,
    Product.version,
    Product.stripe_product_id,
).where(Product.id == bindparam("id"))
_LOCK = select(Product.id).where(Product.id == bindparam("id")).with_for_update()
_PRICES = (
    select(Price.id, Price.amount_minor, Price.currency, Price.interval)
    .where(
        Price.product_id == bindparam("product_id"),
        Price.is_active,
        Price.amount_minor.is_not(None),
        Price.stripe_price_id.is_(None),
    )
    .order_by(Price.id)
)
_KEEP_PRODUCT = (
    update(Product)
    .where(Product.id == bindparam("id_"), Product.stripe_product_id.is_(None))
    .values(stripe_product_id=bindparam("stripe_id"), version=Product.version + 1)
)
_KEEP_PRICE = (
    update(Price)
    .where(Price.id == bindparam("id_"), Price.stripe_price_id.is_(None))
    .values(stripe_price_id=bindparam("stripe_id"))
    .returning(Price.id)
)
_newer = select(Price).where(Price.id == bindparam("newer")).subquery("newer")
_REPLACE = (
    update(Price)
    .where(
        Price.product_id == _newer.c.product_id,
        Price.currency == _newer.c.currency,
        Price.interval.is_not_distinct_from(_newer.c.interval),
        Price.id < _newer.c.id,
        Price.is_active,
    )
    .values(is_active=False)
    .returning(Price.id, Price.stripe_price_id)
)


@dataclass(frozen=True, slots=True)
class ShownProduct:
    """A product, as Stripe is to know it."""

    id: UUID
    name: str
    description: str | None
    is_active: bool
    version: int
    stripe_product_id: str | None


@dataclass(frozen=True, slots=True)
class WaitingPrice:
    """A fixed price that Stripe does not have, or has not said so."""

    id: UUID
    amount_minor: int
    currency: str
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class ReplacedPrice:
    """A price that a newer one has put out of use."""

    id: UUID
    stripe_price_id: str | None


class ShowcaseRepository:
    """Products on their way to Stripe; of any workspace, for services that may ask."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, product_id: UUID) -> ShownProduct | None:
        """Return a product, if it is there."""
        row = await self._connection.one(_PRODUCT, id=product_id)
        return ShownProduct(**row) if row else None

    async def waiting_prices(self, product_id: UUID) -> Sequence[WaitingPrice]:
        """Return the prices in use that Stripe is still to be told of, oldest first."""
        rows = await self._connection.all(_PRICES, product_id=product_id)
        return [WaitingPrice(**row) for row in rows]

    async def keep_product(self, product_id: UUID, stripe_product_id: str) -> bool:
        """Keep what Stripe calls a product; False if the product is gone.

        It is held until the transaction ends, and with it the order of its prices.
        """
        if await self._connection.one(_LOCK, id=product_id) is None:
            return False
        await self._connection.run(
            _KEEP_PRODUCT, id_=product_id, stripe_id=stripe_product_id
        )
        return True

    async def keep_price(
        self, price_id: UUID, stripe_price_id: str
    ) -> Sequence[ReplacedPrice]:
        """Keep what Stripe calls a price; return the older ones that it replaces."""
        kept = await self._connection.one(
            _KEEP_PRICE, id_=price_id, stripe_id=stripe_price_id
        )
        return await self.replace_older(price_id) if kept else ()

    async def replace_older(self, price_id: UUID) -> Sequence[ReplacedPrice]:
        """Put those out of use that a price replaces: same product, same terms."""
        rows = await self._connection.all(_REPLACE, newer=price_id)
        return [ReplacedPrice(**row) for row in rows]
