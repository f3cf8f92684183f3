"""Every query that reads the days' figures; each is one round trip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    RowMapping,
    Select,
    Uuid,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.models.analytics import (
    DailyMoney,
    DailyRollup,
    Measurement,
    RollupRun,
)
from vixenbliss.models.avatars import Avatar
from vixenbliss.models.social_accounts import AccountStatus, SocialAccount
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.schemas.analytics import SeriesInterval, Stretch

type _Day = InstrumentedAttribute[date]
_COUNTED = ("posts", "views", "likes", "comments", "shares")
_MONEY = ("income_micros", "cost_micros")

_since = bindparam("since", type_=Date())
_until = bindparam("until", type_=Date())
_avatar_id = bindparam("avatar_id", type_=Uuid())


def _is_asked_for(day: _Day) -> ColumnElement[bool]:
    return day.between(_since, _until)


def _sums(
    table: type[DailyRollup] | type[DailyMoney], names: Sequence[str]
) -> list[ColumnElement[int]]:
    """Return sums that are whole numbers in JSON, too."""
    columns = table.__table__.c
    return [cast(func.sum(columns[name]), BigInteger()).label(name) for name in names]


def _listed(rows: Select[*tuple[Any, ...]]) -> ColumnElement[Any]:
    """Return rows as one JSON list of objects."""
    found = rows.correlate(MEMBER).subquery()
    row = func.to_jsonb(found.table_valued())
    whole = func.coalesce(func.jsonb_agg(row), func.jsonb_build_array())
    return select(whole).scalar_subquery()


_days_done = (
    select(
        func.max(RollupRun.day).label("computed_until"),
        func.max(RollupRun.done_at).label("computed_at"),
    )
    .where(_is_asked_for(RollupRun.day), RollupRun.done_at.is_not(None))
    .subquery("days_done")
)
_numbers_of_all = (
    select(DailyRollup.avatar_id, Avatar.avatar_name, *_sums(DailyRollup, _COUNTED))
    .join(Avatar, Avatar.id == DailyRollup.avatar_id)
    .where(
        DailyRollup.workspace_id == MEMBER.c.workspace_id,
        _is_asked_for(DailyRollup.day),
    )
    .group_by(DailyRollup.avatar_id, Avatar.avatar_name)
)
_money_of_all = (
    select(
        DailyMoney.avatar_id,
        Avatar.avatar_name,
        DailyMoney.currency,
        *_sums(DailyMoney, _MONEY),
    )
    .outerjoin(Avatar, Avatar.id == DailyMoney.avatar_id)
    .where(
        DailyMoney.workspace_id == MEMBER.c.workspace_id,
        _is_asked_for(DailyMoney.day),
    )
    .group_by(DailyMoney.avatar_id, Avatar.avatar_name, DailyMoney.currency)
    .order_by(DailyMoney.currency)
)
_gaps = (
    select(
        Measurement.account_id,
        SocialAccount.avatar_id,
        SocialAccount.platform,
        SocialAccount.username,
        Measurement.gap_code.label("code"),
    )
    .join(SocialAccount, SocialAccount.id == Measurement.account_id)
    .where(
        SocialAccount.workspace_id == MEMBER.c.workspace_id,
        SocialAccount.status != AccountStatus.DISCONNECTED,
        Measurement.gap_code.is_not(None),
    )
    .order_by(SocialAccount.created_at, SocialAccount.id)
)
_OVERVIEW = seen_by_member(
    select(
        *_days_done.c,
        _listed(_numbers_of_all).label("numbers"),
        _listed(_money_of_all).label("money"),
        _listed(_gaps).label("gaps"),
    ).select_from(_days_done)
)


def _starts_on(day: _Day) -> ColumnElement[date]:
    """Return the first of the days that a point stands for, as far as asked for."""
    of_week = cast(func.date_trunc("week", day), Date())
    is_week = bindparam("interval") == literal(SeriesInterval.WEEK.value)
    start = case((is_week, of_week), else_=day)
    return func.greatest(start, _since).label("starts_on")


def _points(
    table: type[DailyRollup] | type[DailyMoney],
    names: Sequence[str],
    *by: ColumnElement[Any] | InstrumentedAttribute[Any],
) -> Select[*tuple[Any, ...]]:
    starts_on = _starts_on(table.day)
    return (
        select(starts_on, *by, *_sums(table, names))
        .where(table.avatar_id == _avatar_id, _is_asked_for(table.day))
        .group_by(starts_on, *by)
        .order_by(starts_on, *by)
    )


_SERIES = seen_by_member(
    select(
        Avatar.avatar_name,
        *_days_done.c,
        _listed(_points(DailyRollup, _COUNTED)).label("numbers"),
        _listed(_points(DailyMoney, _MONEY, DailyMoney.currency)).label("money"),
    )
    .select_from(Avatar)
    .join(_days_done, literal(1) == literal(1))
    .where(Avatar.id == _avatar_id, Avatar.workspace_id == MEMBER.c.workspace_id)
    .correlate(MEMBER)
)


@dataclass(frozen=True, slots=True)
class Computed:
    """Rows of a stretch of days, added up, and how far its days have been computed."""

    computed_until: date | None
    computed_at: datetime | None
    numbers: Sequence[Mapping[str, Any]]
    money: Sequence[Mapping[str, Any]]
    gaps: Sequence[Mapping[str, Any]] = ()
    avatar_name: str = ""


class AnalyticsRepository:
    """The days' figures of a workspace, for those who may read them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def overview(self, caller: Caller, days: Stretch) -> Computed:
        """Return what each avatar's days come to."""
        (row,) = await read(
            self._connection, caller, _OVERVIEW, since=days.since, until=days.until
        )
        return Computed(**_told(row))

    async def series(
        self, caller: Caller, avatar_id: UUID, days: Stretch, interval: SeriesInterval
    ) -> Computed | None:
        """Return an avatar's days or weeks; None if there is no such avatar here."""
        rows = await read(
            self._connection,
            caller,
            _SERIES,
            avatar_id=avatar_id,
            since=days.since,
            until=days.until,
            interval=interval.value,
        )
        return Computed(**_told(rows[0])) if rows else None


def _told(row: RowMapping) -> dict[str, Any]:
    return {name: row[name] for name in row if not name.startswith("_")}
