"""Every query on what providers reported."""

from dataclasses import dataclass
from datetime import datetime
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
    is_done: bool = False
    """Whether all that it asks for is done in the transaction that stores it."""


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
            status=_status(delivery),
            is_done=delivery.is_done,
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

    async def close(self, subject_id: UUID, status: WebhookStatus) -> None:
        """Mark the row's open reports as dealt with."""
        await self._connection.run(_CLOSE, subject_id_=subject_id, status_=status)


def _status(delivery: Delivery) -> WebhookStatus:
    return WebhookStatus.PROCESSED if delivery.is_done else WebhookStatus.RECEIVED
