"""The webhook_events table: what providers reported, each report once."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, text

from vixenbliss.models.base import Base, Born, Id, Json, Mapped, mapped_column, one_of


class WebhookSource(StrEnum):
    """Who may report."""

    REPLICATE = "replicate"
    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"


class WebhookStatus(StrEnum):
    """How far a report has come."""

    RECEIVED = "received"
    PROCESSED = "processed"
    IGNORED = "ignored"


class WebhookEvent(Base):
    """A verified delivery, kept as it came."""

    __tablename__ = "webhook_events"

    id: Mapped[Id]
    source: Mapped[WebhookSource]
    external_id: Mapped[str] = mapped_column(String(255))
    event_type: Mapped[str] = mapped_column(String(120))
    subject_id: Mapped[UUID | None]
    """The row of ours that the delivery's address names; a hint, not a proof."""
    provider_object_id: Mapped[str | None] = mapped_column(String(120))
    payload: Mapped[Json]
    status: Mapped[WebhookStatus] = mapped_column(server_default=WebhookStatus.RECEIVED)
    occurred_at: Mapped[datetime]
    received_at: Mapped[Born]
    processed_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        one_of("source", WebhookSource),
        one_of("status", WebhookStatus),
        Index("ix_webhook_events_subject_id", "subject_id"),
        Index(
            "ix_webhook_events_open",
            "provider_object_id",
            postgresql_where=text("status = 'received'"),
        ),
    )
