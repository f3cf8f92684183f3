"""TikTok's errors, in their three shapes.

Data endpoints wrap everything into ``{"data", "error"}``; OAuth answers flat
(oauth-error-handling); the upload address answers with bare HTTP.
"""

from http import HTTPStatus

from starlette.responses import JSONResponse

from tests.stack.providers.calls import RefusedError
from tests.stack.providers.settings import Clock
from tests.stack.providers.world import new_id

_CODES = {
    HTTPStatus.BAD_REQUEST: {
        "invalid_param": "The request parameters are invalid.",
        "invalid_params": "The request parameters are invalid.",
        "invalid_publish_id": "The publish_id does not exist.",
        "token_not_authorized_for_specified_publish_id": (
            "The access_token is not authorized for the publish_id."
        ),
        "publish_not_cancellable": "The publish can not be cancelled any more.",
    },
    HTTPStatus.UNAUTHORIZED: {
        "access_token_invalid": (
            "The access token is invalid or not found in the request."
        ),
        "scope_not_authorized": (
            "The user did not authorize the scope required for completing this request."
        ),
    },
    HTTPStatus.FORBIDDEN: {
        "spam_risk_too_many_posts": (
            "The daily post cap from the API is reached for the current user."
        ),
        "spam_risk_too_many_pending_share": (
            "The number of pending shares of the last 24 hours is reached."
        ),
        "spam_risk_user_banned_from_posting": (
            "The user is banned from making new posts."
        ),
        "reached_active_user_cap": (
            "The daily quota for active publishing users from your client is reached."
        ),
        "unaudited_client_can_only_post_to_private_accounts": (
            "Unaudited clients can only post to private accounts, as SELF_ONLY."
        ),
        "url_ownership_unverified": (
            "The ownership of the URL prefix or domain is not verified."
        ),
        "privacy_level_option_mismatch": (
            "The privacy_level is not among the creator's privacy_level_options."
        ),
    },
    HTTPStatus.NOT_FOUND: {"path_not_found": "The requested path does not exist."},
    HTTPStatus.TOO_MANY_REQUESTS: {
        "rate_limit_exceeded": "The API rate limit was exceeded. Please try later."
    },
    HTTPStatus.INTERNAL_SERVER_ERROR: {
        "internal_error": "Something went wrong. Please try later."
    },
}
_STATUS = {code: status for status, codes in _CODES.items() for code in codes}
CODES = frozenset(_STATUS)
"""All there are in envelopes, but ``ok``."""
_OF_STATUS = {status: next(iter(codes)) for status, codes in _CODES.items()}
_OF_STATUS[HTTPStatus.UNAUTHORIZED] = "access_token_invalid"


def log_id() -> str:
    """Return what support would ask for: the second, and what nobody else has."""
    return f"{Clock.wall():%Y%m%d%H%M%S}{new_id('', 20).upper()}"


def answer(data: object) -> JSONResponse:
    """Return a success with its data."""
    return JSONResponse({"data": data, "error": _error("ok", "")})


def done() -> JSONResponse:
    """Return a success that has no data."""
    return JSONResponse({"error": _error("ok", "")})


def told(code: str) -> JSONResponse:
    """Return an error as creator_info words it: beside the status of a success."""
    return JSONResponse({"data": {}, "error": _error(code, _message(code))})


def refused(code: str, message: str | None = None) -> RefusedError:
    """Return the refusal with that code and its status, to be raised."""
    body = {"data": {}, "error": _error(code, message or _message(code))}
    return RefusedError(JSONResponse(body, _STATUS[code]))


def body_of(status: int) -> dict[str, object]:
    """Return the body of an error nobody worded."""
    of_server = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    kind = HTTPStatus.INTERNAL_SERVER_ERROR if of_server else HTTPStatus(status)
    code = _OF_STATUS.get(kind, "internal_error")
    return {"data": {}, "error": _error(code, _message(code))}


def oauth_body(error: str, description: str) -> dict[str, object]:
    """Return the flat body of an OAuth error."""
    return {"error": error, "error_description": description, "log_id": log_id()}


def _message(code: str) -> str:
    return _CODES[_STATUS[code]][code]


def _error(code: str, message: str) -> dict[str, object]:
    return {"code": code, "message": message, "log_id": log_id()}
