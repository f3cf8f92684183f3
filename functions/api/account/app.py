"""/api/v1/users/me: who one is, what one signs in with, and being forgotten."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import SignedIn
from vixenbliss.api.limits import Limited
from vixenbliss.api.responses import problems
from vixenbliss.providers.s3 import Bucket
from vixenbliss.schemas.privacy import ErasureBegun, ErasureWanted
from vixenbliss.schemas.users import PasswordChange, UserRead, UserUpdate
from vixenbliss.services.accounts import AccountService
from vixenbliss.services.limits import PASSWORDS
from vixenbliss.services.privacy import PrivacyService
from vixenbliss.settings import settings

app = create_app("Account", needs=(settings().database, settings().jwt_secret))

LIMITED = problems(HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS)


async def _accounts(limits: Limited) -> AccountService:
    return AccountService(limits.count)


async def _privacy() -> PrivacyService:
    return PrivacyService(Bucket())


Accounts = Annotated[AccountService, Depends(_accounts)]
Privacy = Annotated[PrivacyService, Depends(_privacy)]


@app.get(
    "/api/v1/users/me", responses=problems(HTTPStatus.UNAUTHORIZED), tags=["users"]
)
async def read_me(caller: SignedIn, accounts: Accounts) -> UserRead:
    """Return the signed-in user."""
    return await accounts.me(caller)


@app.patch("/api/v1/users/me", responses=LIMITED, tags=["users"])
async def update_me(body: UserUpdate, caller: SignedIn, accounts: Accounts) -> UserRead:
    """Ask for another address; it is the user's once a letter's token has proved it."""
    return await accounts.update(caller, body)


@app.post(
    "/api/v1/users/me/password",
    status_code=HTTPStatus.NO_CONTENT,
    responses=LIMITED,
    tags=["users"],
)
async def change_password(
    body: PasswordChange, caller: SignedIn, accounts: Accounts
) -> None:
    """Change the password; all other sessions end."""
    await accounts.change_password(caller, body)


@app.delete(
    "/api/v1/users/me",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(
        HTTPStatus.UNAUTHORIZED, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS
    ),
    tags=["privacy"],
)
async def erase_me(
    body: ErasureWanted, caller: SignedIn, privacy: Privacy, limits: Limited
) -> ErasureBegun:
    """Close one's account at once and for good, and be forgotten.

    Not while others depend on it: ``missing`` says what has to end before.
    """
    await limits.count(PASSWORDS, str(caller.user_id))
    return await privacy.erase(caller, body.password)


handler = lambda_handler(app)
