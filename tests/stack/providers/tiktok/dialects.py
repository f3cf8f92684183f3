"""How TikTok's three doors know their callers and word their troubles."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.stack.providers.faults import Provider
from tests.stack.providers.tiktok import errors
from tests.stack.providers.tiktok.access import authorization
from tests.stack.providers.tiktok.engine import TikTok


class _Dialect:
    provider: Provider = "tiktok"

    def headers(self) -> dict[str, str]:
        """Return what support would ask for."""
        return {"x-tt-logid": errors.log_id()}


class DataDialect(_Dialect):
    """The endpoints behind a user's access token."""

    def __init__(self, tiktok: TikTok) -> None:
        self._tiktok = tiktok

    def stranger(self, request: Request) -> Response | None:
        """Return the refusal of a caller whose token does not work."""
        if authorization(request, self._tiktok) is not None:
            return None
        status = HTTPStatus.UNAUTHORIZED
        return JSONResponse(errors.body_of(status), status)

    def trouble(self, status: int, retry_after_s: int | None) -> dict[str, object]:
        """Return the usual envelope of an error of that status."""
        del retry_after_s
        return errors.body_of(status)


class OAuthDialect(_Dialect):
    """The authorize page and the token endpoints, which look at the form themselves."""

    def stranger(self, request: Request) -> Response | None:
        """Turn nobody away."""
        del request
        return None

    def trouble(self, status: int, retry_after_s: int | None) -> dict[str, object]:
        """Return a flat error."""
        del retry_after_s
        return errors.oauth_body("internal_error", HTTPStatus(status).phrase)


class UploadDialect(_Dialect):
    """The upload address, which is its own key."""

    def stranger(self, request: Request) -> Response | None:
        """Turn nobody away."""
        del request
        return None

    def trouble(self, status: int, retry_after_s: int | None) -> str:
        """Return nothing: this door speaks bare HTTP."""
        del status, retry_after_s
        return ""
