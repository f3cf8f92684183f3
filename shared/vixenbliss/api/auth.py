"""Who calls, as a token or a key says; the database confirms it with its statement.

Each dependency here has its ``Rule``, from which ``docs/authz.json`` is written.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from vixenbliss.callers import ANY_ROLE, EDITORS, Caller, Role, Scope, ShownKey
from vixenbliss.errors import UnauthorizedError, ValidationError
from vixenbliss.services.tokens import AccessTokens, KeyText
from vixenbliss.settings import settings

KEY_HEADER = "X-Api-Key"
bearer = HTTPBearer(auto_error=False, scheme_name="bearer", bearerFormat="JWT")
api_key = APIKeyHeader(
    name=KEY_HEADER,
    auto_error=False,
    scheme_name="apiKey",
    description="For a team's programs; it works in the one workspace it is for.",
)

Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
Key = Annotated[str | None, Depends(api_key)]
WorkspaceId = Annotated[
    UUID | None,
    Header(
        alias="X-Workspace-Id",
        description="The workspace to work in; without it, the caller's own.",
    ),
]

type Dependency = Callable[..., Awaitable[Caller | None]]


class Who(StrEnum):
    """Whom a route is for."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed_in"
    MEMBER = "member"
    OWN_OR_OWNER = "own_or_owner"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call a route."""

    who: Who
    roles: frozenset[Role] = frozenset()
    or_staff: bool = False
    key: Scope | None = None
    """The scope of the API keys that may, too."""


RULES: dict[Dependency, Rule] = {}
"""The rule that each dependency of this module keeps."""


def _keeps[D: Dependency](rule: Rule) -> Callable[[D], D]:
    def note(dependency: D) -> D:
        RULES[dependency] = rule
        return dependency

    return note


async def _token(request: Request, shown: Bearer) -> str:
    _require_one_of_both(request)
    if shown is None:
        raise UnauthorizedError
    return shown.credentials


def _require_one_of_both(request: Request) -> None:
    if "Authorization" in request.headers and KEY_HEADER in request.headers:
        message = "Show a bearer token or an API key, not both."
        raise ValidationError(message, field=KEY_HEADER)


Token = Annotated[str, Depends(_token)]


def allow(
    *roles: Role, or_staff: bool = False, key: Scope | None = None
) -> Callable[..., Awaitable[Caller]]:
    """Return the dependency of a route that only members of these roles may call.

    With ``key``, API keys of that scope may call it, too. A function says so in a line
    of its own: ``Reader = Annotated[Caller, Depends(allow(*ANY_ROLE, key=Scope.…))]``.
    """
    wanted = frozenset(roles)
    rule = Rule(Who.MEMBER, wanted, or_staff, key)

    @_keeps(rule)
    async def caller(token: Token, chosen: WorkspaceId = None) -> Caller:
        return replace(
            _caller_of(token), workspace_id=chosen, roles=wanted, or_staff=or_staff
        )

    return caller if key is None else _or_by_key(caller, rule, key)


def _or_by_key(
    by_token: Callable[..., Awaitable[Caller]], rule: Rule, scope: Scope
) -> Callable[..., Awaitable[Caller]]:
    """Return the dependency that takes a key of the scope where a token is shown."""

    @_keeps(rule)
    async def caller(
        request: Request, shown: Bearer, key: Key, chosen: WorkspaceId = None
    ) -> Caller:
        if key is None:
            return await by_token(await _token(request, shown), chosen)
        _require_one_of_both(request)
        spelled = KeyText.read(key)
        if spelled is None:
            raise UnauthorizedError
        return Caller.by_key(ShownKey(spelled.prefix, spelled.hash, scope), chosen)

    return caller


def _caller_of(token: str) -> Caller:
    claims = AccessTokens(settings().jwt_secret).read(token)
    return Caller(claims.user_id, claims.session_id)


@_keeps(Rule(Who.SIGNED_IN))
async def _signed_in(token: Token) -> Caller:
    return _caller_of(token)


@_keeps(Rule(Who.STAFF))
async def _staff(token: Token) -> Caller:
    # What they are is asked of the database, by ``access.admin`` and its like.
    return _caller_of(token)


@_keeps(Rule(Who.SIGNED_IN, or_staff=True))
async def _signed_in_or_staff(token: Token) -> Caller:
    # Whose it is, and what they are, is asked of the database by one statement.
    return _caller_of(token)


@_keeps(Rule(Who.OWN_OR_OWNER))
async def _own_or_owner(token: Token, chosen: WorkspaceId = None) -> Caller:
    wanted = frozenset({Role.OWNER}) if chosen else ANY_ROLE
    return replace(_caller_of(token), workspace_id=chosen, roles=wanted)


@_keeps(Rule(Who.ANYBODY))
async def _anybody(request: Request, shown: Bearer) -> Caller | None:
    # Whoever shows something is somebody, or nobody we know; never a passer-by.
    if "Authorization" in request.headers or KEY_HEADER in request.headers:
        return _caller_of(await _token(request, shown))
    return None


def signed_in_or(scope: Scope) -> Callable[..., Awaitable[Caller]]:
    """Return the dependency of what opens to any signed-in user, or a key."""

    async def by_token(token: str, _: UUID | None) -> Caller:
        return _caller_of(token)

    return _or_by_key(by_token, Rule(Who.SIGNED_IN, key=scope), scope)


def anybody_or(scope: Scope) -> Callable[..., Awaitable[Caller | None]]:
    """Return the dependency of what opens to anybody, and shows members and keys more.

    Who shows a token or a key is somebody in a workspace, or nobody we know.
    """
    rule = Rule(Who.ANYBODY, key=scope)

    async def by_token(token: str, chosen: UUID | None) -> Caller:
        return replace(_caller_of(token), workspace_id=chosen, roles=ANY_ROLE)

    known = _or_by_key(by_token, rule, scope)

    @_keeps(rule)
    async def caller(
        request: Request, shown: Bearer, key: Key, chosen: WorkspaceId = None
    ) -> Caller | None:
        if "Authorization" in request.headers or KEY_HEADER in request.headers:
            return await known(request, shown, key, chosen)
        return None

    return caller


SignedIn = Annotated[Caller, Depends(_signed_in)]
"""Any signed-in user, whatever workspace they are in."""
Anybody = Annotated[Caller | None, Depends(_anybody)]
"""A signed-in user, or None for whoever shows no token at all."""
SignedInOrStaff = Annotated[Caller, Depends(_signed_in_or_staff)]
"""A user about what is their own, or the platform's own people."""
Staff = Annotated[Caller, Depends(_staff)]
"""The platform's own people."""
AnyMember = Annotated[Caller, Depends(allow(*ANY_ROLE))]
Editor = Annotated[Caller, Depends(allow(*EDITORS))]
Reviewer = Annotated[Caller, Depends(allow(Role.OWNER, Role.REVIEWER))]
Bookkeeper = Annotated[Caller, Depends(allow(Role.OWNER, Role.ANALYST))]
Owner = Annotated[Caller, Depends(allow(Role.OWNER))]
OwnOrOwner = Annotated[Caller, Depends(_own_or_owner)]
"""A user about what is their own, whatever their role; or a named workspace's owner."""
OwnerOrStaff = Annotated[Caller, Depends(allow(Role.OWNER, or_staff=True))]
