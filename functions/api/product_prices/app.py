"""/api/v1/products/{id}/prices: for how much a product is sold; never changed."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Owner
from vixenbliss.api.responses import ASKS_OTHERS
from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_catalogue import StripeCatalogue
from vixenbliss.schemas.products import PriceCreate, PriceRead
from vixenbliss.services.products import ProductService
from vixenbliss.settings import settings

ALL = "/api/v1/products/{product_id}/prices"
app = create_app("Product prices", needs=(settings().database, settings().jwt_secret))


async def _products() -> ProductService:
    return ProductService(StripeCatalogue(Stripe(settings())))


# It asks Stripe, so it opens its transactions itself, before and after.
Products = Annotated[ProductService, Depends(_products)]


@app.post(
    ALL,
    status_code=HTTPStatus.CREATED,
    responses=ASKS_OTHERS,
    tags=["memberships"],
)
async def add_price(
    product_id: UUID, body: PriceCreate, caller: Owner, products: Products
) -> PriceRead:
    """Add a price, instead of an older one for the same currency and interval."""
    return await products.add_price(caller, product_id, body)


@app.delete(
    f"{ALL}/{{price_id}}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=ASKS_OTHERS,
    tags=["memberships"],
)
async def retire_price(
    product_id: UUID, price_id: UUID, caller: Owner, products: Products
) -> None:
    """Put a price out of use; who pays it goes on paying it."""
    await products.retire_price(caller, product_id, price_id)


handler = lambda_handler(app)
