"""OpenAI's errors, in its envelope and, where reported, in its words.

``conversation_locked``: a 400, paulgmiller/careme issue 379. ``too_many_images``:
antiwork/gumroad pull request 4709. ``model_not_found``: Aider issue 2030.
"""

from http import HTTPStatus

from starlette.responses import JSONResponse

INVALID = "invalid_request_error"
_TROUBLES: dict[int, tuple[str, str, str | None]] = {
    HTTPStatus.TOO_MANY_REQUESTS: (
        "Rate limit reached for requests. Please try again in {wait}s.",
        "requests",
        "rate_limit_exceeded",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "The server had an error while processing your request. Sorry about that!",
        "server_error",
        None,
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "The engine is currently overloaded, please try again later.",
        "service_unavailable_error",
        None,
    ),
}
_RETRY_AFTER_S = 20


def refusal(
    status: HTTPStatus,
    message: str,
    *,
    param: str | None = None,
    code: str | None = None,
) -> JSONResponse:
    """Return an invalid request's answer."""
    return JSONResponse(_envelope(message, INVALID, param, code), status)


def no_key() -> JSONResponse:
    """Return the refusal of a caller without a key."""
    message = (
        "You didn't provide an API key. You need to provide your API key in an "
        "Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
    )
    return refusal(HTTPStatus.UNAUTHORIZED, message)


def wrong_key(key: str) -> JSONResponse:
    """Return the refusal of a caller with a key that is not ours."""
    shown = f"{key[:8]}{'*' * 8}{key[-4:]}"
    message = (
        f"Incorrect API key provided: {shown}. You can find your API key at "
        "https://platform.openai.com/account/api-keys."
    )
    return refusal(HTTPStatus.UNAUTHORIZED, message, code="invalid_api_key")


def unknown_model(model: str) -> JSONResponse:
    """Return the refusal of a model that is not there."""
    message = f"The model `{model}` does not exist or you do not have access to it."
    return refusal(HTTPStatus.NOT_FOUND, message, code="model_not_found")


def missing(param: str) -> JSONResponse:
    """Return the refusal of a body without a required parameter."""
    return refusal(
        HTTPStatus.BAD_REQUEST,
        f"Missing required parameter: '{param}'.",
        param=param,
        code="missing_required_parameter",
    )


def bad(param: str, message: str, code: str = "invalid_value") -> JSONResponse:
    """Return the refusal of a parameter's value."""
    return refusal(HTTPStatus.BAD_REQUEST, message, param=param, code=code)


def not_json() -> JSONResponse:
    """Return the refusal of a body that cannot be parsed."""
    message = "We could not parse the JSON body of your request."
    return refusal(HTTPStatus.BAD_REQUEST, message)


def unknown(kind: str, its_id: str) -> JSONResponse:
    """Return what an unknown response or conversation is met with."""
    return refusal(HTTPStatus.NOT_FOUND, f"{kind} with id '{its_id}' not found.")


def unknown_path(method: str, path: str) -> JSONResponse:
    """Return what an unknown path is met with."""
    return refusal(HTTPStatus.NOT_FOUND, f"Invalid URL ({method} {path})")


def locked() -> JSONResponse:
    """Return the refusal of a conversation on which a response is being written."""
    return bad(
        "conversation",
        "Another process is currently operating on this conversation. "
        "Please retry in a few seconds.",
        "conversation_locked",
    )


def body_of(status: int, retry_after_s: int | None) -> dict[str, object]:
    """Return the body of an error nobody worded."""
    known = HTTPStatus(status)
    kind = INVALID if known.is_client_error else "server_error"
    message, kind, code = _TROUBLES.get(status, (known.phrase, kind, None))
    wait_s = _RETRY_AFTER_S if retry_after_s is None else retry_after_s
    return _envelope(message.format(wait=wait_s), kind, None, code)


def _envelope(
    message: str, kind: str, param: str | None, code: str | None
) -> dict[str, object]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
