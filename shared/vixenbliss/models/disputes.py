"""The disputes: payments that their payers take back at their bank."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Uuid

from vixenbliss.models.base import (
    Base,
    Born,
    CurrencyCode,
    Id,
    Json,
    Mapped,
    Minor,
    StripeId,
    Touched,
    in_currency,
    mapped_column,
    one_of,
)


class DisputeStatus(StrEnum):
    """Where a dispute stands."""

    EARLY_WARNING = "early_warning"
    """The network suspects fraud, or the bank asks; no money has moved."""
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    PREVENTED = "prevented"


class Dispute(Base):
    """A payment that was taken back, or may be."""

    __tablename__ = "disputes"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    order_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("orders.id"), index=True)
    payment_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("payments.id"), index=True
    )
    stripe_dispute_id: Mapped[StripeId] = mapped_column(unique=True)
    """Of an early fraud warning, that warning's id."""
    amount_minor: Mapped[Minor]
    currency: Mapped[CurrencyCode]
    reason: Mapped[str | None] = mapped_column(String(60))
    status: Mapped[DisputeStatus]
    evidence: Mapped[Json] = mapped_column(server_default="{}")
    """What was sent to the bank."""
    evidence_due_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        one_of("status", DisputeStatus),
        in_currency(),
        Index("ix_disputes_workspace_id", "workspace_id", "opened_at", "id"),
    )
