"""The grants: the one table that says what a person may open, and by what right."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Uuid,
    text,
)

from vixenbliss.models.base import Base, Born, Id, Mapped, mapped_column, one_of


class GrantSource(StrEnum):
    """Where a right comes from."""

    SUBSCRIPTION = "subscription"
    ORDER = "order"
    COMP = "comp"
    """A present of the workspace's owner."""


class Grant(Base):
    """The right to open one benefit, from one source.

    Held at an instant: begun, not ended, not revoked. What is revoked stays so; the
    same source may grant anew, by another row.
    """

    __tablename__ = "grants"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    customer_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("customers.id"))
    benefit_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("benefits.id"), index=True
    )
    source_type: Mapped[GrantSource]
    source_id: Mapped[UUID]
    """The subscription, the order; of a comp, the grant's own id."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str | None] = mapped_column(String(60))
    granted_by: Mapped[int | None] = mapped_column(Integer(), ForeignKey("users.id"))
    """Who gave a comp."""
    created_at: Mapped[Born]

    __table_args__ = (
        one_of("source_type", GrantSource),
        CheckConstraint("ends_at >= starts_at", name="ends_after_its_start"),
        CheckConstraint(
            "(revoked_at IS NULL) = (revoke_reason IS NULL)",
            name="revoked_for_a_reason",
        ),
        Index(
            "uq_grants_live",
            "customer_id",
            "benefit_id",
            "source_type",
            "source_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("ix_grants_customer_id", "customer_id", "created_at"),
        Index("ix_grants_source_id", "source_id"),
        Index("ix_grants_workspace_id", "workspace_id"),
    )
