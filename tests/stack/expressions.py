"""When a schedule expression is due: EventBridge's ``rate(...)`` and ``cron(...)``.

Source: EventBridge Scheduler user guide, "Schedule types". Cron has six fields
(minute, hour, day of month, month, day of week, year); ``L``, ``W`` and ``#`` are not
understood here, and neither is ``at(...)``.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.stack.errors import TemplateError

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\(([^)]*)\)")
_MONTHS = [name.upper() for name in calendar.month_abbr if name]
_WEEKDAYS = ["SUN", *(name.upper() for name in calendar.day_abbr[:-1])]
_HORIZON_DAYS = 366 * 8 + 2
"""The 29th of February can be eight years away."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Every so often, for the first time one period from now."""

    period: timedelta

    def next_after(self, moment: datetime) -> datetime:
        """Return when it is due next."""
        return moment + self.period


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Whenever the clock on a wall somewhere shows one of these."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """1 is Sunday."""
    years: frozenset[int]
    zone: ZoneInfo

    def next_after(self, moment: datetime) -> datetime:
        """Return when it is due next, in UTC.

        Raises:
            TemplateError: never within eight years.
        """
        today = moment.astimezone(self.zone).date()
        for due in self._from(today):
            if due > moment:
                return due
        place = "a cron(...) expression"
        raise TemplateError(place, "it never comes true")

    def _from(self, first: date) -> Iterator[datetime]:
        times = [time(h, m) for h in sorted(self.hours) for m in sorted(self.minutes)]
        days = (first + timedelta(days=number) for number in range(_HORIZON_DAYS))
        for day in filter(self._falls_on, days):
            for wall in times:
                yield datetime.combine(day, wall, self.zone).astimezone(UTC)

    def _falls_on(self, day: date) -> bool:
        return (
            day.month in self.months
            and day.year in self.years
            and day.day in self.days
            and day.isoweekday() % 7 + 1 in self.weekdays
        )


def parse(expression: str, timezone: str = "UTC") -> Rate | Cron:
    """Read a schedule expression.

    Raises:
        TemplateError: it is not one, or says something we do not understand.
    """
    if rate := _RATE.fullmatch(expression):
        return Rate(timedelta(**{f"{rate[2]}s": int(rate[1])}))
    cron = _CRON.fullmatch(expression)
    fields = cron[1].split() if cron else []
    if len(fields) != 6:
        raise TemplateError(expression, "expected rate(...) or six fields of cron(...)")
    try:
        minutes, hours, days, months, weekdays, years = fields
        return Cron(
            minutes=_values(minutes, range(60)),
            hours=_values(hours, range(24)),
            days=_values(days, range(1, 32)),
            months=_values(months, range(1, 13), _MONTHS),
            weekdays=_values(weekdays, range(1, 8), _WEEKDAYS),
            years=_values(years, range(1970, 2200)),
            zone=ZoneInfo(timezone),
        )
    except ValueError as error:
        raise TemplateError(expression, f"not understood: {error}") from error


def _values(field: str, whole: range, names: list[str] | None = None) -> frozenset[int]:
    for number, name in enumerate(names or [], start=whole.start):
        field = field.upper().replace(name, str(number))
    return frozenset(v for part in field.split(",") for v in _part(part, whole))


def _part(part: str, whole: range) -> range:
    reach, _, step = part.partition("/")
    chosen = _reach(reach, whole, is_open=bool(step))
    if not set(chosen) or not set(chosen) <= set(whole):
        raise ValueError(part)
    return chosen[:: int(step or 1)]


def _reach(reach: str, whole: range, *, is_open: bool) -> range:
    """Return what is left of a slash; with a step, ``n`` means from n to the end."""
    if reach in {"*", "?"}:
        return whole
    first, dash, last = reach.partition("-")
    if dash:
        return range(int(first), int(last) + 1)
    return range(int(first), whole.stop if is_open else int(first) + 1)
