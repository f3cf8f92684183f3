"""/api/auth/sessions, /api/auth/logout-all: where one is signed in, and no more."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import SignedIn
from vixenbliss.api.dependencies import Database
from vixenbliss.api.responses import failures
from vixenbliss.schemas.base import Success
from vixenbliss.schemas.user_sessions import SessionList, SessionsRevoked
from vixenbliss.schemas.users import Nothing
from vixenbliss.services.user_sessions import UserSessionService
from vixenbliss.settings import settings

app = create_app("Sessions", needs=(settings().database, settings().jwt_secret))


async def _sessions(database: Database) -> UserSessionService:
    return UserSessionService(database)


Sessions = Annotated[UserSessionService, Depends(_sessions)]


@app.get(
    "/api/auth/sessions", responses=failures(HTTPStatus.UNAUTHORIZED), tags=["auth"]
)
async def list_sessions(caller: SignedIn, sessions: Sessions) -> Success[SessionList]:
    """List where one is signed in, newest first, at most a hundred."""
    return Success(data=await sessions.list(caller))


@app.delete(
    "/api/auth/sessions/{session_id}",
    responses=failures(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND),
    tags=["auth"],
)
async def revoke_session(
    session_id: UUID, caller: SignedIn, sessions: Sessions
) -> Success[Nothing]:
    """End one of one's own sessions: its tokens are good for nothing from now on."""
    await sessions.revoke(caller, session_id)
    return Success(data=Nothing())


@app.post(
    "/api/auth/logout-all", responses=failures(HTTPStatus.UNAUTHORIZED), tags=["auth"]
)
async def logout_everywhere(
    caller: SignedIn, sessions: Sessions
) -> Success[SessionsRevoked]:
    """Sign out everywhere, here too."""
    return Success(data=await sessions.revoke_all(caller))


handler = lambda_handler(app)
