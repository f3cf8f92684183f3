"""/api/v1/checkout: where a fan goes to pay."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import SignedIn
from vixenbliss.api.dependencies import IdempotencyKey, locate
from vixenbliss.api.responses import ASKS_OTHERS, READS
from vixenbliss.providers.stripe import Stripe
from vixenbliss.schemas.checkouts import (
    CheckoutCreate,
    CheckoutCreated,
    CheckoutRead,
    TipCreate,
)
from vixenbliss.services.checkouts import CheckoutService
from vixenbliss.settings import settings

app = create_app("Checkout", needs=(settings().database, settings().jwt_secret))


async def _checkouts() -> CheckoutService:
    return CheckoutService(settings(), Stripe(settings()))


# It asks Stripe, so it opens its transactions itself, before and after.
Checkouts = Annotated[CheckoutService, Depends(_checkouts)]


@app.post(
    "/api/v1/checkout",
    status_code=HTTPStatus.CREATED,
    responses=ASKS_OTHERS,
    tags=["memberships"],
)
async def begin_checkout(
    body: CheckoutCreate,
    caller: SignedIn,
    checkouts: Checkouts,
    response: Response,
    key: IdempotencyKey = None,
) -> CheckoutCreated:
    """Begin to pay, for a membership or once; the answer says where."""
    begun = await checkouts.start(caller, body, key)
    locate(response, f"/api/v1/checkout/{begun.checkout_id}")
    return begun


@app.post(
    "/api/v1/checkout/tips",
    status_code=HTTPStatus.CREATED,
    responses=ASKS_OTHERS,
    tags=["memberships"],
)
async def begin_tip(
    body: TipCreate,
    caller: SignedIn,
    checkouts: Checkouts,
    response: Response,
    key: IdempotencyKey = None,
) -> CheckoutCreated:
    """Begin to give an avatar a tip; the answer says where."""
    begun = await checkouts.tip(caller, body, key)
    locate(response, f"/api/v1/checkout/{begun.checkout_id}")
    return begun


@app.get("/api/v1/checkout/{checkout_id}", responses=READS, tags=["memberships"])
async def read_checkout(
    checkout_id: UUID, caller: SignedIn, checkouts: Checkouts
) -> CheckoutRead:
    """Return what has become of a checkout."""
    return await checkouts.get(caller, checkout_id)


handler = lambda_handler(app)
