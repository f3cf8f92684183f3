"""The notices: what a person should know, told once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, Uuid, text

from vixenbliss.models.base import Base, Born, Id, Json, Mapped, mapped_column


class Notice(Base):
    """Something to be told to a user: a renewal ahead, a payment that failed."""

    __tablename__ = "notices"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    workspace_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("workspaces.id")
    )
    kind: Mapped[str] = mapped_column(String(40))
    dedupe_key: Mapped[str] = mapped_column(String(255), unique=True)
    """One reason, one notice."""
    detail: Mapped[Json] = mapped_column(server_default="{}")
    created_at: Mapped[Born]
    read_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_notices_user_id", "user_id", "created_at", "id"),
        Index("ix_notices_unread", "user_id", postgresql_where=text("read_at IS NULL")),
    )
