"""What an endpoint may ask for, and how each thing is put together.

Only what every function can afford to import is here; a service is put together in the
``app.py`` that offers it, from these.
"""

import hashlib
import re
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends, Header, Query, Request, Response
from pydantic import BaseModel

from vixenbliss.database import Connection, reading, transaction
from vixenbliss.errors import PreconditionRequiredError, ValidationError
from vixenbliss.schemas.base import VISIBLE, PageQuery

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


def tag(response: Response, version: int) -> None:
    """Tell the client which version of a row it is looking at."""
    response.headers["ETag"] = f'"v{version}"'


def publish(response: Response, body: BaseModel) -> None:
    """Let anybody keep an answer for a minute, under the name of its content."""
    response.headers["Cache-Control"] = "public, max-age=60"
    sha256 = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    response.headers["ETag"] = f'"{sha256}"'


def locate(response: Response, path: str) -> None:
    """Tell the client where to find what has been made."""
    response.headers["Location"] = path
