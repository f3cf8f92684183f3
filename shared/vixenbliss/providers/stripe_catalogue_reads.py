"""Whether what we have put into Stripe's catalogue is still there."""

from typing import Any

from pydantic import BaseModel

from vixenbliss.errors import ProviderRefusedError
from vixenbliss.providers.stripe import Ask, Stripe
from vixenbliss.providers.stripe_shapes import Deleted, Price, Product

MISSING = "resource_missing"  # docs.stripe.com/error-codes


class StripeCatalogueReads:
    """Customers, products and prices; reads raise as ``Stripe.call``."""

    def __init__(self, stripe: Stripe) -> None:
        self._stripe = stripe

    async def has_customer(self, customer_id: str) -> bool:
        """Tell whether a customer is there; one that was deleted is still shown."""
        customer = await self._if_there(
            lambda client: client.v1.customers.retrieve_async(customer_id), Deleted
        )
        return customer is not None and not customer.deleted

    async def sells_product(self, product_id: str) -> bool:
        """Tell whether a product is there and in use."""
        product = await self._if_there(
            lambda client: client.v1.products.retrieve_async(product_id), Product
        )
        return product is not None and product.active

    async def sells_at(self, price_id: str) -> bool:
        """Tell whether a price is there and in use."""
        price = await self._if_there(
            lambda client: client.v1.prices.retrieve_async(price_id), Price
        )
        return price is not None and price.active

    async def _if_there[Answer: BaseModel](
        self,
        ask: Ask[Any],
        answer: type[Answer],
    ) -> Answer | None:
        try:
            return await self._stripe.call(ask, answer)
        except ProviderRefusedError as error:
            if error.their_code != MISSING:
                raise
            return None
