"""Queues, the audit trail and health, as the outside sees them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from vixenbliss.models.audit import ActorKind
from vixenbliss.schemas.base import Input, Output, Sha256


class QueueRead(Output):
    """How a queue stands."""

    name: str
    waiting: int
    in_flight: int
    oldest_s: int | None
    """How long the oldest open piece of its work has waited; None if there is none."""
    dead_letters: int
    """Ended badly and not yet sent on their way again."""


class QueueList(Output):
    """Every queue."""

    items: list[QueueRead]


class Redrive(Input):
    """How many dead letters to send on their way again, oldest first."""

    max: Annotated[int, Field(ge=1, le=100)] = 100


class Redriven(Output):
    """How many are on their way."""

    redriven: int


class AuditRead(Output):
    """One deed."""

    position: int
    actor_kind: ActorKind
    actor_user_id: int | None
    actor_api_key_id: UUID | None
    action: str
    target_type: str
    target_id: str
    detail: dict[str, Any]
    row_hash: Sha256
    created_at: datetime


class AuditVerified(Output):
    """Whether the chain is whole, and where it first is not."""

    intact: bool
    first_broken: int | None
    rows: int


class Home(Output):
    """What one finds at the root."""

    message: str
    project: str
    version: str


class Health(Output):
    """The function runs."""

    status: Literal["ok"] = "ok"
    service: str
    version: str
    timestamp: str


class Readiness(Output):
    """What the function stands on."""

    database: Literal["ok", "unavailable"]
    migrations: str | None
    """The schema's revision."""
