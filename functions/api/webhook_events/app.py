"""/api/v1/ops/webhook-events: what providers reported, and working on it again."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Staff
from vixenbliss.api.dependencies import Database, Page
from vixenbliss.api.responses import problems
from vixenbliss.models.webhook_events import WebhookSource, WebhookStatus
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.webhook_events import (
    Replay,
    Replayed,
    WebhookEventDetail,
    WebhookEventRead,
)
from vixenbliss.services.webhook_events import WebhookEventService
from vixenbliss.settings import settings

app = create_app("Webhook events", needs=(settings().database, settings().jwt_secret))

REFUSED = problems(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
PATH = "/api/v1/ops/webhook-events"


async def _events(database: Database) -> WebhookEventService:
    return WebhookEventService(database)


Events = Annotated[WebhookEventService, Depends(_events)]


@app.get(PATH, responses=REFUSED, tags=["operations"])
async def list_webhook_events(
    caller: Staff,
    events: Events,
    page: Page,
    source: WebhookSource | None = None,
    status: WebhookStatus | None = None,
    type_: Annotated[str | None, Query(alias="type", max_length=120)] = None,
) -> Listing[WebhookEventRead]:
    """List what providers reported, newest first; for the platform's staff."""
    return await events.list(caller, page, source=source, status=status, type=type_)


@app.get(
    f"{PATH}/{{event_id}}",
    responses=REFUSED | problems(HTTPStatus.NOT_FOUND),
    tags=["operations"],
)
async def read_webhook_event(
    event_id: UUID, caller: Staff, events: Events
) -> WebhookEventDetail:
    """Show a report and what has been done about it; for the platform's staff."""
    return await events.read(caller, event_id)


@app.post(
    f"{PATH}/{{event_id}}/replay",
    status_code=HTTPStatus.ACCEPTED,
    responses=REFUSED | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    tags=["operations"],
)
async def replay_webhook_event(
    event_id: UUID, body: Replay, caller: Staff, events: Events
) -> Replayed:
    """Have an event of Stripe's worked on again; for the platform's staff."""
    return await events.replay(caller, event_id, body.reason)


handler = lambda_handler(app)
