"""The four dialects: which path speaks which, and how each tells of an error.

==========  =====================================  =====================================
dialect     paths                                  an error is
==========  =====================================  =====================================
envelope    ``/api/**`` except ``/api/v1/**``      ``{success, error, timestamp}``
oauth       ``/api/v1/auth/token``                 RFC 6749, section 5.2
hook        ``/webhooks/**``                       as bare
bare        every other path                       RFC 9457 with a ``code``
==========  =====================================  =====================================
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from vixenbliss.clock import timestamp

PROBLEM = "application/problem+json"
JSON = "application/json"


class Dialect(StrEnum):
    """How a path speaks."""

    BARE = "bare"
    ENVELOPE = "envelope"
    OAUTH = "oauth"
    HOOK = "hook"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that went wrong, before it is put in a dialect."""

    status: HTTPStatus
    code: str
    message: str
    request_id: str
    errors: Sequence[tuple[str, str]] = ()
    """Fields and what is wrong with each."""
    missing: Sequence[str] = ()
    offers: Sequence[str] = ()
    wait_s: float | None = None
    """How long a client is to wait before it tries again."""


def dialect_of(path: str) -> Dialect:
    """Return how a path speaks; the only place that knows."""
    if path.rstrip("/") == "/api/v1/auth/token":
        return Dialect.OAUTH
    if path.startswith("/webhooks/"):
        return Dialect.HOOK
    if path.startswith("/api/") and not path.startswith("/api/v1/"):
        return Dialect.ENVELOPE
    return Dialect.BARE


def spoken(trouble: Trouble, path: str) -> tuple[dict[str, Any], str]:
    """Return the trouble as the path's dialect has it, and its media type."""
    return _SPEECH[dialect_of(path)](trouble)


def _bare(trouble: Trouble) -> tuple[dict[str, Any], str]:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": trouble.status.phrase,
        "status": trouble.status.value,
        "detail": trouble.message,
        "code": trouble.code,
        "request_id": trouble.request_id,
    }
    if trouble.errors:
        body["errors"] = [{"field": f, "message": m} for f, m in trouble.errors]
    if trouble.missing:
        body["missing"] = list(trouble.missing)
    if trouble.offers:
        body["offers"] = list(trouble.offers)
    return body, PROBLEM


def _envelope(trouble: Trouble) -> tuple[dict[str, Any], str]:
    details: dict[str, Any] = {}
    if trouble.errors:
        details = {
            "field": trouble.errors[0][0],
            "errors": [{"field": f, "message": m} for f, m in trouble.errors],
        }
    if trouble.offers:
        details["offers"] = list(trouble.offers)
    return {
        "success": False,
        "error": {
            "code": trouble.code,
            "message": trouble.message,
            "details": details,
        },
        "timestamp": timestamp(),
    }, JSON


_OAUTH_CODES = {
    "INVALID_CREDENTIALS": "invalid_grant",
    "TOKEN_REUSED": "invalid_grant",
    "VALIDATION_ERROR": "invalid_request",
    "UNAVAILABLE": "temporarily_unavailable",
    "RATE_LIMITED": "temporarily_unavailable",
    "INTERNAL_ERROR": "server_error",
}


def _oauth(trouble: Trouble) -> tuple[dict[str, Any], str]:
    code = _OAUTH_CODES.get(trouble.code, "invalid_request")
    return {"error": code, "error_description": trouble.message}, JSON


_SPEECH: dict[Dialect, Callable[[Trouble], tuple[dict[str, Any], str]]] = {
    Dialect.BARE: _bare,
    Dialect.HOOK: _bare,
    Dialect.ENVELOPE: _envelope,
    Dialect.OAUTH: _oauth,
}
