"""/api/auth/password/*, /api/auth/email/*: what a letter's token is good for."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import SignedIn
from vixenbliss.api.limits import Limited, per_address
from vixenbliss.api.responses import failures
from vixenbliss.schemas.base import Success
from vixenbliss.schemas.users import (
    Nothing,
    PasswordForgotten,
    PasswordReset,
    TokenShown,
)
from vixenbliss.services.limits import letters_from_there, tokens_from_there
from vixenbliss.services.recovery import RecoveryService
from vixenbliss.settings import settings

app = create_app("Recovery", needs=(settings().database, settings().jwt_secret))

LIMITED = failures(HTTPStatus.TOO_MANY_REQUESTS)
ASKS = per_address(letters_from_there)
SHOWS = per_address(tokens_from_there)


async def _recovery(limits: Limited) -> RecoveryService:
    return RecoveryService(limits.count)


Recovery = Annotated[RecoveryService, Depends(_recovery)]


@app.post(
    "/api/auth/password/forgot",
    status_code=HTTPStatus.ACCEPTED,
    dependencies=[ASKS],
    responses=LIMITED,
    tags=["auth"],
)
async def forgot_password(
    body: PasswordForgotten, recovery: Recovery
) -> Success[Nothing]:
    """Send a letter to reset a password; whether anybody gets it is not told."""
    await recovery.ask_for_reset(body.email)
    message = "If somebody signs in with this address, a letter is on its way"
    return Success(data=Nothing(), message=message)


@app.post(
    "/api/auth/password/reset", dependencies=[SHOWS], responses=LIMITED, tags=["auth"]
)
async def reset_password(body: PasswordReset, recovery: Recovery) -> Success[Nothing]:
    """Choose a new password with a letter's token; all sessions end."""
    await recovery.reset(body.token, body.new_password)
    return Success(data=Nothing(), message="Password changed successfully")


@app.post(
    "/api/auth/email/verify", dependencies=[SHOWS], responses=LIMITED, tags=["auth"]
)
async def verify_email(body: TokenShown, recovery: Recovery) -> Success[Nothing]:
    """Prove an address with a letter's token; a new one becomes the user's."""
    await recovery.prove(body.token)
    return Success(data=Nothing(), message="Address confirmed successfully")


@app.post(
    "/api/auth/email/resend",
    status_code=HTTPStatus.ACCEPTED,
    dependencies=[ASKS],
    responses=LIMITED | failures(HTTPStatus.UNAUTHORIZED),
    tags=["auth"],
)
async def resend_verification(caller: SignedIn, recovery: Recovery) -> Success[Nothing]:
    """Send the letter to confirm the caller's address again, if it still has to be."""
    await recovery.ask_for_proof(caller)
    message = "If the address is not confirmed yet, a letter is on its way"
    return Success(data=Nothing(), message=message)


handler = lambda_handler(app)
