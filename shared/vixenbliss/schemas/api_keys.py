"""API keys, as their owners see them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from vixenbliss.callers import Scope
from vixenbliss.schemas.base import NFC, Input, Instant, Output, line


def _each_once(scopes: list[Scope]) -> list[Scope]:
    return sorted(set(scopes))


class ApiKeyCreate(Input):
    """A key that somebody wants for a program."""

    name: Annotated[str, line(at_least=1, at_most=80), NFC]
    scopes: Annotated[
        list[Scope],
        Field(min_length=1, max_length=len(Scope)),
        AfterValidator(_each_once),
    ]
    expires_at: Instant | None = None


class ApiKeyRead(Output):
    """A key, without what opens anything."""

    id: UUID
    name: str
    prefix: str
    """How it goes on after ``vb_``."""
    scopes: list[Scope]
    created_by: int
    """The owner who has made it, or renewed it; it works as long as they own."""
    is_live: bool
    """Whether it opens anything now."""
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    """To the hour."""


class ApiKeyTold(ApiKeyRead):
    """A key with its secret, which is told this once."""

    key: str
