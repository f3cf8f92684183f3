"""The customers: users in their role of paying, across all workspaces."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer

from vixenbliss.models.base import Base, Born, Id, Mapped, StripeId, mapped_column


class Customer(Base):
    """A user who pays. Whatever is about their money first locks this row."""

    __tablename__ = "customers"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"), unique=True)
    stripe_customer_id: Mapped[StripeId | None] = mapped_column(unique=True)
    generation: Mapped[int] = mapped_column(server_default="0")
    """Counts the customers that were deleted at Stripe, for the next one's key."""
    deleted_at: Mapped[datetime | None]
    """When the last one was deleted there; None while there is one, or none yet."""
    created_at: Mapped[Born]
