"""The dead_letters table: work that ended badly, with its reason."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, Uuid, text

from vixenbliss.models.base import Base, Born, Id, Mapped, mapped_column, within


class DeadLetter(Base):
    """A job that failed for good, or a message that no worker could digest."""

    __tablename__ = "dead_letters"

    id: Mapped[Id]
    queue: Mapped[str] = mapped_column(String(40))
    dedupe_key: Mapped[str] = mapped_column(String(200))
    workspace_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("workspaces.id")
    )
    subject_id: Mapped[UUID | None]
    code: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str]
    payload_sha256: Mapped[bytes | None]
    created_at: Mapped[Born]
    redriven_at: Mapped[datetime | None]
    """When there was nothing left to do for it: sent again, or ended by then."""
    refused_at: Mapped[datetime | None]
    """When it last could not be sent again; those that were never tried come first."""

    __table_args__ = (
        UniqueConstraint("queue", "dedupe_key"),
        within("reason", at_least=1, at_most=2000),
        Index("ix_dead_letters_subject_id", "subject_id"),
        Index(
            "ix_dead_letters_open",
            "queue",
            "created_at",
            postgresql_where=text("redriven_at IS NULL"),
        ),
    )
