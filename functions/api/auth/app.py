"""/api/auth/*, /api/v1/auth/token: signing in, staying signed in, signing out."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Depends, Form, Request

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import SignedIn
from vixenbliss.api.limits import Limited
from vixenbliss.api.responses import failures, oauth_failures
from vixenbliss.schemas.base import Success
from vixenbliss.schemas.users import (
    Email,
    Login,
    LoginRequest,
    Nothing,
    Password,
    RefreshRequest,
    TokenGrant,
    UserName,
)
from vixenbliss.services.limits import SIGN_INS, sign_ins_from_there
from vixenbliss.services.sessions import Origin, SessionService, Tokens
from vixenbliss.services.tokens import AccessTokens
from vixenbliss.settings import settings

app = create_app("Auth", needs=(settings().database, settings().jwt_secret))


async def _sessions() -> SessionService:
    return SessionService(AccessTokens(settings().jwt_secret))


async def _origin(request: Request) -> Origin:
    agent = request.headers.get("user-agent")
    ip = request.client.host if request.client else None
    return Origin(agent[:255] if agent else None, ip)


Sessions = Annotated[SessionService, Depends(_sessions)]
From = Annotated[Origin, Depends(_origin)]


@app.post(
    "/api/auth/login",
    responses=failures(HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS),
    tags=["auth"],
)
async def login(
    body: LoginRequest, sessions: Sessions, origin: From, limits: Limited
) -> Success[Login]:
    """Sign in with an address and a password; five times in a quarter of an hour."""
    await limits.count_address(sign_ins_from_there(settings()))
    await limits.count(SIGN_INS, body.email)
    return Success(data=_login(await sessions.sign_in(body, origin)))


@app.post(
    "/api/auth/refresh", responses=failures(HTTPStatus.UNAUTHORIZED), tags=["auth"]
)
async def refresh(body: RefreshRequest, sessions: Sessions) -> Success[Login]:
    """Spend a refresh token for new tokens; it is good for one use."""
    return Success(data=_login(await sessions.refresh(body.refresh_token)))


@app.post(
    "/api/auth/logout", responses=failures(HTTPStatus.UNAUTHORIZED), tags=["auth"]
)
async def logout(caller: SignedIn, sessions: Sessions) -> Success[Nothing]:
    """Sign out: neither of the session's tokens is good for anything from now on."""
    await sessions.sign_out(caller)
    return Success(data=Nothing())


@app.post(
    "/api/v1/auth/token",
    responses=oauth_failures(HTTPStatus.TOO_MANY_REQUESTS),
    tags=["auth"],
)
async def token(
    username: Annotated[Email, Form()],
    password: Annotated[Password, Form()],
    sessions: Sessions,
    origin: From,
    limits: Limited,
    grant_type: Annotated[Literal["password"], Form()] = "password",
) -> TokenGrant:
    """Sign in as OAuth2 has it: a form with username and password (RFC 6749, 4.3)."""
    del grant_type  # there is one, and the form has been checked to name it
    await limits.count_address(sign_ins_from_there(settings()))
    await limits.count(SIGN_INS, username)
    wanted = LoginRequest(email=username, password=password)
    tokens = await sessions.sign_in(wanted, origin)
    return TokenGrant(
        access_token=tokens.access_token,
        expires_in=tokens.expires_in_s,
        refresh_token=tokens.refresh_token,
    )


def _login(tokens: Tokens) -> Login:
    return Login(
        token=tokens.access_token,
        expires_in=tokens.expires_in_s,
        refresh_token=tokens.refresh_token,
        user=UserName(id=tokens.user_id, email=tokens.email),
    )


handler = lambda_handler(app)
