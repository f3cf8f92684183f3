"""What an endpoint may ask for, and how each thing is put together.

Only what every function can afford to import is here; a service is put together in the
``app.py`` that offers it, from these.
"""

import hashlib
import math
import re
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends, Header, Query, Request, Response
from pydantic import BaseModel

from vixenbliss.database import Connection, reading, transaction
from vixenbliss.errors import PreconditionRequiredError, ValidationError
from vixenbliss.schemas.base import VISIBLE, PageQuery
from vixenbliss.services.limits import Allowance

_SAFE = ("GET", "HEAD")
_ETAG = re.compile(r'(?:W/)?"v(\d{1,9})"')


async def _connection(request: Request) -> AsyncGenerator[Connection]:
    async with reading() if request.method in _SAFE else transaction() as connection:
        yield connection


# "function" scope commits before the answer leaves; the default scope commits after it,
# and a client would read 201 for a row that was never stored.
Database = Annotated[Connection, Depends(_connection, scope="function")]
"""For a GET, a connection that only reads; for all else, the request's transaction."""

Page = Annotated[PageQuery, Query()]

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=255,
        pattern=VISIBLE,
        description="Sent again with the same request, it gets the same answer.",
    ),
]


async def _version(if_match: Annotated[str | None, Header()] = None) -> int:
    if if_match is None:
        raise PreconditionRequiredError
    named = _ETAG.fullmatch(if_match.strip())
    if named is None:
        message = 'If-Match names a version as "v3".'
        raise ValidationError(message, field="If-Match")
    return int(named[1])


Version = Annotated[int, Depends(_version)]
"""The version that the client has seen, from If-Match."""


async def _version_if_sent(
    if_match: Annotated[str | None, Header()] = None,
) -> int | None:
    return None if if_match is None else await _version(if_match)


VersionIfSent = Annotated[int | None, Depends(_version_if_sent)]
"""The version that the client has seen, or None if it does not say."""


def tag(response: Response, version: int) -> None:
    """Tell the client which version of a row it is looking at."""
    response.headers["ETag"] = f'"v{version}"'


def publish(response: Response, body: BaseModel) -> None:
    """Let anybody keep an answer for a minute, under the name of its content."""
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["Vary"] = "Origin"  # the gateway names the page that has asked
    sha256 = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    response.headers["ETag"] = f'"{sha256}"'


def show(response: Response, body: BaseModel, *, is_public: bool) -> None:
    """Publish an answer that anybody would get; keep any other from every cache.

    Either way, what one gets with a token is not for those who have another or none.
    """
    if is_public:
        publish(response, body)
    else:
        response.headers["Cache-Control"] = "private, no-store"
    response.headers["Vary"] = "Origin, Authorization"


def locate(response: Response, path: str) -> None:
    """Tell the client where to find what has been made."""
    response.headers["Location"] = path


def headers_of(allowance: Allowance) -> dict[str, str]:
    """Return the headers that tell of an allowance (draft-ietf-httpapi-ratelimit)."""
    return {
        "RateLimit-Limit": str(allowance.limit),
        "RateLimit-Remaining": str(allowance.remaining),
        "RateLimit-Reset": str(math.ceil(allowance.reset_s)),
    }
