"""/api/v1/users/*, /users/*: signing up, and who one is."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import SignedIn
from vixenbliss.api.dependencies import Database, locate
from vixenbliss.api.responses import problems
from vixenbliss.schemas.users import UserCreate, UserRead
from vixenbliss.services.users import UserService
from vixenbliss.settings import settings

app = create_app("Users", needs=(settings().database, settings().jwt_secret))


async def _users(database: Database) -> UserService:
    return UserService(database)


Users = Annotated[UserService, Depends(_users)]


@app.post(
    "/users/",
    status_code=HTTPStatus.CREATED,
    summary="Create a new user",
    responses=problems(),
    tags=["users"],
    operation_id="create_user_alias",
)
@app.post(
    "/api/v1/users/",
    status_code=HTTPStatus.CREATED,
    summary="Create a new user",
    responses=problems(),
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
        UserExistsError: The address is taken (400).
    """
    user = await users.sign_up(body)
    locate(response, "/api/v1/users/me")
    return user


@app.get(
    "/api/v1/users/me", responses=problems(HTTPStatus.UNAUTHORIZED), tags=["users"]
)
async def read_me(caller: SignedIn, users: Users) -> UserRead:
    """Return the signed-in user."""
    return await users.me(caller)


handler = lambda_handler(app)
