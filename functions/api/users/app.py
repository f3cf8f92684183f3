"""/api/v1/users, /users: signing up, and who there is."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Query, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Staff
from vixenbliss.api.dependencies import Database, Page, locate
from vixenbliss.api.limits import per_address
from vixenbliss.api.responses import problems
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.user_administration import UserAccountRead
from vixenbliss.schemas.users import Email, UserCreate, UserRead
from vixenbliss.services.limits import sign_ups_from_there
from vixenbliss.services.user_administration import UserAdministration
from vixenbliss.services.users import UserService
from vixenbliss.settings import settings

app = create_app("Users", needs=(settings().database, settings().jwt_secret))


async def _users(database: Database) -> UserService:
    return UserService(database)


async def _administration(database: Database) -> UserAdministration:
    return UserAdministration(database)


Users = Annotated[UserService, Depends(_users)]
Administration = Annotated[UserAdministration, Depends(_administration)]


@app.post(
    "/users/",
    status_code=HTTPStatus.CREATED,
    summary="Create a new user",
    dependencies=[per_address(sign_ups_from_there)],
    responses=problems(HTTPStatus.TOO_MANY_REQUESTS),
    tags=["users"],
    operation_id="create_user_alias",
)
@app.post(
    "/api/v1/users/",
    status_code=HTTPStatus.CREATED,
    summary="Create a new user",
    dependencies=[per_address(sign_ups_from_there)],
    responses=problems(HTTPStatus.TOO_MANY_REQUESTS),
    tags=["users"],
)
async def create_user(body: UserCreate, users: Users, response: Response) -> UserRead:
    """Sign up; the user gets a workspace of their own.

    Args:
        body: Address, password of at least 8 characters, and whether to start active.
        users: The users, within the request's transaction.
        response: Told where users find themselves, once they have signed in.

    Returns:
        The user; the password is never told.

    Raises:
        ValidationError: The password is easily guessed (400).
        UserExistsError: The address is taken (400).
        TooManyRequestsError: Too many have signed up from there (429).
    """
    user = await users.sign_up(body)
    locate(response, "/api/v1/users/me")
    return user


@app.get(
    "/api/v1/users/",
    responses=problems(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN),
    tags=["users"],
)
async def list_users(
    caller: Staff,
    administration: Administration,
    page: Page,
    email: Annotated[
        Email | None, Query(description="Only whoever has this address.")
    ] = None,
) -> Listing[UserAccountRead]:
    """List the users, newest first; for the platform's staff."""
    return await administration.list(caller, page, email=email)


handler = lambda_handler(app)
