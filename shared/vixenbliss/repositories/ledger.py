"""Every statement that writes the books."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    DateTime,
    Select,
    String,
    Uuid,
    and_,
    bindparam,
    cast,
    column,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from vixenbliss.database import Connection
from vixenbliss.models.ledger import (
    KIND_OF,
    AccountCode,
    LedgerAccount,
    LedgerEntry,
    LedgerTransaction,
    TransactionKind,
)
from vixenbliss.repositories.terms import among

BALANCE_TRANSACTION = "balance_transaction"
"""The source of whatever moves Stripe's balance; its id is the transaction's."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a posting; a debit is positive, a credit negative."""

    account: AccountCode
    amount_micros: int
    currency: str
    avatar_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Something that happened once, as the books have it; its legs add up to nothing.

    It is known by its workspace, its kind and its source. Without a workspace it is in
    the platform's own books.
    """

    workspace_id: UUID | None
    kind: TransactionKind
    source_type: str
    source_id: str
    occurred_at: datetime
    legs: Sequence[Leg]
    memo: str = ""


def _array(name: str, type_: Any) -> ColumnElement[Any]:  # noqa: ANN401 - any column type
    return bindparam(name, type_=ARRAY(type_))


_workspace_id = bindparam("workspace_id", type_=Uuid())
_leg = (
    func.unnest(
        _array("codes", String()),
        _array("kinds", String()),
        _array("currencies", String()),
        _array("avatar_ids", Uuid()),
        _array("amounts", BigInteger()),
    )
    .table_valued(
        column("code", String()),
        column("kind", String()),
        column("currency", String()),
        column("avatar_id", Uuid()),
        column("amount_micros", BigInteger()),
        name="leg",
    )
    .render_derived()
)


def _is_of_leg(account: Any) -> ColumnElement[bool]:  # noqa: ANN401 - the columns of a table or of a CTE
    return and_(
        account.code == _leg.c.code,
        account.currency == _leg.c.currency,
        account.avatar_id.is_not_distinct_from(_leg.c.avatar_id),
    )


def _posting(is_of_books: ColumnElement[bool]) -> Select[Any]:
    """Return the statement that writes a transaction whole, or not at all.

    Accounts that are not there are opened on the way. Whoever loses the race to open
    one has waited for the winner, but does not see their row in this statement:
    nothing is written then, and the next try sees it.
    """
    there = select(LedgerAccount.id).where(is_of_books, _is_of_leg(LedgerAccount))
    sides = _sides(there, _opened(there))
    is_whole = ~select(sides.c.currency).where(sides.c.account_id.is_(None)).exists()
    entered = _entered(_posted(is_whole), sides)
    entries = select(func.count()).select_from(entered).scalar_subquery()
    return select(is_whole.label("is_whole"), entries.label("entries"))


def _opened(there: Select[Any]) -> CTE:
    wanted = (_leg.c.code, _leg.c.kind, _leg.c.currency, _leg.c.avatar_id)
    return (
        insert(LedgerAccount)
        .from_select(
            ["workspace_id", "code", "kind", "currency", "avatar_id"],
            select(_workspace_id, *wanted).where(~there.exists()).order_by(*wanted),
        )
        .on_conflict_do_nothing()
        .returning(
            LedgerAccount.id,
            LedgerAccount.code,
            LedgerAccount.currency,
            LedgerAccount.avatar_id,
        )
        .cte("opened")
    )


def _sides(there: Select[Any], opened: CTE) -> CTE:
    new = select(opened.c.id).where(_is_of_leg(opened.c))
    account_id = func.coalesce(there.scalar_subquery(), new.scalar_subquery())
    return select(
        account_id.label("account_id"), _leg.c.amount_micros, _leg.c.currency
    ).cte("sides")


def _posted(is_whole: ColumnElement[bool]) -> CTE:
    told = (
        bindparam("kind", type_=LedgerTransaction.kind.type),
        bindparam("source_type", type_=String()),
        bindparam("source_id", type_=String()),
        bindparam("occurred_at", type_=DateTime(timezone=True)),
        bindparam("memo", type_=String()),
    )
    return (
        insert(LedgerTransaction)
        .from_select(
            ["workspace_id", "kind", "source_type", "source_id", "occurred_at", "memo"],
            select(_workspace_id, *told).where(is_whole),
        )
        .on_conflict_do_nothing()
        .returning(LedgerTransaction.id)
        .cte("posted")
    )


def _entered(posted: CTE, sides: CTE) -> CTE:
    return (
        insert(LedgerEntry)
        .from_select(
            ["transaction_id", "account_id", "amount_micros", "currency"],
            select(posted.c.id, *sides.c).join_from(posted, sides, true()),
        )
        .returning(LedgerEntry.id)
        .cte("entered")
    )


_POST = _posting(LedgerAccount.workspace_id == _workspace_id)
_POST_OF_PLATFORM = _posting(LedgerAccount.workspace_id.is_(None))


_moved_the_balance = LedgerTransaction.source_type == BALANCE_TRANSACTION
_clearing = func.sum(LedgerEntry.amount_micros).filter(
    LedgerAccount.code == AccountCode.STRIPE_CLEARING
)
_MOVED = (
    select(
        LedgerTransaction.source_id,
        LedgerTransaction.workspace_id,
        cast(func.coalesce(_clearing, 0), BigInteger()).label("micros"),
    )
    .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
    .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
    .where(among(LedgerTransaction.source_id, "source_ids"), _moved_the_balance)
    .group_by(LedgerTransaction.source_id, LedgerTransaction.workspace_id)
)
_SHARES = (
    select(LedgerTransaction.workspace_id, LedgerEntry.amount_micros)
    .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
    .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
    .where(
        LedgerTransaction.source_id == bindparam("source_id", type_=String()),
        LedgerTransaction.kind == bindparam("kind", type_=LedgerTransaction.kind.type),
        LedgerAccount.code == bindparam("code", type_=String()),
    )
)


class LedgerRepository:
    """The books; what is written there stays."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, posting: Posting) -> bool:
        """Write a posting in one round trip; return False if it was there before."""
        statement = _POST if posting.workspace_id else _POST_OF_PLATFORM
        binds = _binds(posting)
        row = await self._connection.one(statement, **binds)
        if row is None or not row["is_whole"]:  # another opened an account meanwhile
            row = await self._connection.one(statement, **binds)
        return bool(row and row["entries"])

    async def moved(
        self, source_ids: Sequence[str]
    ) -> dict[str, dict[UUID | None, int]]:
        """Return what movements of Stripe's balance were of each, if they are there.

        A payout that came back was of several; None stands for the platform.
        """
        rows = await self._connection.all(_MOVED, source_ids=list(source_ids))
        moved = defaultdict[str, dict[UUID | None, int]](dict)
        for row in rows:
            moved[row["source_id"]][row["workspace_id"]] = row["micros"]
        return moved

    async def shares(
        self, kind: TransactionKind, source_id: str, account: AccountCode
    ) -> dict[UUID | None, int]:
        """Return what transactions of one source have put on an account of each."""
        rows = await self._connection.all(
            _SHARES, kind=kind, source_id=source_id, code=account.value
        )
        return {row["workspace_id"]: row["amount_micros"] for row in rows}


def _binds(posting: Posting) -> dict[str, Any]:
    legs = posting.legs
    return {
        "workspace_id": posting.workspace_id,
        "kind": posting.kind,
        "source_type": posting.source_type,
        "source_id": posting.source_id,
        "occurred_at": posting.occurred_at,
        "memo": posting.memo or None,
        "codes": [leg.account.value for leg in legs],
        "kinds": [KIND_OF[leg.account].value for leg in legs],
        "currencies": [leg.currency for leg in legs],
        "avatar_ids": [leg.avatar_id for leg in legs],
        "amounts": [leg.amount_micros for leg in legs],
    }
