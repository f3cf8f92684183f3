"""Who calls, as the token says; the database confirms it with the first statement."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from vixenbliss.callers import ANY_ROLE, Caller, Role
from vixenbliss.errors import UnauthorizedError
from vixenbliss.services.tokens import AccessTokens
from vixenbliss.settings import settings

bearer = HTTPBearer(auto_error=False, scheme_name="bearer", bearerFormat="JWT")

Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
WorkspaceId = Annotated[
    UUID | None,
    Header(
        alias="X-Workspace-Id",
        description="The workspace to work in; without it, the caller's own.",
    ),
]


def allow(*roles: Role, or_staff: bool = False) -> Callable[..., Awaitable[Caller]]:
    """Return the dependency of a route that only members of these roles may call."""
    wanted = frozenset(roles)

    async def caller(token: Bearer, chosen: WorkspaceId = None) -> Caller:
        if token is None:
            raise UnauthorizedError
        claims = AccessTokens(settings().jwt_secret).read(token.credentials)
        return Caller(claims.user_id, claims.session_id, chosen, wanted, or_staff)

    return caller


async def _signed_in(token: Bearer) -> Caller:
    if token is None:
        raise UnauthorizedError
    claims = AccessTokens(settings().jwt_secret).read(token.credentials)
    return Caller(claims.user_id, claims.session_id)


async def _own_or_owner(token: Bearer, chosen: WorkspaceId = None) -> Caller:
    wanted = (Role.OWNER,) if chosen else ANY_ROLE
    return await allow(*wanted)(token, chosen)


async def _anybody(request: Request, token: Bearer) -> Caller | None:
    # Whoever shows something is somebody, or nobody we know; never a passer-by.
    return await _signed_in(token) if "authorization" in request.headers else None


SignedIn = Annotated[Caller, Depends(_signed_in)]
"""Any signed-in user, whatever workspace they are in."""
Anybody = Annotated[Caller | None, Depends(_anybody)]
"""A signed-in user, or None for whoever shows no token at all."""
AnyMember = Annotated[Caller, Depends(allow(*ANY_ROLE))]
Editor = Annotated[Caller, Depends(allow(Role.OWNER, Role.EDITOR))]
Reviewer = Annotated[Caller, Depends(allow(Role.OWNER, Role.REVIEWER))]
Bookkeeper = Annotated[Caller, Depends(allow(Role.OWNER, Role.ANALYST))]
Owner = Annotated[Caller, Depends(allow(Role.OWNER))]
OwnOrOwner = Annotated[Caller, Depends(_own_or_owner)]
"""A user about what is their own, whatever their role; or a named workspace's owner."""
OwnerOrStaff = Annotated[Caller, Depends(allow(Role.OWNER, or_staff=True))]
