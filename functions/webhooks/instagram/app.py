"""/webhooks/instagram: Instagram tells what people write to accounts, and of more."""

import hmac
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import PlainTextResponse

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.deliveries import read_json, verify_instagram
from vixenbliss.api.responses import problems
from vixenbliss.errors import ForbiddenError, NotFoundError
from vixenbliss.schemas.webhooks import Challenge, Received
from vixenbliss.services.instagram_reports import InstagramReports
from vixenbliss.settings import settings

app = create_app("Instagram webhook", needs=(settings().database,))
SIGNED_BODY = {
    "parameters": [
        {
            "name": "X-Hub-Signature-256",
            "in": "header",
            "required": True,
            "schema": {"type": "string"},
        }
    ],
    "requestBody": {
        "required": True,
        "description": "Updates, signed as Graph API webhooks are.",
        "content": {"application/json": {"schema": {}}},
    },
}


async def _asked(challenge: Annotated[Challenge, Query()]) -> str:
    """Return what is to be repeated to whoever knows our token."""
    tokens = settings().instagram_verify_token.versions()
    if not tokens:
        raise NotFoundError  # without a token nobody registers this address
    given = challenge.token.encode()
    known = [hmac.compare_digest(given, token.encode()) for token in tokens]
    if challenge.mode != "subscribe" or not any(known):
        message = "This is not our token."
        raise ForbiddenError(message)
    return challenge.echo()


async def _updates(request: Request) -> object:
    """Check the signature on the raw bytes, and only then read them."""
    secrets = settings().instagram_app_secret.versions()
    if not secrets:
        raise NotFoundError  # without a secret this door does not exist
    body = await request.body()
    verify_instagram(request.headers, body, secrets)
    return read_json(body)


@app.get(
    "/webhooks/instagram",
    response_class=PlainTextResponse,
    responses=problems(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND),
    tags=["webhooks"],
)
async def confirm_address(challenge: Annotated[str, Depends(_asked)]) -> str:
    """Repeat a challenge, so that Meta knows that this address is ours."""
    return challenge


@app.post(
    "/webhooks/instagram",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(HTTPStatus.NOT_FOUND),
    tags=["webhooks"],
    openapi_extra=SIGNED_BODY,
)
async def receive_updates(updates: Annotated[object, Depends(_updates)]) -> Received:
    """Take updates in, each once however often it is delivered."""
    await InstagramReports().take(updates)
    return Received()


handler = lambda_handler(app)
