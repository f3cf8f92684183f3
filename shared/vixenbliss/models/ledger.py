"""The ledger: double entry, append-only, balanced or refused by the database itself.

Amounts are micros; a debit is positive, a credit negative. The triggers are in the
migration.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    String,
    UniqueConstraint,
    Uuid,
)

from vixenbliss.models.base import (
    Base,
    Born,
    CurrencyCode,
    Mapped,
    Micros,
    in_currency,
    mapped_column,
    one_of,
    within,
)


class AccountKind(StrEnum):
    """The four kinds of accounts."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


class AccountCode(StrEnum):
    """The accounts of a workspace, or of the platform where there is no workspace."""

    STRIPE_CLEARING = "stripe_clearing"
    """What Stripe holds for us: the sum of all balance transactions' nets."""
    PAYOUT_TRANSIT = "payout_transit"
    BANK = "bank"
    REVENUE = "revenue"
    REFUNDS = "refunds"
    """Income given back, kept apart from it."""
    TAX_PAYABLE = "tax_payable"
    PROCESSOR_FEES = "processor_fees"
    DISPUTE_LOSS = "dispute_loss"
    GENERATION_COST = "generation_cost"
    PROVIDER_PAYABLE = "provider_payable"


KIND_OF = {
    AccountCode.STRIPE_CLEARING: AccountKind.ASSET,
    AccountCode.PAYOUT_TRANSIT: AccountKind.ASSET,
    AccountCode.BANK: AccountKind.ASSET,
    AccountCode.REVENUE: AccountKind.INCOME,
    AccountCode.REFUNDS: AccountKind.INCOME,
    AccountCode.TAX_PAYABLE: AccountKind.LIABILITY,
    AccountCode.PROCESSOR_FEES: AccountKind.EXPENSE,
    AccountCode.DISPUTE_LOSS: AccountKind.EXPENSE,
    AccountCode.GENERATION_COST: AccountKind.EXPENSE,
    AccountCode.PROVIDER_PAYABLE: AccountKind.LIABILITY,
}


class LedgerAccount(Base):
    """An account in one currency; income and expenses are an avatar's."""

    __tablename__ = "ledger_accounts"

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    workspace_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("workspaces.id")
    )
    """None for the platform's own books."""
    code: Mapped[AccountCode] = mapped_column(String(40))
    kind: Mapped[AccountKind]
    avatar_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("avatars.id"), index=True
    )
    currency: Mapped[CurrencyCode]
    created_at: Mapped[Born]

    __table_args__ = (
        one_of("code", AccountCode),
        one_of("kind", AccountKind),
        in_currency(),
        UniqueConstraint(
            "workspace_id",
            "code",
            "currency",
            "avatar_id",
            postgresql_nulls_not_distinct=True,
        ),
        UniqueConstraint("id", "currency"),
    )


class TransactionKind(StrEnum):
    """What happened."""

    CHARGE = "charge"
    REFUND = "refund"
    REFUND_FAILURE = "refund_failure"
    DISPUTE = "dispute"
    PAYOUT = "payout"
    PAYOUT_PAID = "payout_paid"
    PAYOUT_FAILURE = "payout_failure"
    STRIPE_FEE = "stripe_fee"
    GENERATION = "generation"
    GENERATION_RETURN = "generation_return"


class LedgerTransaction(Base):
    """Something that happened once, known by its source."""

    __tablename__ = "ledger_transactions"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    workspace_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("workspaces.id")
    )
    kind: Mapped[TransactionKind]
    source_type: Mapped[str] = mapped_column(String(40))
    """``balance_transaction``, ``payout``, ``content_job``."""
    source_id: Mapped[str] = mapped_column(String(255))
    occurred_at: Mapped[datetime]
    memo: Mapped[str | None]
    created_at: Mapped[Born]

    __table_args__ = (
        one_of("kind", TransactionKind),
        within("memo", at_most=255),
        UniqueConstraint(
            "workspace_id",
            "kind",
            "source_type",
            "source_id",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_ledger_transactions_occurred_at", "occurred_at"),
        Index("ix_ledger_transactions_source_id", "source_id"),
        Index("ix_ledger_transactions_workspace_id", "workspace_id", "occurred_at"),
    )


class LedgerEntry(Base):
    """One side of a transaction."""

    __tablename__ = "ledger_entries"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    transaction_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("ledger_transactions.id"), index=True
    )
    account_id: Mapped[int]
    amount_micros: Mapped[Micros]
    currency: Mapped[CurrencyCode]

    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "currency"],
            ["ledger_accounts.id", "ledger_accounts.currency"],
        ),
        CheckConstraint("amount_micros <> 0", name="amount_is_something"),
        Index("ix_ledger_entries_account_id", "account_id", "id"),
    )
