"""The reconciliations: a day of Stripe's books held against ours, row by row."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Uuid,
    text,
)

from vixenbliss.models.base import (
    Base,
    Born,
    CurrencyCode,
    Id,
    Mapped,
    Micros,
    StripeId,
    mapped_column,
    one_of,
    within,
)


class ReconciliationStatus(StrEnum):
    """How far a reconciliation has come."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ReconciliationStage(StrEnum):
    """What a reconciliation is at."""

    EVENTS = "events"
    """Stripe's events are listed, and what has never come is taken in."""
    SETTLING = "settling"
    """What was taken in is being applied."""
    BALANCE = "balance"
    """The day's movements are held against the books."""
    DONE = "done"


class Reconciliation(Base):
    """A look at one day (UTC): events that never came, rows that do not agree."""

    __tablename__ = "reconciliations"

    id: Mapped[Id]
    day: Mapped[date] = mapped_column(Date())
    status: Mapped[ReconciliationStatus] = mapped_column(
        server_default=ReconciliationStatus.RUNNING
    )
    requested_by: Mapped[int | None] = mapped_column(Integer(), ForeignKey("users.id"))
    events_since: Mapped[datetime]
    """From when on Stripe's events are asked for: the watermark and an hour before."""
    until: Mapped[datetime]
    """Up to when events and rows are looked at."""
    cursor: Mapped[StripeId | None]
    """The last event, or row, that was looked at; for whoever goes on."""
    stage: Mapped[ReconciliationStage] = mapped_column(
        server_default=ReconciliationStage.EVENTS
    )
    events_seen: Mapped[int] = mapped_column(server_default="0")
    events_missing: Mapped[int] = mapped_column(server_default="0")
    """How many had never come, and were applied now."""
    rows_compared: Mapped[int] = mapped_column(server_default="0")
    differences: Mapped[int] = mapped_column(server_default="0")
    error_code: Mapped[str | None] = mapped_column(String(60))
    attempts: Mapped[int] = mapped_column(server_default="0")
    fence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    lease_until: Mapped[datetime | None]
    check_at: Mapped[datetime | None]
    created_at: Mapped[Born]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("stage", ReconciliationStage),
        one_of("status", ReconciliationStatus),
        Index(
            "uq_reconciliations_running",
            "status",
            unique=True,
            postgresql_where=text("status = 'running'"),
        ),
        Index("ix_reconciliations_created_at", "created_at", "id"),
    )


class DifferenceKind(StrEnum):
    """How a row of Stripe's and the ledger disagree."""

    MISSING = "missing"
    """Stripe has it, the ledger does not."""
    UNKNOWN = "unknown"
    """The ledger has it, Stripe does not."""
    DOUBLED = "doubled"
    """The ledger has it more than once."""
    ALTERED = "altered"
    """The amounts differ."""


class ReconciliationDifference(Base):
    """One balance transaction on which the two books do not agree."""

    __tablename__ = "reconciliation_differences"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    reconciliation_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("reconciliations.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[DifferenceKind]
    balance_transaction_id: Mapped[StripeId]
    workspace_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("workspaces.id"), index=True
    )
    currency: Mapped[CurrencyCode]
    stripe_micros: Mapped[Micros | None]
    ledger_micros: Mapped[Micros | None]
    note: Mapped[str]
    created_at: Mapped[Born]

    __table_args__ = (
        one_of("kind", DifferenceKind),
        within("note", at_least=1, at_most=300),
    )
