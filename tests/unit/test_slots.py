"""When an account's posts appear: by whose clock, and where there is room."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from vixenbliss.providers.oauth import Quota
from vixenbliss.services.slots import free, planned_days, times_of

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(hour: int, minute: int = 0, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_times_are_those_of_the_zone_s_clock() -> None:
    times = times_of(["18:00", "09:00"], BERLIN, since=NOW)

    assert times[:3] == [at(17), at(8, day=22), at(17, day=22)]
    assert len(times) == 28
    assert times[-1] == datetime(2026, 12, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("month", "day", "hours"),
    [
        (3, 28, [17, 16]),  # the clock is put forward on the 29th
        (10, 24, [16, 17]),  # and back on the 25th
    ],
)
def test_a_time_stays_what_the_clock_shows(
    month: int, day: int, hours: list[int]
) -> None:
    since = datetime(2026, month, day, 12, tzinfo=UTC)

    times = times_of(["18:00"], BERLIN, since=since)

    assert [one.hour for one in times[:2]] == hours


def test_a_time_that_is_left_out_comes_as_much_later() -> None:
    since = datetime(2026, 3, 28, 12, tzinfo=UTC)

    times = times_of(["02:30", "03:30"], BERLIN, since=since)

    assert times[0] == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert times[1].astimezone(BERLIN).day == 30


def test_a_time_that_is_shown_twice_is_meant_once() -> None:
    since = datetime(2026, 10, 24, 12, tzinfo=UTC)

    times = times_of(["02:30"], BERLIN, since=since)

    assert times[:2] == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("instant", "found"),
    [(at(12, 9), 0), (at(12, 10), 1), (at(11), 0)],
)
def test_a_free_time_is_ahead(instant: datetime, found: int) -> None:
    assert len(list(free([instant], planned=[], quota=None, now=NOW))) == found


@pytest.mark.parametrize(
    ("other", "found"),
    [(at(17, 31), 0), (at(18, 29), 0), (at(17, 30), 1), (at(18, 30), 1)],
)
def test_a_free_time_keeps_its_distance(other: datetime, found: int) -> None:
    assert len(list(free([at(18)], planned=[other], quota=None, now=NOW))) == found


@pytest.mark.parametrize(
    ("quota", "planned", "has_place"),
    [
        (None, [at(13)], True),
        (Quota(1, 0, DAY), [], True),
        (Quota(1, 1, DAY), [], False),
        (Quota(1, None, DAY), [at(13)], False),
        (Quota(2, 1, DAY), [at(11)], True),  # the one that is counted is ours
        (Quota(2, 1, DAY), [at(13)], False),  # one of ours to come, one of others'
        (Quota(1, 0, DAY), [at(19)], False),  # which it would take the place of
        (Quota(1, 0, DAY), [at(18, day=22)], True),
    ],
)
def test_a_free_time_is_one_that_a_platform_will_take(
    quota: Quota | None, planned: list[datetime], *, has_place: bool
) -> None:
    found = list(free([at(18)], planned=planned, quota=quota, now=NOW))

    assert bool(found) is has_place


def test_what_is_counted_now_does_not_count_when_its_day_is_over() -> None:
    spent = Quota(1, 1, DAY)

    assert list(free([at(12, day=22)], planned=[], quota=spent, now=NOW))


def test_days_are_those_of_the_zone() -> None:
    late = at(23, 30)  # half past midnight in Berlin
    planned = [late, at(13), at(14), at(11), NOW + 20 * DAY]

    days = planned_days(planned, BERLIN, now=NOW)

    assert days == {date(2026, 11, 21): 2, date(2026, 11, 22): 1}
