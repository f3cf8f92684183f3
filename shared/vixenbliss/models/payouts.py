"""The payouts: what Stripe sends to the platform's bank account."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String

from vixenbliss.models.base import (
    Base,
    Born,
    CurrencyCode,
    Id,
    Mapped,
    Minor,
    StripeId,
    Touched,
    in_currency,
    mapped_column,
    one_of,
)


class PayoutStatus(StrEnum):
    """Stripe's words; `paid` may become `failed` within days."""

    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    CANCELED = "canceled"


class Payout(Base):
    """A payout of the one account; which workspace has what of it, the ledger says."""

    __tablename__ = "payouts"

    id: Mapped[Id]
    stripe_payout_id: Mapped[StripeId] = mapped_column(unique=True)
    amount_minor: Mapped[Minor]
    currency: Mapped[CurrencyCode]
    status: Mapped[PayoutStatus]
    balance_transaction_id: Mapped[StripeId | None] = mapped_column(unique=True)
    failure_code: Mapped[str | None] = mapped_column(String(60))
    arrival_at: Mapped[datetime | None]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (one_of("status", PayoutStatus), in_currency())
