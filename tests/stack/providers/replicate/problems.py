"""Replicate's errors: RFC 9457 problems, as its API words them.

401, 422 and 429 are worded as reported from the live API (replicate-python issues 47
and 445, fofr/cog-face-to-many issue 44); the others are in their manner.
"""

from collections.abc import Sequence
from http import HTTPStatus

from starlette.responses import JSONResponse

_DETAILS = {
    HTTPStatus.PAYMENT_REQUIRED: (
        "Insufficient credit",
        "You have insufficient credit to run this model.",
    ),
    HTTPStatus.NOT_FOUND: (
        "Not Found",
        "The requested resource could not be found.",
    ),
}
_RETRY_AFTER_S = 30


class Problem(JSONResponse):
    """A problem as the answer."""

    media_type = "application/problem+json"


def unauthenticated(*, token_given: bool) -> Problem:
    """Return the refusal of a caller without a valid token."""
    detail = (
        "You did not pass a valid authentication token"
        if token_given
        else "You did not pass an authentication token"
    )
    return _problem(HTTPStatus.UNAUTHORIZED, "Unauthenticated", detail)


def not_found() -> Problem:
    """Return what unknown predictions and paths are met with."""
    return Problem(body_of(HTTPStatus.NOT_FOUND), HTTPStatus.NOT_FOUND)


def unknown_version() -> Problem:
    """Return the refusal of a version or model that is not there."""
    return _problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Invalid version or not permitted",
        "The specified version does not exist (or perhaps you don't have permission"
        " to use it?)",
    )


def bad_date(name: str) -> Problem:
    """Return the refusal of a time that is not ISO 8601."""
    detail = f"{name} must be an ISO 8601 date-time"
    return _problem(HTTPStatus.BAD_REQUEST, "Bad Request", detail)


def invalid_input(fields: Sequence[dict[str, str]]) -> Problem:
    """Return the refusal of a body, naming each wrong field."""
    lines = [
        f"- {f['field']}: {f['description']}" if f["field"] else f"- {f['description']}"
        for f in fields
    ]
    body = {
        "detail": "\n".join([*lines, ""]),
        "status": HTTPStatus.UNPROCESSABLE_ENTITY.value,
        "title": "Input validation failed",
        "invalid_fields": list(fields),
    }
    return Problem(body, HTTPStatus.UNPROCESSABLE_ENTITY)


def body_of(status: int, retry_after_s: int | None = None) -> dict[str, object]:
    """Return the body of an error nobody worded."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait_s = _RETRY_AFTER_S if retry_after_s is None else retry_after_s
        detail = f"Request was throttled. Your rate limit resets in ~{wait_s}s."
        return {"detail": detail, "status": status, "retry_after": wait_s}
    known = HTTPStatus(status)
    title, detail = _DETAILS.get(known, (known.phrase, known.description))
    return {"title": title, "detail": detail or known.phrase, "status": status}


def _problem(status: HTTPStatus, title: str, detail: str) -> Problem:
    return Problem({"title": title, "detail": detail, "status": status.value}, status)
