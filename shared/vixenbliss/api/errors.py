"""The only place where an error meets an HTTP status."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Match

from vixenbliss import errors as tree
from vixenbliss.api.dialects import Dialect, Trouble, dialect_of, spoken
from vixenbliss.log import log
from vixenbliss.schemas import base

STATUS: Mapping[type[tree.VixenBlissError], HTTPStatus] = {
    tree.ValidationError: HTTPStatus.BAD_REQUEST,
    tree.UnauthorizedError: HTTPStatus.UNAUTHORIZED,
    tree.ForbiddenError: HTTPStatus.FORBIDDEN,
    tree.NotFoundError: HTTPStatus.NOT_FOUND,
    tree.ConflictError: HTTPStatus.CONFLICT,
    tree.PreconditionFailedError: HTTPStatus.PRECONDITION_FAILED,
    tree.PreconditionRequiredError: HTTPStatus.PRECONDITION_REQUIRED,
    tree.PayloadTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    tree.UnsupportedMediaTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    tree.TooManyRequestsError: HTTPStatus.TOO_MANY_REQUESTS,
    tree.ProviderError: HTTPStatus.BAD_GATEWAY,
    tree.DatabaseUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    tree.VixenBlissError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
RETRY_AFTER_S = 2
_TOO_MANY = HTTPStatus.TOO_MANY_REQUESTS
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
CODES = {
    HTTPStatus.NOT_FOUND: "NOT_FOUND",
    HTTPStatus.METHOD_NOT_ALLOWED: "METHOD_NOT_ALLOWED",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "PAYLOAD_TOO_LARGE",
}

type Location = tuple[str | int, ...]


def status_of(error: tree.VixenBlissError) -> HTTPStatus:
    """Return the status of the error's nearest ancestor in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def install(app: FastAPI) -> None:
    """Teach the app to tell of every error in the dialect of the path."""
    app.add_exception_handler(tree.VixenBlissError, tell)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(ResponseValidationError, _crash)
    app.add_exception_handler(Exception, _crash)


async def tell(request: Request, error: Exception) -> JSONResponse:
    """Return the answer that an error of ours is given."""
    if not isinstance(error, tree.VixenBlissError):
        raise error
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return await _crash(request, error)
    if status > HTTPStatus.INTERNAL_SERVER_ERROR:
        words = getattr(error, "words", "")
        log.warning("request not served", code=error.code, words=words)
    field = getattr(error, "field", None)
    trouble = Trouble(
        status=status,
        code=_code(error),
        message=str(error),
        request_id=request_id_of(request),
        errors=[(field, str(error))] if field else [],
        missing=getattr(error, "missing", ()),
        offers=getattr(error, "offers", ()),
        wait_s=getattr(error, "wait_s", None) if status is _TOO_MANY else None,
    )
    return _answer(request, trouble)


def _code(error: tree.VixenBlissError) -> str:
    """Return the code that clients know; how a provider failed is our own affair."""
    is_upstream = isinstance(error, tree.ProviderError)
    return tree.ProviderError.code if is_upstream else error.code


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """Say 400 for whatever does not fit the schema, malformed JSON included."""
    if not isinstance(error, RequestValidationError):
        raise error
    if _is_of_another_type(request, error):
        expected = FORM if _reads_a_form(request) else JSON
        return await tell(request, tree.UnsupportedMediaTypeError(expected))
    wrong = [(_field(item, error.body), sentence(item)) for item in error.errors()]
    field, message = wrong[0]
    trouble = Trouble(
        status=HTTPStatus.BAD_REQUEST,
        code="VALIDATION_ERROR",
        message=f"{field}: {message}" if field else message,
        request_id=request_id_of(request),
        errors=wrong,
    )
    return _answer(request, trouble)


async def _of_http(request: Request, error: Exception) -> JSONResponse:
    """Say what Starlette says of unknown paths and methods."""
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    trouble = Trouble(
        status=status,
        code=CODES.get(status, "VALIDATION_ERROR"),
        message=status.phrase if error.detail == status.phrase else str(error.detail),
        request_id=request_id_of(request),
    )
    answer = _answer(request, trouble)
    answer.headers.update(error.headers or {})
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(_methods_of(request))
    return answer


def _methods_of(request: Request) -> list[str]:
    """Return all methods of a path; Starlette tells those of its first route alone."""
    routes = (route for route in request.app.routes if isinstance(route, APIRoute))
    fitting = (r for r in routes if r.matches(request.scope)[0] is Match.PARTIAL)
    return sorted({method for route in fitting for method in route.methods or ()})


async def _crash(request: Request, error: Exception) -> JSONResponse:
    """Say nothing of what went wrong; the log has it, under the request's id."""
    log.error("request crashed", error=type(error).__name__, exc_info=error)
    trouble = Trouble(
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        code="INTERNAL_ERROR",
        message="Internal error",
        request_id=request_id_of(request),
    )
    return _answer(request, trouble)


def request_id_of(request: Request) -> str:
    """Return the id under which this request is known, in answer and log alike."""
    request_id: str = request.scope.get("request_id", "")
    return request_id


def _answer(request: Request, trouble: Trouble) -> JSONResponse:
    body, media_type = spoken(trouble, request.url.path)
    status = trouble.status
    if dialect_of(request.url.path) is Dialect.OAUTH and trouble.code in (
        "INVALID_CREDENTIALS",
        "TOKEN_REUSED",
    ):
        status = HTTPStatus.BAD_REQUEST  # RFC 6749, section 5.2: invalid_grant
    headers = {}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status is HTTPStatus.SERVICE_UNAVAILABLE or trouble.code == (
        "REQUEST_IN_PROGRESS"
    ):
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if trouble.wait_s is not None:
        headers["Retry-After"] = str(math.ceil(trouble.wait_s))
    return JSONResponse(body, status.value, headers, media_type)


def _is_of_another_type(request: Request, error: RequestValidationError) -> bool:
    """Tell whether a body failed because it does not even claim to be what is read.

    What does not claim to be JSON, FastAPI hands on as the bytes that came.
    """
    if not any(item["loc"][:1] == ("body",) for item in error.errors()):
        return False
    if _reads_a_form(request):
        claimed = request.headers.get("content-type", FORM)
        return claimed.partition(";")[0].strip().lower() != FORM
    return isinstance(error.body, bytes)


def _reads_a_form(request: Request) -> bool:
    """Tell whether the path is OAuth2's, which has no choice; all others read JSON."""
    return dialect_of(request.url.path) is Dialect.OAUTH


def _field(item: dict[str, Any], body: object) -> str:
    """Return where in the request something is wrong, as ``assets.0.alt_text``."""
    inside = _without_kind(_without_place(item["loc"]), body)
    if "discriminator" in item.get("ctx", {}):
        inside = (*inside, "kind")
    return _encodable(".".join(map(str, inside)))


def _without_place(location: Location) -> Location:
    return location[1:] if location and location[0] in _PLACES else location


def _without_kind(inside: Location, body: object) -> Location:
    """Leave out the kind of a body that may be of several; no client names it."""
    kind = body.get("kind") if isinstance(body, dict) else None
    return inside[1:] if len(inside) > 1 and inside[0] == kind else inside


_PLACES = ("body", "query", "path", "header", "cookie")
_MEANING = {
    base.ONE_LINE: "control characters are not allowed",
    base.SEVERAL_LINES: "control characters are not allowed",
    base.VISIBLE: "only visible ASCII characters are allowed",
    base.HEX_SHA256: "must be a SHA-256 as 64 lower-case hexadecimal digits",
    base.LANGUAGE_CODE: "must be a language as two lower-case letters, such as en",
    base.CURRENCY_CODE: "must be a currency as three lower-case letters, such as eur",
    base.SLUG: "must be lower-case letters and digits, in words joined by hyphens",
    base.TIME_OF_DAY: "must be a time of day, such as 18:30",
    base.HASHTAG: "must be 1 to 100 letters, digits and underscores, without the #",
    base.EMAIL: "must be an email address",
}


def sentence(item: Mapping[str, Any]) -> str:
    """Return what Pydantic finds wrong, in words where it would show a pattern."""
    pattern = item.get("ctx", {}).get("pattern")
    message: str = item["msg"]
    return _encodable(_MEANING.get(pattern, message.removeprefix("Value error, ")))


def _encodable(text: str) -> str:
    """Return text that can be sent: JSON may bring half a character in, but not out."""
    return text.encode("utf-8", "replace").decode()
