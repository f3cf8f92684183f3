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
    STRIPE = "stripe"


class WebhookStatus(StrEnum):
    """How far a report has come."""

    RECEIVED = "received"
    PROCESSED = "processed"
    IGNORED = "ignored"
    SUPERSEDED = "superseded"
    """Its object was looked at after something newer was told of it."""
    DEFERRED = "deferred"
    """It waits for a row that it is about."""
    FAILED = "failed"
    """Three tries came to nothing; somebody may have it replayed."""


class WebhookEvent(Base):
    """A verified delivery, kept as it came."""

    __tablename__ = "webhook_events"

    id: Mapped[Id]
    source: Mapped[WebhookSource]
    external_id: Mapped[str] = mapped_column(String(255))
    event_type: Mapped[str] = mapped_column(String(120))
    subject_id: Mapped[UUID | None]
    """The row of ours that the delivery's address names; a hint, not a proof."""
    provider_object_id: Mapped[str | None] = mapped_column(String(255))
    payload: Mapped[Json]
    status: Mapped[WebhookStatus] = mapped_column(server_default=WebhookStatus.RECEIVED)
    occurred_at: Mapped[datetime]
    received_at: Mapped[Born]
    processed_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    """How many tries came to nothing, save for want of an answer."""
    waits_for: Mapped[str | None] = mapped_column(String(255))
    """What has to be known before a deferred report can be used."""
    check_at: Mapped[datetime | None]
    """When somebody is to look whether it still waits; None when nothing is open."""
    note: Mapped[str | None] = mapped_column(String(300))
    """Why it was not used, or not yet."""

    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        one_of("source", WebhookSource),
        one_of("status", WebhookStatus),
        Index("ix_webhook_events_subject_id", "subject_id"),
        Index(
            "ix_webhook_events_open",
            "provider_object_id",
            postgresql_where=text("status IN ('received', 'deferred')"),
        ),
        Index(
            "ix_webhook_events_deferred",
            "waits_for",
            postgresql_where=text("status = 'deferred'"),
        ),
        Index(
            "ix_webhook_events_check_at",
            "check_at",
            postgresql_where=text("check_at IS NOT NULL"),
        ),
        Index("ix_webhook_events_received_at", "source", "received_at"),
    )
