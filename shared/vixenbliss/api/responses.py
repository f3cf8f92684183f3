"""The errors that routes document, in the shapes of their dialects."""

from http import HTTPStatus
from typing import Any

from vixenbliss.api.dialects import PROBLEM
from vixenbliss.schemas.base import Failure, OAuthFailure, Problem

type Responses = dict[int | str, dict[str, Any]]

WITHOUT_TOKEN: dict[str, Any] = {"security": [{}]}
"""Said of a route, beside its bearer token, that one may ask without (OpenAPI 3.1)."""

_EVERYWHERE = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


_TOO_MANY: dict[str, Any] = {
    "headers": {
        "Retry-After": {
            "description": "In so many seconds it may be tried again.",
            "schema": {"type": "integer"},
        }
    }
}
_MORE: dict[HTTPStatus, dict[str, Any]] = {HTTPStatus.TOO_MANY_REQUESTS: _TOO_MANY}


def problems(*statuses: HTTPStatus) -> Responses:
    """Return what a route of the bare dialect may also answer."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status.value: {
            "description": status.phrase,
            "model": Problem,
            "content": {PROBLEM: {"schema": schema}},
            **_MORE.get(status, {}),
        }
        for status in sorted({*_EVERYWHERE, *statuses})
    }


READS = problems(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
"""Of a route by which a member looks at what the workspace has."""
READS_BY_KEY = READS | problems(HTTPStatus.FORBIDDEN)
"""Of one by which programs look, too, as far as their keys' scopes go."""
WRITES = READS | problems(HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)
"""Of a route by which a member in the right role changes it."""
ASKS_OTHERS = WRITES | problems(HTTPStatus.BAD_GATEWAY)
"""Of one for which a provider is asked, who may not do it, or not answer."""
VERSIONED = WRITES | problems(
    HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED
)
"""Of one that changes a row only as its editor saw it."""

COUNTED: Responses = {
    200: {
        "headers": {
            "X-Total-Count": {
                "description": "How many there are on all pages.",
                "schema": {"type": "integer"},
            }
        }
    }
}
"""Of one whose list is bare, and its total beside it."""


def failures(*statuses: HTTPStatus) -> Responses:
    """Return what a route of the envelope dialect may also answer."""
    return {
        status.value: {
            "description": status.phrase,
            "model": Failure,
            **_MORE.get(status, {}),
        }
        for status in sorted({*_EVERYWHERE, *statuses})
    }


ENVELOPED_READS = failures(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
"""As ``READS``, of the envelope dialect."""
ENVELOPED_WRITES = ENVELOPED_READS | failures(HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)
"""As ``WRITES``, of the envelope dialect."""
ENVELOPED_VERSIONED = ENVELOPED_WRITES | failures(HTTPStatus.PRECONDITION_FAILED)
"""Of one that changes a row only as its editor saw it, if they say so."""


def oauth_failures(*statuses: HTTPStatus) -> Responses:
    """Return what the OAuth2 token route may also answer (RFC 6749, section 5.2)."""
    return {
        status.value: {
            "description": status.phrase,
            "model": OAuthFailure,
            **_MORE.get(status, {}),
        }
        for status in sorted({*_EVERYWHERE, *statuses})
    }
