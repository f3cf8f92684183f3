"""The books, as the outside sees them.

A debit is positive and a credit negative, everywhere but in a summary, where each
figure is positive in the ordinary case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, computed_field

from vixenbliss.models.ledger import AccountCode, AccountKind, TransactionKind
from vixenbliss.models.payouts import PayoutStatus
from vixenbliss.money import to_minor
from vixenbliss.schemas.base import CURRENCY_CODE, Output, Pagination

CurrencyWish = Annotated[str, Field(pattern=CURRENCY_CODE)]
"""A currency by its ISO 4217 code in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Which part of the books is wanted; what is None is not narrowed."""

    since: datetime | None = None
    """Included; the beginning of the month if it is None."""
    until: datetime | None = None
    """Not included; now if it is None."""
    avatar_id: UUID | None = None
    """Only transactions that touch one of the avatar's accounts."""
    currency: str | None = None
    """Only transactions with an entry in this currency."""


class Amount(Output):
    """An amount of the currency beside it."""

    micros: int
    """Millionths of the currency's unit."""
    minor: int | None
    """Its smallest units, cents or whole yen; None if it is not whole in them."""

    @classmethod
    def of(cls, micros: int, currency: str) -> Self:
        """Return the amount in both ways of telling it."""
        return cls(micros=micros, minor=to_minor(micros, currency))


class AccountRef(Output):
    """An account of the workspace; income and expenses are an avatar's."""

    account: AccountCode
    kind: AccountKind
    avatar_id: UUID | None
    currency: str


class AccountBalance(AccountRef):
    """What is on an account."""

    balance: Amount


class Balances(Output):
    """What is on every account, before an instant."""

    as_of: datetime
    items: list[AccountBalance]


class AccountMovement(AccountRef):
    """What has become of an account in a stretch of time."""

    opening: Amount
    change: Amount
    closing: Amount


class EntryRead(Output):
    """One side of a transaction."""

    account: AccountCode
    avatar_id: UUID | None
    currency: str
    amount: Amount


class TransactionRead(Output):
    """Something that happened; its entries add up to nothing."""

    id: int
    kind: TransactionKind
    source_type: str
    source_id: str
    occurred_at: datetime
    memo: str | None
    entries: Sequence[EntryRead]


class Summary(Output):
    """What a stretch of time has brought, in one currency.

    ``margin`` is revenue less refunds, fees, disputes and generation cost. Tax is
    neither earned nor spent.
    """

    currency: str
    revenue: Amount
    refunds: Amount
    fees: Amount
    disputes: Amount
    generation_cost: Amount
    margin: Amount
    tax: Amount
    """What was collected for the tax office, less what was given back."""


class StatementRead(Output):
    """The books of a stretch of time: a page of transactions, all accounts, the sum.

    For an avatar, it is about the transactions that touch one of its accounts.
    """

    since: Annotated[datetime, Field(serialization_alias="from")]
    until: Annotated[datetime, Field(serialization_alias="to")]
    avatar_id: UUID | None
    accounts: list[AccountMovement]
    summary: list[Summary]
    transactions: list[TransactionRead]
    pagination: Pagination


class PayoutShare(Output):
    """What a payout to the bank has of the workspace's money."""

    id: UUID
    stripe_payout_id: str
    status: PayoutStatus
    currency: str
    amount_micros: int
    failure_code: str | None
    arrival_at: datetime | None
    created_at: datetime

    @computed_field  # type: ignore[prop-decorator]  # Pydantic's own way
    @property
    def amount_minor(self) -> int | None:
        """In the currency's smallest units; None if it is not whole in them."""
        return to_minor(self.amount_micros, self.currency)
