"""/webhooks/meta: somebody leaves our app at Instagram, or is to be forgotten by it."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path, Request

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.deliveries import verify_signed_request
from vixenbliss.api.dependencies import Database
from vixenbliss.api.responses import problems
from vixenbliss.errors import NotFoundError
from vixenbliss.models.social_accounts import Platform
from vixenbliss.schemas.webhooks import (
    Deletion,
    DeletionStatus,
    Received,
    SignedRequest,
)
from vixenbliss.services.deauthorizing import DeauthorizingService, issued_at
from vixenbliss.settings import settings

app = create_app("Meta privacy callbacks", needs=(settings().database,))


async def _signed(request: Request) -> SignedRequest:
    """Check the signature on the raw bytes, and only then read them."""
    secrets = settings().instagram_app_secret.versions()
    if not secrets:
        raise NotFoundError  # without a secret this door does not exist
    return verify_signed_request(await request.body(), secrets)


async def _deauthorizing(database: Database) -> DeauthorizingService:
    return DeauthorizingService(database, settings().public_api_base)


# In this order: nothing is opened for a request that Meta has not signed.
Signed = Annotated[SignedRequest, Depends(_signed)]
Deauthorizing = Annotated[DeauthorizingService, Depends(_deauthorizing)]
SIGNED_FORM = {
    "requestBody": {
        "required": True,
        "description": "Facebook Login, data deletion request callback.",
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["signed_request"],
                    "properties": {"signed_request": {"type": "string"}},
                }
            }
        },
    }
}


@app.post(
    "/webhooks/meta/deauthorize",
    responses=problems(HTTPStatus.NOT_FOUND),
    tags=["webhooks"],
    openapi_extra=SIGNED_FORM,
)
async def deauthorize(asked: Signed, deauthorizing: Deauthorizing) -> Received:
    """Erase the tokens of whoever removed our app."""
    await deauthorizing.deauthorize(Platform.INSTAGRAM, asked.user_id, issued_at(asked))
    return Received()


@app.post(
    "/webhooks/meta/data-deletion",
    responses=problems(HTTPStatus.NOT_FOUND),
    tags=["webhooks"],
    openapi_extra=SIGNED_FORM,
)
async def delete_data(asked: Signed, deauthorizing: Deauthorizing) -> Deletion:
    """Forget whoever asks for it, and say where that can be looked up."""
    return await deauthorizing.forget(asked)


@app.get(
    "/webhooks/meta/data-deletion/{code}",
    responses=problems(HTTPStatus.NOT_FOUND),
    tags=["webhooks"],
)
async def read_deletion(
    code: Annotated[str, Path(max_length=64)], deauthorizing: Deauthorizing
) -> DeletionStatus:
    """Return how far it has come with forgetting somebody."""
    return await deauthorizing.look_up(code)


handler = lambda_handler(app)
