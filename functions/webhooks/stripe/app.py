"""POST /webhooks/stripe: Stripe says that something has happened to an object."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Request

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.deliveries import read_json, verify_stripe
from vixenbliss.api.dependencies import Database
from vixenbliss.api.responses import problems
from vixenbliss.errors import NotFoundError, ValidationError
from vixenbliss.schemas.webhooks import Received
from vixenbliss.services.stripe_events import StripeEvents
from vixenbliss.settings import settings

app = create_app("Stripe webhook", needs=(settings().database,))


async def _event(request: Request) -> dict[str, Any]:
    """Check the signature on the raw bytes, and only then read them."""
    secrets = settings().stripe_webhook_secret.versions()
    if not secrets:
        raise NotFoundError  # without a secret this door does not exist
    body = await request.body()
    verify_stripe(request.headers, body, secrets)
    event = read_json(body)
    if not isinstance(event, dict):
        message = "The body is not an event."
        raise ValidationError(message)
    return event


async def _events(database: Database) -> StripeEvents:
    return StripeEvents(database)


# In this order: nothing is opened for a delivery that is not Stripe's.
Verified = Annotated[dict[str, Any], Depends(_event)]
Events = Annotated[StripeEvents, Depends(_events)]
SIGNED_BODY = {
    "parameters": [
        {
            "name": "Stripe-Signature",
            "in": "header",
            "required": True,
            "schema": {"type": "string"},
        }
    ],
    "requestBody": {
        "required": True,
        "description": "A snapshot event, signed with the endpoint's secret.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    },
}


@app.post(
    "/webhooks/stripe",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(HTTPStatus.NOT_FOUND),
    tags=["webhooks"],
    openapi_extra=SIGNED_BODY,
)
async def receive_stripe_event(event: Verified, events: Events) -> Received:
    """Take an event in, once however often it is delivered."""
    await events.take(event)
    return Received()


handler = lambda_handler(app)
