"""The outbox table: messages that leave with the transaction that wrote them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, String, UniqueConstraint, func, text

from vixenbliss.models.base import Base, Born, Mapped, mapped_column


class OutboxMessage(Base):
    """A message for a queue. Its body is an id and nothing else."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    dedupe_key: Mapped[str] = mapped_column(String(200))
    """Names the reason for the message, so that one reason sends one message."""
    correlation_id: Mapped[str | None] = mapped_column(String(128))
    available_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]
    created_at: Mapped[Born]

    __table_args__ = (
        UniqueConstraint("queue", "dedupe_key"),
        Index(
            "ix_outbox_sent_at",
            "sent_at",
            postgresql_where=text("sent_at IS NOT NULL"),
        ),
        Index(
            "ix_outbox_unsent",
            "available_at",
            "id",
            postgresql_where=text("sent_at IS NULL"),
        ),
    )
