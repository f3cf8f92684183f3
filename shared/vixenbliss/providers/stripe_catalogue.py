"""Stripe's copy of who buys and of what is sold: customers, products, prices."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from vixenbliss.errors import ProviderRefusedError
from vixenbliss.models.catalogue import Interval
from vixenbliss.providers.stripe import NAME, Stripe
from vixenbliss.providers.stripe_shapes import Deleted, Named, Page, Price, Product

if TYPE_CHECKING:  # of the SDK's three megabytes of types nothing runs
    from stripe.params import PriceCreateParams, ProductCreateParams

MISSING = "resource_missing"  # docs.stripe.com/error-codes
ALREADY_THERE = "resource_already_exists"
"""Stripe's word where an id or a lookup key of ours is taken: by us, another day."""


@dataclass(frozen=True, slots=True)
class Article:
    """A product, as Stripe is told of it."""

    id: UUID
    name: str
    description: str | None
    is_active: bool
    version: int

    @property
    def stripe_id(self) -> str:
        """How the product is called at Stripe."""
        return f"prod_{self.id.hex}"


@dataclass(frozen=True, slots=True)
class Tag:
    """A price, as Stripe is told of it; without an interval it is paid once."""

    id: UUID
    amount_minor: int
    currency: str
    interval: Interval | None


class StripeCatalogue:
    """The customers, products and prices of the platform's account."""

    def __init__(self, stripe: Stripe) -> None:
        self._stripe = stripe

    async def add_customer(
        self, customer_id: UUID, generation: int, *, email: str, user_id: int
    ) -> str:
        """Make the customer, once per generation; return Stripe's id.

        Raises:
            ProviderError: see ``Stripe.call``; ask again, it stays one customer.
        """
        made = await self._stripe.call(
            lambda client: client.v1.customers.create_async(
                {
                    "email": email,
                    "metadata": {
                        "user_id": str(user_id),
                        "customer_id": str(customer_id),
                    },
                },
                {"idempotency_key": f"customer:{customer_id}:{generation}"},
            ),
            Named,
            effect=True,
        )
        return made.id

    async def delete_customer(self, stripe_customer_id: str) -> None:
        """Have Stripe forget who a customer is; what they paid stays in its books.

        Raises:
            ProviderError: see ``Stripe.call``; ask again, who is gone is gone.
        """
        try:
            await self._stripe.call(
                lambda client: client.v1.customers.delete_async(stripe_customer_id),
                Deleted,
                effect=True,
            )
        except ProviderRefusedError as error:
            if error.their_code != MISSING:
                raise

    async def add_product(self, article: Article) -> str:
        """Make the product, once; return Stripe's id, which is ours in other words.

        Raises:
            ProviderError: see ``Stripe.call``; ask again, it stays one product.
        """
        told: ProductCreateParams = {
            "id": article.stripe_id,
            "name": article.name,
            "metadata": {"product_id": str(article.id)},
        }
        if article.description:
            told["description"] = article.description
        key = f"product:{article.id}"
        try:
            made = await self._stripe.call(
                lambda client: client.v1.products.create_async(
                    told, {"idempotency_key": key}
                ),
                Product,
                effect=True,
            )
        except ProviderRefusedError as error:
            if error.their_code != ALREADY_THERE:
                raise
            return article.stripe_id
        return made.id

    async def change_product(self, article: Article) -> None:
        """Call and describe the product as it is called and described now.

        Raises:
            ProviderError: see ``Stripe.call``.
        """
        await self._stripe.call(
            lambda client: client.v1.products.update_async(
                article.stripe_id,
                {
                    "name": article.name,
                    "description": article.description or "",
                    "active": article.is_active,
                },
                {"idempotency_key": f"product:{article.id}:{article.version}"},
            ),
            Product,
            effect=True,
        )

    async def add_price(self, stripe_product_id: str, tag: Tag) -> str:
        """Make the price, once; return Stripe's id.

        Raises:
            ProviderError: see ``Stripe.call``; ask again, it stays one price.
        """
        told: PriceCreateParams = {
            "product": stripe_product_id,
            "currency": tag.currency,
            "unit_amount": tag.amount_minor,
            "lookup_key": str(tag.id),
            "metadata": {"price_id": str(tag.id)},
        }
        if tag.interval:
            told["recurring"] = {"interval": tag.interval}
        key = f"price:{tag.id}"
        try:
            made = await self._stripe.call(
                lambda client: client.v1.prices.create_async(
                    told, {"idempotency_key": key}
                ),
                Price,
                effect=True,
            )
        except ProviderRefusedError as error:
            if error.their_code != ALREADY_THERE:
                raise
            return await self._price_of(tag)
        return made.id

    async def _price_of(self, tag: Tag) -> str:
        """Return the price that was made too long ago for its key to be known."""
        page = await self._stripe.call(
            lambda client: client.v1.prices.list_async(
                {"lookup_keys": [str(tag.id)], "limit": 1}
            ),
            Page[Price],
        )
        if not page.data:
            raise ProviderRefusedError(NAME, "the price is there and is not")
        return page.data[0].id

    async def retire_price(self, price_id: UUID, stripe_price_id: str) -> None:
        """Let nothing more be sold at a price; who pays it goes on paying it.

        Raises:
            ProviderError: see ``Stripe.call``; ask again.
        """
        await self._stripe.call(
            lambda client: client.v1.prices.update_async(
                stripe_price_id,
                {"active": False},
                {"idempotency_key": f"price:{price_id}:retired"},
            ),
            Price,
            effect=True,
        )
