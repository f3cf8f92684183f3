"""The times of day at which an account's posts appear, and which of them are free.

Times of day are the workspace's; instants are UTC. No I/O.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from vixenbliss.providers.oauth import Quota
from vixenbliss.services.quota_rules import Outlook

DAYS = 14
"""How many days are looked at."""
NOTICE = timedelta(minutes=10)
"""How far ahead a free time is at least."""
APART = timedelta(minutes=30)
"""How far from another post of the account."""


def times_of(
    posting_times: Sequence[str], zone: ZoneInfo, *, since: datetime
) -> list[datetime]:
    """Return the posting times of the two weeks from an instant on, the first first.

    A time of day that a clock put forward leaves out comes as much later; one that a
    clock put back shows twice is meant the first time.
    """
    first = since.astimezone(zone).date()
    days = [first + timedelta(days=ahead) for ahead in range(DAYS + 1)]
    instants = {
        _instant(day, posting_time, zone)
        for day in days
        for posting_time in posting_times
    }
    until = since + timedelta(days=DAYS)
    return sorted(instant for instant in instants if since <= instant < until)


def free(
    times: Sequence[datetime],
    *,
    planned: Sequence[datetime],
    quota: Quota | None,
    now: datetime,
) -> Iterator[datetime]:
    """Yield those of the times at which an account may post one more."""
    outlook = Outlook(quota, planned, now=now) if quota else None
    for instant in times:
        is_ahead = instant >= now + NOTICE
        is_apart = all(abs(instant - other) >= APART for other in planned)
        if is_ahead and is_apart and (outlook is None or outlook.has_room(instant)):
            yield instant


def planned_days(
    planned: Sequence[datetime], zone: ZoneInfo, *, now: datetime
) -> dict[date, int]:
    """Return how many posts are to come on each of the next days that has any."""
    last = now.astimezone(zone).date() + timedelta(days=DAYS - 1)
    days: dict[date, int] = {}
    for instant in sorted(planned):
        day = instant.astimezone(zone).date()
        if instant > now and day <= last:
            days[day] = days.get(day, 0) + 1
    return days


def _instant(day: date, posting_time: str, zone: ZoneInfo) -> datetime:
    clock = time.fromisoformat(posting_time)
    return datetime.combine(day, clock, zone).astimezone(UTC)
