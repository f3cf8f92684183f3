"""What providers reported, as the platform's staff sees it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from vixenbliss.models.webhook_events import WebhookSource, WebhookStatus
from vixenbliss.schemas.base import Input, Output, Reason


class WebhookEventRead(Output):
    """A report, and what has been done about it."""

    id: UUID
    source: WebhookSource
    external_id: str
    event_type: str
    subject_id: UUID | None
    provider_object_id: str | None
    """What it is about, by the provider's name; of a charge its payment."""
    status: WebhookStatus
    attempts: int
    waits_for: str | None
    note: str | None
    occurred_at: datetime
    received_at: datetime
    processed_at: datetime | None


class WebhookEventDetail(WebhookEventRead):
    """A report with what it says."""

    payload: dict[str, Any]


class Replay(Input):
    """Why a report is to be worked on again."""

    reason: Reason


class Replayed(Output):
    """The report is on its way."""

    id: UUID
    status: WebhookStatus
