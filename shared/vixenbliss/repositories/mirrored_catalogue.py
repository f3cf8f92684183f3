"""What the mirrors write of the catalogue. Global, as Stripe's events are."""

from sqlalchemy import bindparam, update

from vixenbliss.database import Connection
from vixenbliss.models.catalogue import Price, Product

_RETIRE_PRICE = (
    update(Price)
    .where(Price.stripe_price_id == bindparam("stripe_id"), Price.is_active)
    .values(is_active=False)
)
_RETIRE_PRODUCT = (
    update(Product)
    .where(Product.stripe_product_id == bindparam("stripe_id"), Product.is_active)
    .values(is_active=False, version=Product.version + 1)
)


class MirroredCatalogueRepository:
    """Products and prices, by Stripe's names for them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def retire_price(self, stripe_id: str) -> bool:
        """Put a price out of use; False if it was, or is none of ours."""
        return await self._connection.run(_RETIRE_PRICE, stripe_id=stripe_id) > 0

    async def retire_product(self, stripe_id: str) -> bool:
        """Put a product out of use; False if it was, or is none of ours."""
        return await self._connection.run(_RETIRE_PRODUCT, stripe_id=stripe_id) > 0
