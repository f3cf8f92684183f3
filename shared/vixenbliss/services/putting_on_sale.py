"""What is for sale is told to Stripe, under keys made of our rows' ids.

So it may be told twice: by somebody else at the same time, or again after a crash. What
Stripe does not have yet is not for sale.
"""

from collections.abc import Sequence
from uuid import UUID

from vixenbliss.database import reading, transaction
from vixenbliss.errors import ProductNotFoundError, ProviderError
from vixenbliss.log import log
from vixenbliss.providers.stripe_catalogue import Article, StripeCatalogue, Tag
from vixenbliss.repositories.showcases import (
    ReplacedPrice,
    ShowcaseRepository,
    ShownProduct,
    WaitingPrice,
)


async def put_on_sale(catalogue: StripeCatalogue, product_id: UUID) -> None:
    """Tell Stripe what it does not know of a product, and keep what it answers.

    A price in use replaces older ones of the same terms as soon as Stripe has it.

    Raises:
        ProductNotFoundError: somebody has deleted it meanwhile.
        ProviderError: Stripe does not take it, or has not answered.
    """
    async with reading() as connection:
        showcase = ShowcaseRepository(connection)
        product = await showcase.find(product_id)
        prices = await showcase.waiting_prices(product_id)
    if product is None:
        raise ProductNotFoundError
    if product.stripe_product_id and not prices:
        return
    stripe_id = product.stripe_product_id or await catalogue.add_product(
        article_of(product)
    )
    made = {p.id: await catalogue.add_price(stripe_id, _tag_of(p)) for p in prices}
    replaced: list[ReplacedPrice] = []
    async with transaction() as connection:
        showcase = ShowcaseRepository(connection)
        if not await showcase.keep_product(product_id, stripe_id):
            raise ProductNotFoundError
        for price_id, stripe_price_id in made.items():
            replaced += await showcase.keep_price(price_id, stripe_price_id)
    await _retire(catalogue, replaced)


async def _retire(
    catalogue: StripeCatalogue, replaced: Sequence[ReplacedPrice]
) -> None:
    """Tell Stripe what is out of use; we sell none of it, whether it hears or not."""
    for price in replaced:
        if price.stripe_price_id is None:
            continue
        try:
            await catalogue.retire_price(price.id, price.stripe_price_id)
        except ProviderError as error:
            log.warning("price not retired", price_id=str(price.id), code=error.code)


def article_of(product: ShownProduct) -> Article:
    """Return a product as Stripe is told of it."""
    return Article(
        product.id,
        product.name,
        product.description,
        product.is_active,
        product.version,
    )


def _tag_of(price: WaitingPrice) -> Tag:
    return Tag(price.id, price.amount_minor, price.currency, price.interval)
