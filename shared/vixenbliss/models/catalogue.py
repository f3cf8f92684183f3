"""What may be sold, for how much, and what it opens."""

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
    Version,
    in_currency,
    mapped_column,
    one_of,
    within,
)

MAX_TRIAL_DAYS = 90


class BenefitKind(StrEnum):
    """What kind of thing a benefit opens."""

    CONTENT_TIER = "content_tier"
    CONTENT_PIECE = "content_piece"
    COURSE = "course"
    ITEM = "item"
    DOWNLOAD = "download"
    FEATURE = "feature"


class Benefit(Base):
    """Something that a person may open who holds a grant for it."""

    __tablename__ = "benefits"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    kind: Mapped[BenefitKind]
    ref: Mapped[str] = mapped_column(String(64))
    """Which of its kind: a tier's name, or the id of the thing."""
    name: Mapped[str]
    config: Mapped[Json] = mapped_column(server_default="{}")
    is_active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[Version]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        one_of("kind", BenefitKind),
        within("ref", at_least=1, at_most=64),
        within("name", at_least=1, at_most=120),
        UniqueConstraint("workspace_id", "kind", "ref"),
        Index("ix_benefits_kind", "kind", "ref"),
    )


class ProductKind(StrEnum):
    """What is sold."""

    MEMBERSHIP = "membership"
    ONE_OFF = "one_off"
    COURSE = "course"
    ITEM = "item"
    TIP = "tip"


class Product(Base):
    """Something for sale, mirrored to Stripe under ``stripe_product_id``."""

    __tablename__ = "products"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    avatar_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("avatars.id"), index=True
    )
    kind: Mapped[ProductKind]
    name: Mapped[str]
    description: Mapped[str | None]
    stripe_product_id: Mapped[StripeId | None] = mapped_column(unique=True)
    """None until Stripe has it; it cannot be sold before."""
    is_active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[Version]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        one_of("kind", ProductKind),
        within("name", at_least=1, at_most=120),
        within("description", at_most=2_000),
        CheckConstraint(
            "kind <> 'tip' OR avatar_id IS NOT NULL", name="tips_are_somebodys"
        ),
        Index("ix_products_workspace_id", "workspace_id", "created_at", "id"),
        Index(
            "uq_products_tips",
            "avatar_id",
            unique=True,
            postgresql_where=text("kind = 'tip' AND is_active"),
        ),
    )


class ProductBenefit(Base):
    """What a product opens."""

    __tablename__ = "product_benefits"

    product_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("products.id", ondelete="CASCADE"), primary_key=True
    )
    benefit_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("benefits.id"), primary_key=True, index=True
    )


class Interval(StrEnum):
    """How often a membership is paid for."""

    MONTH = "month"
    YEAR = "year"


class Price(Base):
    """What a product costs. It is never changed, only put out of use.

    Of a tip the giver names the amount, within bounds.
    """

    __tablename__ = "prices"

    id: Mapped[Id]
    product_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("products.id", ondelete="CASCADE"), index=True
    )
    amount_minor: Mapped[Minor | None]
    min_amount_minor: Mapped[Minor | None]
    max_amount_minor: Mapped[Minor | None]
    currency: Mapped[CurrencyCode]
    interval: Mapped[Interval | None]
    trial_days: Mapped[int] = mapped_column(server_default="0")
    stripe_price_id: Mapped[StripeId | None] = mapped_column(unique=True)
    """None until Stripe has it, and for tips, whose price is made as they are given."""
    is_active: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[Born]

    __table_args__ = (
        one_of("interval", Interval),
        in_currency(),
        CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        CheckConstraint(
            "num_nonnulls(amount_minor, min_amount_minor) = 1"
            " AND (min_amount_minor IS NULL) = (max_amount_minor IS NULL)"
            " AND min_amount_minor > 0 IS NOT FALSE"
            " AND min_amount_minor <= max_amount_minor IS NOT FALSE",
            name="fixed_or_within_bounds",
        ),
        CheckConstraint(
            f"trial_days BETWEEN 0 AND {MAX_TRIAL_DAYS}", name="trial_is_short"
        ),
        CheckConstraint(
            "trial_days = 0 OR interval IS NOT NULL", name="trial_of_a_membership"
        ),
    )
