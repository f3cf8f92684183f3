"""Every query on what the books have of Stripe's balance; global."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Integer,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    func,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from vixenbliss.database import Connection
from vixenbliss.models.disputes import Dispute
from vixenbliss.models.ledger import (
    AccountCode,
    LedgerAccount,
    LedgerEntry,
    LedgerTransaction,
    TransactionKind,
)
from vixenbliss.models.orders import Order, Payment, Refund
from vixenbliss.repositories.ledger import BALANCE_TRANSACTION
from vixenbliss.repositories.terms import among

_PAYOUTS = (TransactionKind.PAYOUT, TransactionKind.PAYOUT_FAILURE)

_moved_the_balance = LedgerTransaction.source_type == BALANCE_TRANSACTION
_books = func.count(
    func.distinct(func.coalesce(cast(LedgerTransaction.workspace_id, Text()), ""))
)
_any_workspace = cast(func.min(cast(LedgerTransaction.workspace_id, Text())), Uuid())
_clearing = func.sum(LedgerEntry.amount_micros).filter(
    LedgerAccount.code == AccountCode.STRIPE_CLEARING
)
_BOOKED = (
    select(
        LedgerTransaction.source_id,
        func.count(func.distinct(LedgerTransaction.id)).label("transactions"),
        func.bool_and(LedgerTransaction.kind.in_(_PAYOUTS)).label("is_payout"),
        case((_books == 1, _any_workspace)).label("workspace_id"),
        func.min(LedgerEntry.currency).label("currency"),
        func.max(LedgerEntry.currency).label("other_currency"),
        cast(func.coalesce(_clearing, 0), BigInteger()).label("net_micros"),
    )
    .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
    .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
    .where(among(LedgerTransaction.source_id, "source_ids"), _moved_the_balance)
    .group_by(LedgerTransaction.source_id)
)
_OTHERS = (
    select(LedgerTransaction.source_id)
    .where(
        _moved_the_balance,
        LedgerTransaction.occurred_at >= bindparam("since"),
        LedgerTransaction.occurred_at < bindparam("until"),
        ~among(LedgerTransaction.source_id, "source_ids"),
    )
    .group_by(LedgerTransaction.source_id)
    .order_by(LedgerTransaction.source_id)
    .limit(bindparam("limit", type_=Integer()))
)
_named = bindparam("names", type_=ARRAY(Text()))
_WHOSE: CompoundSelect[Any] = union_all(
    select(Payment.charge_id.label("name"), Order.workspace_id)
    .join(Order, Order.id == Payment.order_id)
    .where(Payment.charge_id == func.any(_named)),
    select(Refund.stripe_refund_id, Order.workspace_id)
    .join(Order, Order.id == Refund.order_id)
    .where(Refund.stripe_refund_id == func.any(_named)),
    select(Dispute.stripe_dispute_id, Dispute.workspace_id).where(
        Dispute.stripe_dispute_id == func.any(_named)
    ),
)


@dataclass(frozen=True, slots=True)
class Booked:
    """What the books have of one movement of the balance."""

    source_id: str
    transactions: int
    is_payout: bool
    """One that is shared out has a transaction in each workspace's books."""
    workspace_id: UUID | None
    """None for the platform's own books, and where there are several."""
    currency: str
    other_currency: str
    """The same, unless somebody has mixed them."""
    net_micros: int


class BookedRepository:
    """The movements of Stripe's balance that are in the books."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def named(self, source_ids: Sequence[str]) -> dict[str, Booked]:
        """Return what the books have of these movements, by their names."""
        rows = await self._connection.all(_BOOKED, source_ids=list(source_ids))
        return {row["source_id"]: Booked(**row) for row in rows}

    async def others(
        self,
        since: datetime,
        until: datetime,
        *,
        besides: Sequence[str],
        limit: int,
    ) -> list[str]:
        """Return the names of other movements, from an instant on, before another."""
        rows = await self._connection.all(
            _OTHERS, since=since, until=until, source_ids=list(besides), limit=limit
        )
        return [row["source_id"] for row in rows]

    async def whose(self, names: Sequence[str]) -> dict[str, UUID]:
        """Return whose charges, refunds and disputes these are, if we know them."""
        rows = await self._connection.all(_WHOSE, names=list(names))
        return {row["name"]: row["workspace_id"] for row in rows}
