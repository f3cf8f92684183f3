"""Every query that reads the books; each is one round trip."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    RowMapping,
    String,
    Uuid,
    bindparam,
    func,
    join,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.models.avatars import Avatar
from vixenbliss.models.ledger import (
    AccountCode,
    AccountKind,
    LedgerAccount,
    LedgerEntry,
    LedgerTransaction,
    TransactionKind,
)
from vixenbliss.models.payouts import Payout
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.ledger import Excerpt, PayoutShare


@dataclass(frozen=True, slots=True)
class Movement:
    """An account at both ends of a stretch of time; a debit is positive."""

    account: AccountCode
    kind: AccountKind
    avatar_id: UUID | None
    currency: str
    opening_micros: int
    closing_micros: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """The books between two instants, of a workspace or of one of its avatars."""

    since: datetime
    until: datetime
    movements: Sequence[Movement]
    transactions: Sequence[dict[str, Any]]
    """A page of them, each with its entries, in the order in which they happened."""
    total: int
    is_avatar_there: bool


type _Column = ColumnElement[Any] | InstrumentedAttribute[Any]

_avatar_id = bindparam("avatar_id", type_=Uuid(), value=None)
_currency = bindparam("currency", type_=String(), value=None)


def _instant(name: str, otherwise: ColumnElement[datetime]) -> ColumnElement[datetime]:
    sent = bindparam(name, type_=DateTime(timezone=True), value=None)
    return func.coalesce(sent, otherwise)


def _object(*columns: _Column) -> ColumnElement[Any]:
    """Return columns as one JSON object that has their names."""
    named = [part for it in columns for part in (literal(it.name, String()), it)]
    return func.jsonb_build_object(*named)


def _list(row: ColumnElement[Any], *order_by: _Column) -> ColumnElement[Any]:
    ordered = aggregate_order_by(row, *order_by)
    return func.coalesce(func.jsonb_agg(ordered), func.jsonb_build_array())


def _sum(*, before: ColumnElement[datetime]) -> ColumnElement[int]:
    summed = func.sum(LedgerEntry.amount_micros).filter(
        LedgerTransaction.occurred_at < before
    )
    return func.coalesce(summed, 0).cast(BigInteger)


_AS_OF = _instant("as_of", func.now())
_BALANCES = seen_by_member(
    select(
        LedgerAccount.code,
        LedgerAccount.kind,
        LedgerAccount.avatar_id,
        LedgerAccount.currency,
        _sum(before=_AS_OF).label("balance_micros"),
        _AS_OF.label("as_of"),
    )
    .select_from(LedgerEntry)
    .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
    .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
    .where(LedgerAccount.workspace_id == MEMBER.c.workspace_id)
    .group_by(LedgerAccount.id)
    .order_by(LedgerAccount.currency, LedgerAccount.code, LedgerAccount.id)
    .correlate(MEMBER)
)

_since = _instant("since", func.date_trunc("month", func.now()))
_until = _instant("until", func.now())
_entries_of_it = select(LedgerEntry.id).where(
    LedgerEntry.transaction_id == LedgerTransaction.id
)
_touches_avatar = (
    _entries_of_it.join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
    .where(LedgerAccount.avatar_id == _avatar_id)
    .exists()
)
_is_in_currency = _entries_of_it.where(LedgerEntry.currency == _currency).exists()
_books = (
    select(
        LedgerTransaction.id,
        LedgerTransaction.kind,
        LedgerTransaction.source_type,
        LedgerTransaction.source_id,
        LedgerTransaction.occurred_at,
        LedgerTransaction.memo,
    )
    .join(MEMBER, MEMBER.c.workspace_id == LedgerTransaction.workspace_id)
    .where(
        LedgerTransaction.occurred_at < _until,
        or_(_avatar_id.is_(None), _touches_avatar),
        or_(_currency.is_(None), _is_in_currency),
    )
    .cte("books")
)
_is_in_stretch = _books.c.occurred_at >= _since
_moved = (
    select(
        LedgerAccount.code.label("account"),
        LedgerAccount.kind,
        LedgerAccount.avatar_id,
        LedgerAccount.currency,
        func.coalesce(
            func.sum(LedgerEntry.amount_micros).filter(_books.c.occurred_at < _since), 0
        ).label("opening_micros"),
        func.sum(LedgerEntry.amount_micros).label("closing_micros"),
    )
    .select_from(_books)
    .join(LedgerEntry, LedgerEntry.transaction_id == _books.c.id)
    .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
    .group_by(LedgerAccount.id)
    .subquery("moved")
)
_movements = select(
    _list(_object(*_moved.c), _moved.c.currency, _moved.c.account, _moved.c.avatar_id)
).correlate(None)
_page = (
    select(_books)
    .where(_is_in_stretch)
    .order_by(_books.c.occurred_at, _books.c.id)
    .limit(bindparam("limit", type_=Integer()))
    .offset(bindparam("offset", type_=Integer()))
    .subquery("page")
)
_entries = (
    select(
        _list(
            _object(
                LedgerAccount.code.label("account"),
                LedgerAccount.avatar_id,
                LedgerEntry.currency,
                LedgerEntry.amount_micros,
            ),
            LedgerEntry.id,
        )
    )
    .select_from(LedgerEntry)
    .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
    .where(LedgerEntry.transaction_id == _page.c.id)
    .correlate(_page)
    .scalar_subquery()
)
_transactions = select(
    _list(
        _object(*_page.c, _entries.label("entries")),
        _page.c.occurred_at,
        _page.c.id,
    )
)
_avatar_there = (
    select(Avatar.id)
    .join(MEMBER, MEMBER.c.workspace_id == Avatar.workspace_id)
    .where(Avatar.id == _avatar_id)
    .correlate(None)
    .exists()
)
_STRETCH = seen_by_member(
    select(
        _since.label("since"),
        _until.label("until"),
        _movements.scalar_subquery().label("movements"),
        _transactions.scalar_subquery().label("transactions"),
        select(func.count())
        .select_from(_books)
        .where(_is_in_stretch)
        .scalar_subquery()
        .label("total"),
        or_(_avatar_id.is_(None), _avatar_there).label("is_avatar_there"),
    )
)

_share = (
    select(
        LedgerTransaction.workspace_id,
        LedgerTransaction.source_id,
        LedgerEntry.amount_micros,
    )
    .select_from(LedgerTransaction)
    .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
    .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
    .where(
        LedgerTransaction.kind == TransactionKind.PAYOUT,
        LedgerAccount.code == AccountCode.PAYOUT_TRANSIT,
    )
    .subquery("share")
)
_PAYOUTS = page_seen_by_member(
    (
        Payout.id,
        Payout.stripe_payout_id,
        Payout.status,
        Payout.currency,
        _share.c.amount_micros,
        Payout.failure_code,
        Payout.arrival_at,
        Payout.created_at,
    ),
    _share.c.workspace_id == MEMBER.c.workspace_id,
    order_by=(Payout.created_at.desc(), Payout.id.desc()),
    sources=[join(Payout, _share, _share.c.source_id == Payout.balance_transaction_id)],
)


class StatementRepository:
    """The books of a workspace, for those who may read them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def balances(
        self, caller: Caller, *, as_of: datetime | None
    ) -> Sequence[RowMapping]:
        """Return what was on each account before an instant; without one, now."""
        return await read(self._connection, caller, _BALANCES, as_of=as_of)

    async def stretch(
        self, caller: Caller, page: PageQuery, wanted: Excerpt
    ) -> Stretch:
        """Return the books between two instants, with a page of transactions."""
        binds = asdict(wanted)
        window = {"limit": page.per_page, "offset": (page.page - 1) * page.per_page}
        (row,) = await read(self._connection, caller, _STRETCH, **binds, **window)
        return Stretch(
            since=row["since"],
            until=row["until"],
            movements=[Movement(**movement) for movement in row["movements"]],
            transactions=row["transactions"],
            total=row["total"],
            is_avatar_there=row["is_avatar_there"],
        )

    async def payouts(self, caller: Caller, page: PageQuery) -> Listing[PayoutShare]:
        """Return the payouts that had money of the workspace's, newest first."""
        return await read_page(self._connection, caller, _PAYOUTS, page, PayoutShare)
