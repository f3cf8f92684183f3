"""POST /webhooks/replicate: Replicate reports that a prediction has ended."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.deliveries import read_json, verify_standard_webhook
from vixenbliss.api.dependencies import Database
from vixenbliss.api.responses import problems
from vixenbliss.errors import NotFoundError, ValidationError
from vixenbliss.schemas.webhooks import Received
from vixenbliss.services.reports import ReportService
from vixenbliss.settings import settings

app = create_app("Replicate webhook", needs=(settings().database,))


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery that Replicate has signed."""

    id: str
    payload: dict[str, Any]


async def _delivery(request: Request) -> Delivery:
    """Check the signature on the raw bytes, and only then read them."""
    secrets = settings().replicate_webhook_secret.versions()
    if not secrets:
        raise NotFoundError  # without a secret this door does not exist
    body = await request.body()
    delivery_id = verify_standard_webhook(request.headers, body, secrets)
    payload = read_json(body)
    if not isinstance(payload, dict):
        message = "The body is not a prediction."
        raise ValidationError(message)
    return Delivery(delivery_id, payload)


async def _reports(database: Database) -> ReportService:
    return ReportService(database)


# In this order: nothing is opened for a delivery that is not Replicate's.
Verified = Annotated[Delivery, Depends(_delivery)]
Reports = Annotated[ReportService, Depends(_reports)]


SIGNED_BODY = {
    "parameters": [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    ],
    "requestBody": {
        "required": True,
        "description": "The bare prediction, signed as Standard Webhooks has it.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    },
}


@app.post(
    "/webhooks/replicate",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(HTTPStatus.NOT_FOUND),
    tags=["webhooks"],
    openapi_extra=SIGNED_BODY,
)
async def receive(
    delivery: Verified,
    reports: Reports,
    job: Annotated[UUID | None, Query()] = None,
) -> Received:
    """Take a report in, once however often it is delivered."""
    await reports.replicate(delivery.id, delivery.payload, job)
    return Received()


handler = lambda_handler(app)
