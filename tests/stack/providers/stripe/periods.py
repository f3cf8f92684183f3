"""Billing periods: a month later is the same day, or the month's last."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Any

type Json = dict[str, Any]

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}
DAY_S = 86_400


def end_of(start: int, recurring: Json, anchor: int) -> int:
    """Return when a period ends that starts then, by the day of the anchor."""
    many, interval = recurring["interval_count"], recurring["interval"]
    at = datetime.fromtimestamp(start, UTC)
    if interval in _DAYS:
        return int((at + timedelta(days=_DAYS[interval] * many)).timestamp())
    day = datetime.fromtimestamp(anchor, UTC).day
    return int(_months_later(at, _MONTHS[interval] * many, day).timestamp())


def _months_later(at: datetime, many: int, day: int) -> datetime:
    years, month = divmod(at.month - 1 + many, 12)
    year = at.year + years
    last = monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(day, last))
