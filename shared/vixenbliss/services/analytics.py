"""What avatars did, earned and cost, read from the days as they were rolled up."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.errors import AvatarNotFoundError, ValidationError
from vixenbliss.repositories.analytics import AnalyticsRepository
from vixenbliss.schemas.analytics import (
    LONGEST_DAYS,
    AvatarFigures,
    AvatarSeries,
    DailyCounts,
    Earnings,
    Figures,
    NumbersGap,
    Overview,
    SeriesInterval,
    SeriesPoint,
    Stretch,
)

USUALLY = timedelta(days=30)
_ONE_DAY = timedelta(days=1)
type _Row = Mapping[str, Any]


class AnalyticsService:
    """The days' figures of a workspace, for its owners and analysts."""

    def __init__(self, connection: Connection) -> None:
        self._days = AnalyticsRepository(connection)

    async def overview(
        self, caller: Caller, since: date | None, until: date | None
    ) -> Overview:
        """Return what each avatar's days come to, by name; without days, the last 30.

        Raises:
            ValidationError: the stretch ends before it begins, or is too long.
        """
        days = stretch(since, until)
        found = await self._days.overview(caller, days)
        items = [AvatarFigures(**row) for row in _merged(found.numbers, found.money)]
        return Overview(
            since=days.since,
            until=days.until,
            computed_until=found.computed_until,
            computed_at=found.computed_at,
            items=sorted(items, key=_by_name),
            totals=totals(items),
            gaps=[NumbersGap.model_validate(gap) for gap in found.gaps],
        )

    async def series(
        self,
        caller: Caller,
        avatar_id: UUID,
        asked: tuple[date | None, date | None],
        interval: SeriesInterval,
    ) -> AvatarSeries:
        """Return an avatar's days or weeks, in their order.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
            ValidationError: the stretch ends before it begins, or is too long.
        """
        days = stretch(*asked)
        found = await self._days.series(caller, avatar_id, days, interval)
        if found is None:
            raise AvatarNotFoundError
        items = [
            SeriesPoint(**row)
            for row in _merged(found.numbers, found.money, "starts_on")
        ]
        return AvatarSeries(
            since=days.since,
            until=days.until,
            computed_until=found.computed_until,
            computed_at=found.computed_at,
            avatar_id=avatar_id,
            avatar_name=found.avatar_name,
            interval=interval,
            items=sorted(items, key=lambda point: point.starts_on),
            totals=totals(items),
        )


def stretch(since: date | None, until: date | None) -> Stretch:
    """Return the days that are meant: up to yesterday, and for 30 days, if unsaid.

    Raises:
        ValidationError: the stretch ends before it begins, or is too long.
    """
    last = until or now().date() - _ONE_DAY
    first = since or last - USUALLY + _ONE_DAY
    if first > last:
        message = "A stretch of days ends after it begins."
        raise ValidationError(message, field="to" if until else "from")
    if last - first >= timedelta(days=LONGEST_DAYS):
        message = f"At most {LONGEST_DAYS} days are told of at once."
        raise ValidationError(message, field="from")
    return Stretch(first, last)


def totals(parts: Iterable[Figures]) -> Figures:
    """Return what figures come to; money in each currency for itself."""
    parts = list(parts)
    counts = {
        name: sum(getattr(part, name) for part in parts)
        for name in DailyCounts.model_fields
    }
    by_currency = defaultdict[str, list[Earnings]](list)
    for part in parts:
        for one in part.money:
            by_currency[one.currency].append(one)
    return Figures(
        **counts, money=[_sum(by_currency[it]) for it in sorted(by_currency)]
    )


def _sum(money: Sequence[Earnings]) -> Earnings:
    return Earnings(
        currency=money[0].currency,
        income_micros=sum(one.income_micros for one in money),
        cost_micros=sum(one.cost_micros for one in money),
    )


def _merged(
    numbers: Sequence[_Row], money: Sequence[_Row], key: str = "avatar_id"
) -> list[dict[str, Any]]:
    """Return rows of numbers with the money of the same key; some have only one."""
    rows = {row[key]: {**row, "money": list[_Row]()} for row in numbers}
    for row in money:
        known = {name: row[name] for name in (key, "avatar_name") if name in row}
        rows.setdefault(row[key], {**known, "money": []})["money"].append(row)
    return list(rows.values())


def _by_name(row: AvatarFigures) -> tuple[bool, str, str]:
    """Sort by name; what is of no avatar comes last."""
    return row.avatar_id is None, row.avatar_name or "", str(row.avatar_id)
