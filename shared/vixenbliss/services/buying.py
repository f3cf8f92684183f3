"""Who buys is a customer at Stripe: made once, when they buy for the first time."""

from uuid import UUID

from vixenbliss.database import reading, transaction
from vixenbliss.providers.stripe_catalogue import StripeCatalogue
from vixenbliss.repositories.buyers import BuyerRepository


async def customer_at_stripe(catalogue: StripeCatalogue, customer_id: UUID) -> str:
    """Return what Stripe calls a customer, who is made if Stripe has none.

    Asked twice, or after a crash, it is the same one: the key is the customer's and
    their generation's, which counts how often they were deleted there.

    Raises:
        ProviderError: Stripe has not made the customer, or has not said so.
    """
    async with reading() as connection:
        buyer = await BuyerRepository(connection).get(customer_id)
    if buyer.stripe_id:
        return buyer.stripe_id
    stripe_id = await catalogue.add_customer(
        buyer.id, buyer.generation, email=buyer.email, user_id=buyer.user_id
    )
    async with transaction() as connection:
        await BuyerRepository(connection).keep_stripe_id(buyer, stripe_id)
    return stripe_id
