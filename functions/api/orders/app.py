"""/api/v1/orders: what fans have bought, and what is given back to them."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import AnyMember, Owner
from vixenbliss.api.dependencies import Database, IdempotencyKey, Page
from vixenbliss.api.responses import READS, WRITES, problems
from vixenbliss.models.orders import OrderStatus
from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_payments import StripePayments
from vixenbliss.schemas.base import Instant, Listing
from vixenbliss.schemas.orders import (
    OrderRead,
    OrderWithParts,
    RefundCreate,
    RefundRead,
)
from vixenbliss.services.refund_asking import RefundAsking
from vixenbliss.services.refunding import RefundingService
from vixenbliss.services.sales import SaleService
from vixenbliss.settings import settings

app = create_app("Orders", needs=(settings().database, settings().jwt_secret))


async def _sales(database: Database) -> SaleService:
    return SaleService(database)


async def _refunding() -> RefundingService:
    return RefundingService(RefundAsking(StripePayments(Stripe(settings()))))


Sales = Annotated[SaleService, Depends(_sales)]
# It asks Stripe, so it opens its transactions itself, before and after.
Refunding = Annotated[RefundingService, Depends(_refunding)]


@app.get("/api/v1/orders", responses=READS, tags=["orders"])
async def list_orders(
    caller: AnyMember,
    sales: Sales,
    page: Page,
    status: OrderStatus | None = None,
    avatar_id: UUID | None = None,
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
) -> Listing[OrderRead]:
    """List the caller's own orders, or those of the workspace that they name."""
    wishes = {"status": status, "avatar_id": avatar_id, "since": since, "until": until}
    return await sales.list(caller, page, **wishes)


@app.get("/api/v1/orders/{order_id}", responses=READS, tags=["orders"])
async def read_order(order_id: UUID, caller: AnyMember, sales: Sales) -> OrderWithParts:
    """Return an order with its lines, payments and refunds."""
    return await sales.get(caller, order_id)


@app.post(
    "/api/v1/orders/{order_id}/refunds",
    status_code=HTTPStatus.ACCEPTED,
    responses=WRITES | problems(HTTPStatus.BAD_GATEWAY),
    tags=["orders"],
)
async def refund_order(
    order_id: UUID,
    body: RefundCreate,
    caller: Owner,
    refunding: Refunding,
    key: IdempotencyKey = None,
) -> RefundRead:
    """Give money back, by the way that it came."""
    return await refunding.refund(caller, order_id, body, key)


@app.get("/api/v1/orders/{order_id}/refunds", responses=READS, tags=["orders"])
async def list_refunds(
    order_id: UUID, caller: AnyMember, sales: Sales, page: Page
) -> Listing[RefundRead]:
    """List what was given back of an order."""
    return await sales.refunds(caller, order_id, page)


handler = lambda_handler(app)
