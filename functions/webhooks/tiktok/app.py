"""POST /webhooks/tiktok: TikTok reports what became of posts, and who left our app."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Request

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.deliveries import read_json, verify_tiktok
from vixenbliss.api.dependencies import Database
from vixenbliss.api.responses import problems
from vixenbliss.errors import NotFoundError, ValidationError
from vixenbliss.schemas.webhooks import Received
from vixenbliss.services.platform_reports import TikTokReports
from vixenbliss.settings import settings

app = create_app("TikTok webhook", needs=(settings().database,))


async def _event(request: Request) -> dict[str, Any]:
    """Check the signature on the raw bytes, and only then read them."""
    secrets = settings().tiktok_client_secret.versions()
    if not secrets:
        raise NotFoundError  # without a secret this door does not exist
    body = await request.body()
    verify_tiktok(request.headers, body, secrets)
    event = read_json(body)
    if not isinstance(event, dict):
        message = "The body is not an event."
        raise ValidationError(message)
    return event


async def _reports(database: Database) -> TikTokReports:
    return TikTokReports(database, settings().tiktok_client_key)


# In this order: nothing is opened for a delivery that is not TikTok's.
Verified = Annotated[dict[str, Any], Depends(_event)]
Reports = Annotated[TikTokReports, Depends(_reports)]
SIGNED_BODY = {
    "parameters": [
        {
            "name": "TikTok-Signature",
            "in": "header",
            "required": True,
            "schema": {"type": "string"},
        }
    ],
    "requestBody": {
        "required": True,
        "description": "An event, signed as TikTok's webhooks are.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    },
}


@app.post(
    "/webhooks/tiktok",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(HTTPStatus.NOT_FOUND),
    tags=["webhooks"],
    openapi_extra=SIGNED_BODY,
)
async def receive_event(event: Verified, reports: Reports) -> Received:
    """Take an event in, once however often it is delivered."""
    await reports.take(event)
    return Received()


handler = lambda_handler(app)
