"""The data_requests table: who wants to see what we know of them, or it erased."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text

from vixenbliss.models.base import Base, Born, Id, Mapped, mapped_column, one_of


class DataRequestKind(StrEnum):
    """What is asked for."""

    EXPORT = "export"
    ERASURE = "erasure"


class DataRequestStatus(StrEnum):
    """How far a request has come."""

    RECEIVED = "received"
    DONE = "done"
    FAILED = "failed"


class DataRequest(Base):
    """A wish of a user's about their own data."""

    __tablename__ = "data_requests"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"), index=True)
    kind: Mapped[DataRequestKind]
    status: Mapped[DataRequestStatus] = mapped_column(
        server_default=DataRequestStatus.RECEIVED
    )
    s3_key: Mapped[str | None] = mapped_column(String(512))
    """Where an export lies, until it expires."""
    expires_at: Mapped[datetime | None]
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    check_at: Mapped[datetime | None]
    """When the sweep is to look whether it is done; None when it has ended."""
    attempts: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[Born]
    done_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("kind", DataRequestKind),
        one_of("status", DataRequestStatus),
        CheckConstraint("(status = 'done') = (done_at IS NOT NULL)", name="done_once"),
        CheckConstraint(
            "(lease_token IS NULL) = (lease_until IS NULL)", name="lease_is_whole"
        ),
        Index(
            "uq_data_requests_open",
            "user_id",
            "kind",
            unique=True,
            postgresql_where=text("status = 'received'"),
        ),
        Index(
            "ix_data_requests_check_at",
            "check_at",
            postgresql_where=text("check_at IS NOT NULL"),
        ),
    )
