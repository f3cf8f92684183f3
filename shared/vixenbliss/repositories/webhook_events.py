"""Every query on what providers reported."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, bindparam, case, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from vixenbliss.database import Connection
from vixenbliss.models.webhook_events import (
    WebhookEvent,
    WebhookSource,
    WebhookStatus,
)
from vixenbliss.repositories.terms import among, from_now

_STORE = (
    insert(WebhookEvent)
    .values(
        id=bindparam("id"),
        source=bindparam("source"),
        external_id=bindparam("external_id"),
        event_type=bindparam("event_type"),
        subject_id=bindparam("subject_id"),
        provider_object_id=bindparam("provider_object_id"),
        payload=bindparam("payload", type_=JSONB),
        occurred_at=bindparam("occurred_at"),
        status=bindparam("status"),
        processed_at=case(
            (bindparam("is_done", type_=Boolean()), func.now()), else_=None
        ),
        check_at=from_now("check_in"),
    )
    .on_conflict_do_nothing(index_elements=["source", "external_id"])
    .returning(WebhookEvent.id)
)
_REPORTED = (
    select(WebhookEvent.provider_object_id)
    .where(
        WebhookEvent.source == bindparam("source"),
        WebhookEvent.subject_id == bindparam("subject_id"),
    )
    .order_by(WebhookEvent.received_at.desc())
    .limit(10)
)
_KNOWS = select(WebhookEvent.id).where(
    WebhookEvent.source == bindparam("source"),
    WebhookEvent.external_id == bindparam("external_id"),
)
_SETTLE = (
    update(WebhookEvent)
    .where(WebhookEvent.id == bindparam("event_id"))
    .values(
        status=bindparam("status_"),
        processed_at=case(
            (bindparam("is_done", type_=Boolean()), func.now()), else_=None
        ),
    )
)
_open_on = (
    WebhookEvent.source == bindparam("source_"),
    WebhookEvent.provider_object_id == bindparam("object_id"),
    WebhookEvent.status == WebhookStatus.RECEIVED,
)
_OPEN_ON = (
    select(WebhookEvent.event_type, WebhookEvent.payload)
    .where(*_open_on)
    .order_by(WebhookEvent.occurred_at, WebhookEvent.id)
    .limit(20)
)
_CLOSE_ON = (
    update(WebhookEvent)
    .where(*_open_on)
    .values(status=WebhookStatus.PROCESSED, processed_at=func.now())
)
_EMPTY = (
    update(WebhookEvent)
    .where(among(WebhookEvent.subject_id, "subject_ids"))
    .values(payload=func.jsonb_build_object())
)
_CLOSE = (
    update(WebhookEvent)
    .where(
        WebhookEvent.subject_id == bindparam("subject_id_"),
        WebhookEvent.status == WebhookStatus.RECEIVED,
    )
    .values(
        processed_at=func.now(),
        status=bindparam("status_"),
    )
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A verified report, as it is about to be stored."""

    id: UUID
    source: WebhookSource
    external_id: str
    event_type: str
    subject_id: UUID | None
    provider_object_id: str | None
    payload: dict[str, Any]
    occurred_at: datetime
    status: WebhookStatus = WebhookStatus.RECEIVED
    """How far it has come with the transaction that stores it."""
    check_in: timedelta | None = None
    """After how long somebody is to look whether it is still open."""


class WebhookEventRepository:
    """Reports of providers; global, for a provider knows no workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def store(self, delivery: Delivery) -> bool:
        """Store a report; False if it was stored before."""
        row = await self._connection.one(
            _STORE,
            id=delivery.id,
            source=delivery.source,
            external_id=delivery.external_id,
            event_type=delivery.event_type,
            subject_id=delivery.subject_id,
            provider_object_id=delivery.provider_object_id,
            payload=delivery.payload,
            occurred_at=delivery.occurred_at,
            status=delivery.status,
            is_done=delivery.status is not WebhookStatus.RECEIVED,
            check_in=delivery.check_in,
        )
        return row is not None

    async def knows(self, source: WebhookSource, external_id: str) -> bool:
        """Tell whether a report of that name has been stored."""
        row = await self._connection.one(_KNOWS, source=source, external_id=external_id)
        return row is not None

    async def reported_for(self, source: WebhookSource, subject_id: UUID) -> list[str]:
        """Return the provider's ids in reports that name the row, newest first."""
        rows = await self._connection.all(
            _REPORTED, source=source, subject_id=subject_id
        )
        return [row["provider_object_id"] for row in rows if row["provider_object_id"]]

    async def settle(self, event_id: UUID, status: WebhookStatus) -> None:
        """Say what has been done about a report."""
        is_done = status is not WebhookStatus.RECEIVED
        await self._connection.run(
            _SETTLE, event_id=event_id, status_=status, is_done=is_done
        )

    async def open_on(
        self, source: WebhookSource, object_id: str
    ) -> list[tuple[str, dict[str, Any]]]:
        """Return the type and the payload of reports that nobody could use yet.

        The oldest come first. A report may be faster than our own note of the name by
        which the provider knows the thing.
        """
        rows = await self._connection.all(_OPEN_ON, source_=source, object_id=object_id)
        return [(row["event_type"], row["payload"]) for row in rows]

    async def close_on(self, source: WebhookSource, object_id: str) -> None:
        """Mark a thing's open reports as dealt with."""
        await self._connection.run(_CLOSE_ON, source_=source, object_id=object_id)

    async def empty(self, subject_ids: Sequence[UUID]) -> None:
        """Erase what reports on the rows say; that they came stays."""
        await self._connection.run(_EMPTY, subject_ids=list(subject_ids))

    async def close(self, subject_id: UUID, status: WebhookStatus) -> None:
        """Mark the row's open reports as dealt with."""
        await self._connection.run(_CLOSE, subject_id_=subject_id, status_=status)


def storable(payload: dict[str, Any]) -> dict[str, Any]:
    """Return what Postgres can hold of a payload: a model's logs may hold anything.

    It knows neither the character NUL, nor halves of surrogate pairs, nor infinity.

    Raises:
        RecursionError: it nests too deeply.
    """
    text = json.dumps(payload, ensure_ascii=False).encode(errors="replace").decode()
    kept: dict[str, Any] = json.loads(
        text.replace(r"\u0000", r"\ufffd"), parse_constant=lambda _: None
    )
    return kept
