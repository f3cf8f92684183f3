"""Who may ask, and how often: tokens, permissions, limits, and the headers that tell.

A token comes in the query, the body or the ``Authorization`` header. Percentages used
up: "Rate Limits" of the Graph API; there is no ``Retry-After``.
"""

import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from tests.stack.providers.calls import Call, Handler, RefusedError
from tests.stack.providers.faults import Provider
from tests.stack.providers.instagram import errors
from tests.stack.providers.instagram.accounts import Account, Token
from tests.stack.providers.instagram.engine import Instagram
from tests.stack.providers.instagram.errors import Problem
from tests.stack.providers.instagram.keys import APP_SECRET
from tests.stack.providers.instagram.parameters import Parameters
from tests.stack.providers.instagram.settings import InstagramSettings

PREFIX = "/instagram"
LOGIN = f"{PREFIX}/login"
GRAPH = f"{PREFIX}/graph"
_USED_UP = 100

type Opened = Callable[["Asked"], Awaitable[Response]]


@dataclass(frozen=True)
class Asked:
    """A call by somebody whose token is good."""

    call: Call
    given: Parameters
    token: Token

    @property
    def account(self) -> Account:
        """Whose token it is."""
        return self.token.account

    def need(self, permission: str) -> None:
        """Refuse a token that was not granted the permission."""
        if permission not in self.token.permissions:
            raise errors.forbidden(permission).error()

    def own(self) -> Account:
        """Return the account the path names, which must be the token's.

        Raises:
            RefusedError: It is somebody else's; the token does not see it.
        """
        if self.call.request.path_params["user_id"] not in {"me", self.account.id}:
            raise errors.NO_SUCH_OBJECT.error()
        return self.account


class InstagramDialect:
    """How Instagram knows its callers and words its troubles."""

    provider: Provider = "instagram"

    def __init__(self, instagram: Instagram) -> None:
        self._instagram = instagram

    def stranger(self, request: Request) -> Response | None:
        """Return the refusal of a bad token; one in a body is looked at later."""
        if request.url.path.startswith(LOGIN):
            return None
        value = _token_outside(request)
        if value is None and request.method == "POST":
            return None
        problem = self._instagram.accounts.problem(value, self._instagram.now())
        return None if problem is None else problem.response()

    def trouble(self, status: int, retry_after_s: int | None) -> dict[str, object]:
        """Return the usual body of an error of that status."""
        del retry_after_s
        return errors.of_status(status).body()

    def headers(self) -> dict[str, str]:
        """Return how much of the app's calls is used up."""
        return {"x-app-usage": json.dumps(_usage(self._instagram.settings.app_usage))}


class Gate:
    """Lets calls through to their handlers."""

    def __init__(self, instagram: Instagram) -> None:
        self._instagram = instagram

    def opened(self, handler: Opened) -> Handler:
        """Return the handler behind the checks that all calls pass."""

        async def answer(call: Call) -> Response:
            given = Parameters.of(call)
            value = _token_outside(call.request) or given.text("access_token")
            token = self._instagram.accounts.bearer(value, self._instagram.now())
            headers = _account_usage(token.account)
            try:
                self._check(token, given)
                response = await handler(Asked(call, given, token))
            except RefusedError as refusal:
                refusal.response.headers.update(headers)
                raise
            response.headers.update(headers)
            return response

        return answer

    def _check(self, token: Token, given: Parameters) -> None:
        settings = self._instagram.settings
        proof = given.text("appsecret_proof")
        problems = (
            _proof_problem(token, proof, is_required=settings.require_proof),
            _limit_problem(token.account, settings),
        )
        problem = next(filter(None, problems), None)
        if problem is not None:
            raise problem.error()


def proof_of(token: str) -> str:
    """Return the ``appsecret_proof`` of a token."""
    return hmac.digest(APP_SECRET.encode(), token.encode(), sha256).hex()


def _proof_problem(
    token: Token, proof: str | None, *, is_required: bool
) -> Problem | None:
    if proof is None:
        return errors.NO_PROOF if is_required else None
    is_right = hmac.compare_digest(proof.encode(), proof_of(token.value).encode())
    return None if is_right else errors.BAD_PROOF


def _limit_problem(account: Account, settings: InstagramSettings) -> Problem | None:
    if settings.app_usage >= _USED_UP:
        return errors.APP_LIMIT
    return errors.ACCOUNT_LIMIT if account.quotas.usage >= _USED_UP else None


def _token_outside(request: Request) -> str | None:
    """Return the token of the header, or else of the query."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind in {"Bearer", "OAuth"} and value:
        return value
    return request.query_params.get("access_token")


def _usage(percent: int) -> dict[str, int]:
    return {"call_count": percent, "total_cputime": 0, "total_time": 0}


def _account_usage(account: Account) -> dict[str, str]:
    quotas = account.quotas
    used = {
        "type": "instagram",
        **_usage(quotas.usage),
        "estimated_time_to_regain_access": quotas.regain_minutes,
    }
    return {"x-business-use-case-usage": json.dumps({account.id: [used]})}
