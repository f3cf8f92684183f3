"""Whether a call's token lets it do what it asks, and not too often."""

from starlette.requests import Request

from tests.stack.providers.calls import Call
from tests.stack.providers.tiktok import errors
from tests.stack.providers.tiktok.creators import Creator
from tests.stack.providers.tiktok.engine import TikTok
from tests.stack.providers.tiktok.tokens import Authorization

_BEARER = "Bearer "


def authorization(request: Request, tiktok: TikTok) -> Authorization | None:
    """Return the consent behind a request, if its token works."""
    header = request.headers.get("authorization", "")
    if not header.startswith(_BEARER):
        return None
    return tiktok.tokens.authorization(header.removeprefix(_BEARER))


def admitted(call: Call, tiktok: TikTok, *scopes: str) -> Authorization:
    """Return the consent behind a call; one of the scopes is enough.

    Raises:
        RefusedError: The token does not work any more, or never did for this.
    """
    found = authorization(call.request, tiktok)
    if found is None:
        raise errors.refused("access_token_invalid")
    if not set(scopes) & set(found.scopes):
        raise errors.refused("scope_not_authorized")
    return found


def counted(call: Call, tiktok: TikTok, creator: Creator, most: int) -> None:
    """Count a call against its own sliding minute of that user.

    Raises:
        RefusedError: There were too many already (tiktok-api-v2-rate-limit).
    """
    if not tiktok.limits.allows(call.name, creator.open_id, most):
        raise errors.refused("rate_limit_exceeded")
