"""/api/v1/social/{platform}: how an account at a platform is connected."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Query
from fastapi.responses import RedirectResponse

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Editor
from vixenbliss.api.responses import WRITES, problems
from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.kms import KeyWrapper
from vixenbliss.providers.platforms import platforms
from vixenbliss.schemas.social_accounts import (
    MAX_CODE,
    MAX_STATE,
    MAX_WORD,
    AccountConnect,
    AccountOffer,
)
from vixenbliss.services.connecting import ConnectingService, Return
from vixenbliss.settings import settings

app = create_app(
    "Social connections", needs=(settings().database, settings().jwt_secret)
)


async def _connecting() -> ConnectingService:
    return ConnectingService(settings(), platforms(settings()), KeyWrapper())


Connecting = Annotated[ConnectingService, Depends(_connecting)]
# It asks others, so it opens its transactions itself, before and after.


@app.post(
    "/api/v1/social/{platform}/connect",
    responses=WRITES | problems(HTTPStatus.BAD_GATEWAY),
    tags=["social"],
)
async def connect_account(
    platform: Platform, body: AccountConnect, caller: Editor, connecting: Connecting
) -> AccountOffer:
    """Begin to connect an account: its owner says yes at the address in the answer."""
    return await connecting.offer(caller, platform, body)


@app.get(
    "/api/v1/social/{platform}/callback",
    status_code=HTTPStatus.SEE_OTHER,
    response_class=RedirectResponse,
    responses=problems(),
    tags=["social"],
)
async def return_from_platform(
    platform: Platform,
    connecting: Connecting,
    state: Annotated[str, Query(min_length=1, max_length=MAX_STATE)],
    code: Annotated[str | None, Query(max_length=MAX_CODE)] = None,
    error: Annotated[str | None, Query(max_length=MAX_WORD)] = None,
) -> RedirectResponse:
    """Connect the account, and send the browser back to where its journey began."""
    there = await connecting.finish(platform, Return(state, code, error))
    return RedirectResponse(there, HTTPStatus.SEE_OTHER)


handler = lambda_handler(app)
