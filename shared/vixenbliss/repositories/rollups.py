"""A day's figures, computed from the rows that they are made of; global.

Each statement writes what is so now and takes away what is so no more, so that it may
be run again at any time. Rows that are as they were are left alone.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    bindparam,
    cast,
    delete,
    func,
    literal,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import Insert, aggregate_order_by, insert
from sqlalchemy.orm import InstrumentedAttribute, aliased

from vixenbliss.database import Connection
from vixenbliss.models.analytics import DailyMoney, DailyRollup, PostMetric
from vixenbliss.models.ledger import (
    AccountCode,
    LedgerAccount,
    LedgerEntry,
    LedgerTransaction,
)
from vixenbliss.models.posts import Post

_INCOME = (
    AccountCode.REVENUE,
    AccountCode.REFUNDS,
    AccountCode.PROCESSOR_FEES,
    AccountCode.DISPUTE_LOSS,
)
_COST = AccountCode.GENERATION_COST
_COUNTED = ("views", "likes", "comments", "shares")
_MONEY = ("income_micros", "cost_micros")

_day = bindparam("day", type_=Date())
_since = bindparam("since", type_=DateTime(timezone=True))
_until = bindparam("until", type_=DateTime(timezone=True))


def _whole(sum_: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.coalesce(sum_, 0), BigInteger())


_nothing = literal(0, BigInteger())
_published = (
    select(
        Post.avatar_id,
        Post.workspace_id,
        func.count().label("posts"),
        *(_nothing.label(name) for name in _COUNTED),
    )
    .where(Post.published_at >= _since, Post.published_at < _until)
    .group_by(Post.avatar_id, Post.workspace_id)
)
_earlier = aliased(PostMetric)


def _last(counted: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """Return what was known last of a post before the day; None if nothing was."""
    known = func.array_agg(aggregate_order_by(counted, _earlier.day.desc()))
    return known.filter(counted.is_not(None))[1]


_before = (
    select(*(_last(getattr(_earlier, name)).label(name) for name in _COUNTED))
    .where(_earlier.post_id == PostMetric.post_id, _earlier.day < _day)
    .correlate(PostMetric)
    .lateral("before")
)


def _growth(name: str) -> ColumnElement[int]:
    """Return by how much a number has grown; what is not told has not."""
    known = func.coalesce(_before.c[name], 0)
    return func.coalesce(getattr(PostMetric, name) - known, 0)


_grown = (
    select(
        Post.avatar_id,
        Post.workspace_id,
        _nothing.label("posts"),
        *(_whole(func.sum(_growth(name))).label(name) for name in _COUNTED),
    )
    .select_from(PostMetric)
    .join(Post, Post.id == PostMetric.post_id)
    .join(_before, true())
    .where(PostMetric.day == _day)
    .group_by(Post.avatar_id, Post.workspace_id)
)
_parts = union_all(_published, _grown).subquery("parts")
_numbers = (
    select(
        _parts.c.avatar_id,
        _parts.c.workspace_id,
        cast(func.sum(_parts.c.posts), Integer()).label("posts"),
        *(_whole(func.sum(_parts.c[name])).label(name) for name in _COUNTED),
    )
    .group_by(_parts.c.avatar_id, _parts.c.workspace_id)
    .cte("numbers")
)
_money = (
    select(
        LedgerAccount.workspace_id,
        LedgerAccount.avatar_id,
        LedgerEntry.currency,
        _whole(
            -func.sum(LedgerEntry.amount_micros).filter(LedgerAccount.code.in_(_INCOME))
        ).label("income_micros"),
        _whole(
            func.sum(LedgerEntry.amount_micros).filter(LedgerAccount.code == _COST)
        ).label("cost_micros"),
    )
    .select_from(LedgerTransaction)
    .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
    .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
    .where(
        LedgerTransaction.occurred_at >= _since,
        LedgerTransaction.occurred_at < _until,
        LedgerAccount.workspace_id.is_not(None),
        LedgerAccount.code.in_((*_INCOME, _COST)),
    )
    .group_by(LedgerAccount.workspace_id, LedgerAccount.avatar_id, LedgerEntry.currency)
    .cte("money")
)


def _same(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[bool]:
    is_nullable = isinstance(other, Column) and other.nullable
    return one.is_not_distinct_from(other) if is_nullable else one == other


def _upsert(
    table: type[DailyRollup] | type[DailyMoney],
    rows: CTE,
    *,
    known_by: tuple[str, ...],
    told: tuple[str, ...],
    stamped: bool,
) -> Insert:
    """Return the statement that makes a day's rows of a table equal to computed ones.

    Nulls are compared only where there may be any: that cannot be hashed.
    """
    same = [_same(rows.c[name], table.__table__.c[name]) for name in known_by]
    gone = delete(table).where(
        table.day == _day, ~select(rows).where(*same).correlate(table).exists()
    )
    stamp = {"computed_at": func.now()} if stamped else {}
    names = [*(it.name for it in rows.c), "day", *stamp]
    put = insert(table).from_select(
        names, select(*rows.c, _day.label("day"), *stamp.values())
    )
    before = tuple_(*(getattr(table, name) for name in told))
    now = tuple_(*(put.excluded[name] for name in told))
    return put.on_conflict_do_update(
        index_elements=[*known_by, "day"],
        set_={name: put.excluded[name] for name in told} | stamp,
        where=before.is_distinct_from(now),
    ).add_cte(gone.returning(table.day).cte("gone"))


_PUT_NUMBERS = _upsert(
    DailyRollup,
    _numbers,
    known_by=("avatar_id",),
    told=("posts", *_COUNTED),
    stamped=True,
)
_PUT_MONEY = _upsert(
    DailyMoney,
    _money,
    known_by=("workspace_id", "currency", "avatar_id"),
    told=_MONEY,
    stamped=False,
)


class RollupRepository:
    """The days' figures, of all workspaces."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, day: date) -> None:
        """Make a day's figures what the rows say now."""
        since = datetime.combine(day, time.min, UTC)
        until = since + timedelta(days=1)
        for statement in (_PUT_NUMBERS, _PUT_MONEY):
            await self._connection.run(statement, day=day, since=since, until=until)
