"""The checkouts: what a fan is about to pay for at Stripe."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    Uuid,
    text,
)

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
    within,
)


class CheckoutMode(StrEnum):
    """Paid again and again, or once."""

    SUBSCRIPTION = "subscription"
    PAYMENT = "payment"


class CheckoutStatus(StrEnum):
    """How far a checkout has come."""

    OPEN = "open"
    COMPLETED = "completed"
    EXPIRED = "expired"


class Checkout(Base):
    """An intent to sell, committed before Stripe is asked for a page to pay on.

    The row says all that Stripe is told, so a second try under the row's key tells it
    the same. ``id`` is the key, and ``metadata.checkout_id`` of what comes of it.
    """

    __tablename__ = "checkouts"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("workspaces.id"), index=True
    )
    avatar_id: Mapped[UUID | None] = mapped_column(Uuid(), ForeignKey("avatars.id"))
    customer_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("customers.id"))
    mode: Mapped[CheckoutMode]
    product_id: Mapped[UUID | None] = mapped_column(Uuid(), ForeignKey("products.id"))
    """The membership that is subscribed to; None where something is paid once."""
    lines: Mapped[Json]
    """What is sold, as it was when it was asked for."""
    amount_minor: Mapped[Minor]
    currency: Mapped[CurrencyCode]
    message: Mapped[str | None]
    """What the giver of a tip says with it."""
    success_url: Mapped[str] = mapped_column(String(2048))
    cancel_url: Mapped[str] = mapped_column(String(2048))
    client_key: Mapped[str | None] = mapped_column(String(255))
    """The client's Idempotency-Key."""
    request_sha256: Mapped[bytes]
    stripe_session_id: Mapped[StripeId | None] = mapped_column(unique=True)
    url: Mapped[str | None] = mapped_column(String(2048))
    status: Mapped[CheckoutStatus] = mapped_column(server_default=CheckoutStatus.OPEN)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        one_of("mode", CheckoutMode),
        one_of("status", CheckoutStatus),
        in_currency(),
        within("message", at_least=1, at_most=300),
        UniqueConstraint("customer_id", "client_key"),
        CheckConstraint(
            "(mode = 'subscription') = (product_id IS NOT NULL)",
            name="subscribes_to_something",
        ),
        CheckConstraint(
            "(status = 'open') = (ended_at IS NULL)", name="ended_has_a_time"
        ),
        Index(
            "uq_checkouts_open",
            "customer_id",
            "product_id",
            unique=True,
            postgresql_where=text("status = 'open' AND mode = 'subscription'"),
        ),
        Index(
            "ix_checkouts_open", "expires_at", postgresql_where=text("status = 'open'")
        ),
    )
