"""/api/v1/products: what is sold, and for how much; anybody may look."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Owner
from vixenbliss.api.dependencies import Database, Page, locate, publish, tag
from vixenbliss.api.responses import ASKS_OTHERS, problems
from vixenbliss.models.catalogue import ProductKind
from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_catalogue import StripeCatalogue
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.products import (
    ProductCreate,
    ProductDetail,
    ProductRead,
    ProductUpdate,
)
from vixenbliss.services.products import ProductService, ShopService
from vixenbliss.settings import settings

ALL = "/api/v1/products"
ONE = f"{ALL}/{{product_id}}"
app = create_app("Products", needs=(settings().database, settings().jwt_secret))


async def _shop(database: Database) -> ShopService:
    return ShopService(database)


async def _products() -> ProductService:
    return ProductService(StripeCatalogue(Stripe(settings())))


Shop = Annotated[ShopService, Depends(_shop)]
# It asks Stripe, so it opens its transactions itself, before and after.
Products = Annotated[ProductService, Depends(_products)]


@app.post(
    ALL, status_code=HTTPStatus.CREATED, responses=ASKS_OTHERS, tags=["memberships"]
)
async def create_product(
    body: ProductCreate, caller: Owner, products: Products, response: Response
) -> ProductDetail:
    """Offer something; it is for sale at once."""
    product = await products.create(caller, body)
    locate(response, f"{ALL}/{product.id}")
    tag(response, product.version)
    return product


@app.get(ALL, responses=problems(), tags=["memberships"])
async def list_products(
    shop: Shop,
    page: Page,
    response: Response,
    workspace_id: UUID | None = None,
    avatar_id: UUID | None = None,
    kind: ProductKind | None = None,
) -> Listing[ProductRead]:
    """List what a workspace, or an avatar, has for sale, newest first."""
    listed = await shop.list(
        page, workspace_id=workspace_id, avatar_id=avatar_id, kind=kind
    )
    publish(response, listed)
    return listed


@app.get(ONE, responses=problems(HTTPStatus.NOT_FOUND), tags=["memberships"])
async def read_product(
    product_id: UUID, shop: Shop, response: Response
) -> ProductDetail:
    """Return a product that is for sale, and say that an AI is behind it."""
    product = await shop.get(product_id)
    publish(response, product)
    tag(response, product.version)
    return product


@app.patch("/api/v1/products/{product_id}", responses=ASKS_OTHERS, tags=["memberships"])
async def update_product(
    product_id: UUID,
    body: ProductUpdate,
    caller: Owner,
    products: Products,
    response: Response,
) -> ProductDetail:
    """Change a product, take it from sale, or put it on sale again."""
    product = await products.update(caller, product_id, body)
    tag(response, product.version)
    return product


handler = lambda_handler(app)
