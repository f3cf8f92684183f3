"""The subscriptions, as Stripe has them, and what their owners want changed."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    Uuid,
    text,
)

from vixenbliss.models.base import (
    Base,
    Born,
    Id,
    Mapped,
    StripeId,
    Touched,
    mapped_column,
    one_of,
    within,
)


class SubscriptionStatus(StrEnum):
    """Stripe's eight words."""

    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    PAUSED = "paused"
    CANCELED = "canceled"


OVER = (SubscriptionStatus.CANCELED, SubscriptionStatus.INCOMPLETE_EXPIRED)
"""From here no event leads back."""
LIVE = (
    SubscriptionStatus.TRIALING,
    SubscriptionStatus.ACTIVE,
    SubscriptionStatus.PAST_DUE,
    SubscriptionStatus.UNPAID,
    SubscriptionStatus.PAUSED,
)
"""Of these a customer has one of a product at most."""


class Subscription(Base):
    """A membership that somebody pays for."""

    __tablename__ = "subscriptions"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    avatar_id: Mapped[UUID | None] = mapped_column(Uuid(), ForeignKey("avatars.id"))
    customer_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("customers.id"), index=True
    )
    checkout_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("checkouts.id"), unique=True
    )
    product_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("products.id"), index=True
    )
    """What may be opened: after a downgrade still the better one, until renewal."""
    price_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("prices.id"), index=True)
    pending_price_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("prices.id")
    )
    """What Stripe will charge at renewal, if that is another price."""
    stripe_subscription_id: Mapped[StripeId] = mapped_column(unique=True)
    stripe_item_id: Mapped[StripeId]
    status: Mapped[SubscriptionStatus]
    current_period_start: Mapped[datetime]
    current_period_end: Mapped[datetime]
    trial_end: Mapped[datetime | None]
    cancel_at_period_end: Mapped[bool] = mapped_column(server_default="false")
    cancel_reason: Mapped[str | None] = mapped_column(String(60))
    canceled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    past_due_at: Mapped[datetime | None]
    grace_until: Mapped[datetime | None]
    """Until when it opens what it opens although the last payment failed."""
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        one_of("status", SubscriptionStatus),
        CheckConstraint(
            "status <> 'past_due'"
            " OR (past_due_at IS NOT NULL AND grace_until IS NOT NULL)",
            name="past_due_has_grace",
        ),
        Index(
            "uq_subscriptions_live",
            "customer_id",
            "product_id",
            unique=True,
            postgresql_where=text(
                "status IN ('trialing', 'active', 'past_due', 'unpaid', 'paused')"
            ),
        ),
        Index("ix_subscriptions_workspace_id", "workspace_id", "created_at", "id"),
        Index(
            "ix_subscriptions_grace_until",
            "grace_until",
            postgresql_where=text("status = 'past_due'"),
        ),
    )


class ChangeKind(StrEnum):
    """What an owner wants of a subscription."""

    CANCEL_NOW = "cancel_now"
    CANCEL_AT_PERIOD_END = "cancel_at_period_end"
    RESUME = "resume"
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"


class ChangeStatus(StrEnum):
    """What has become of a wish."""

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"


class SubscriptionChange(Base):
    """A wish about a subscription, committed before Stripe is told.

    ``id`` is the key under which Stripe is told, again if need be.
    """

    __tablename__ = "subscription_changes"

    id: Mapped[Id]
    subscription_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("subscriptions.id")
    )
    kind: Mapped[ChangeKind]
    price_id: Mapped[UUID | None] = mapped_column(Uuid(), ForeignKey("prices.id"))
    reason: Mapped[str | None] = mapped_column(String(60))
    comment: Mapped[str | None]
    asked_by: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    client_key: Mapped[str | None] = mapped_column(String(255))
    status: Mapped[ChangeStatus] = mapped_column(server_default=ChangeStatus.PENDING)
    error_code: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[Born]
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("kind", ChangeKind),
        one_of("status", ChangeStatus),
        within("comment", at_least=1, at_most=500),
        UniqueConstraint("subscription_id", "client_key"),
        CheckConstraint(
            "(status = 'pending') = (settled_at IS NULL)", name="settled_has_a_time"
        ),
        CheckConstraint(
            "(kind IN ('upgrade', 'downgrade')) = (price_id IS NOT NULL)",
            name="names_the_other_price",
        ),
        Index(
            "uq_subscription_changes_pending",
            "subscription_id",
            unique=True,
            postgresql_where=text("status = 'pending'"),
        ),
    )
