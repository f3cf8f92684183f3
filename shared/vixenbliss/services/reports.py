"""What providers report, stored once and answered at once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError

from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.errors import ValidationError as InvalidReportError
from vixenbliss.ids import new_id
from vixenbliss.jobs.messages import finish
from vixenbliss.models.webhook_events import WebhookSource
from vixenbliss.repositories.webhook_events import (
    Delivery,
    WebhookEventRepository,
    storable,
)
from vixenbliss.services.outbox import Outbox


class _Prediction(BaseModel):
    """The bare prediction that Replicate posts, as far as we look at it."""

    id: str = Field(min_length=1, max_length=120)
    status: str = Field(min_length=1, max_length=40)
    completed_at: datetime | None = None


class ReportService:
    """Takes verified deliveries in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def replicate(
        self, delivery_id: str, payload: dict[str, Any], job_id: UUID | None
    ) -> None:
        """Store a prediction's report and ring for its job; again changes nothing.

        The report is known by the delivery's id, and the message by the report, so a
        thousand deliveries of one report are one row and one message.

        Raises:
            InvalidReportError: it is signed, and yet no prediction.
        """
        try:
            prediction = _Prediction.model_validate(payload)
            kept = storable(payload)
        except (ValidationError, RecursionError) as error:
            message = "The body is not a prediction."
            raise InvalidReportError(message) from error
        stored = await WebhookEventRepository(self._connection).store(
            Delivery(
                id=new_id(),
                source=WebhookSource.REPLICATE,
                external_id=delivery_id,
                event_type=f"prediction.{prediction.status}",
                subject_id=job_id,
                provider_object_id=prediction.id,
                payload=kept,
                occurred_at=prediction.completed_at or now(),
            )
        )
        if stored and job_id:
            await Outbox(self._connection).send(finish(job_id, delivery_id))
