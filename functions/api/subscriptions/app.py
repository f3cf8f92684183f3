"""/api/v1/subscriptions: memberships that are paid, seen and changed by who pays."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import AnyMember, OwnOrOwner, SignedIn
from vixenbliss.api.dependencies import Database, IdempotencyKey, Page
from vixenbliss.api.responses import ASKS_OTHERS, READS
from vixenbliss.models.subscriptions import SubscriptionStatus
from vixenbliss.providers.stripe import Stripe
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.subscriptions import (
    Cancellation,
    ChangeRead,
    ChangeWanted,
    PortalCreate,
    PortalCreated,
    SubscriptionRead,
)
from vixenbliss.services.subscription_changes import SubscriptionChangeService
from vixenbliss.services.subscriptions import PortalService, SubscriptionService
from vixenbliss.settings import settings

ALL = "/api/v1/subscriptions"
ONE = f"{ALL}/{{subscription_id}}"
app = create_app("Subscriptions", needs=(settings().database, settings().jwt_secret))


async def _subscriptions(database: Database) -> SubscriptionService:
    return SubscriptionService(database)


async def _changes() -> SubscriptionChangeService:
    return SubscriptionChangeService(settings(), Stripe(settings()))


async def _portal() -> PortalService:
    return PortalService(settings(), Stripe(settings()))


Subscriptions = Annotated[SubscriptionService, Depends(_subscriptions)]
# These ask Stripe, so they open their transactions themselves, before and after.
Changes = Annotated[SubscriptionChangeService, Depends(_changes)]
Portal = Annotated[PortalService, Depends(_portal)]


@app.get(ALL, responses=READS, tags=["memberships"])
async def list_subscriptions(
    caller: AnyMember,
    subscriptions: Subscriptions,
    page: Page,
    status: SubscriptionStatus | None = None,
    product_id: UUID | None = None,
) -> Listing[SubscriptionRead]:
    """List one's own subscriptions; with X-Workspace-Id, those to the workspace."""
    return await subscriptions.list(caller, page, status=status, product_id=product_id)


@app.get(ONE, responses=READS, tags=["memberships"])
async def read_subscription(
    subscription_id: UUID, caller: AnyMember, subscriptions: Subscriptions
) -> SubscriptionRead:
    """Return a subscription of one's own; with X-Workspace-Id, of the workspace."""
    return await subscriptions.get(caller, subscription_id)


@app.post(f"{ONE}/cancel", responses=ASKS_OTHERS, tags=["memberships"])
async def cancel_subscription(
    subscription_id: UUID,
    body: Cancellation,
    caller: OwnOrOwner,
    changes: Changes,
    key: IdempotencyKey = None,
) -> SubscriptionRead:
    """End a subscription, now or when what is paid for ends."""
    return await changes.cancel(caller, subscription_id, body, key)


@app.post(f"{ONE}/resume", responses=ASKS_OTHERS, tags=["memberships"])
async def resume_subscription(
    subscription_id: UUID, caller: SignedIn, changes: Changes
) -> SubscriptionRead:
    """Let a subscription be renewed after all that was to end with its period."""
    return await changes.resume(caller, subscription_id)


@app.post(f"{ONE}/change", responses=ASKS_OTHERS, tags=["memberships"])
async def change_subscription(
    subscription_id: UUID, body: ChangeWanted, caller: SignedIn, changes: Changes
) -> ChangeRead:
    """Pay another price: a better one now, a lesser one from the next renewal on."""
    return await changes.change(caller, subscription_id, body)


@app.post(f"{ONE}/change/preview", responses=ASKS_OTHERS, tags=["memberships"])
async def preview_change(
    subscription_id: UUID, body: ChangeWanted, caller: SignedIn, changes: Changes
) -> ChangeRead:
    """Say what a change would cost, and when."""
    return await changes.preview(caller, subscription_id, body)


@app.post(
    "/api/v1/portal",
    status_code=HTTPStatus.CREATED,
    responses=ASKS_OTHERS,
    tags=["memberships"],
)
async def open_portal(
    body: PortalCreate, caller: SignedIn, portal: Portal
) -> PortalCreated:
    """Return a page of Stripe's on which one looks after what one pays."""
    return await portal.open(caller, body)


handler = lambda_handler(app)
