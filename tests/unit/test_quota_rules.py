"""How full an account's window is, and when there is room again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vixenbliss.providers.oauth import Quota
from vixenbliss.services.quota_rules import Expected, Outlook, earliest, forecast

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TINY = timedelta(minutes=10)
"""A window that is small enough for every second of it to be tried."""


def hours(*them: float) -> list[datetime]:
    """Return instants, by their hours from now."""
    return [NOW + one * HOUR for one in them]


def place(quota: Quota, planned: Sequence[datetime], at: datetime) -> int:
    return Outlook(quota, planned, now=NOW).place(at)


@pytest.mark.parametrize(
    ("planned", "used", "at", "expected"),
    [
        ((), 0, 6, 1),
        ((), None, 6, 1),
        ((), 3, 6, 4),  # three by others, today
        ((), 3, 23.9, 4),
        ((), 3, 24, 1),  # and gone by then
        ((-2,), 1, 6, 2),  # ours is the one that they count
        ((-2,), 3, 6, 4),
        ((-2,), 0, 6, 2),  # ours is not counted yet
        ((-2,), None, 6, 2),
        ((-25,), 0, 6, 1),
        ((-2,), 1, 21.9, 2),
        ((-2,), 1, 22, 1),  # to the second
        ((1, 2, 6), 0, 6, 4),
        ((1, 2, 30.1), 0, 6, 3),
        ((1, 2, 7), 0, 6, 4),  # the later one is moved back by it
        ((30,), 0, 6, 1),
        ((29.9,), 0, 6, 2),
        ((40, 41), 0, 50, 3),
    ],
)
def test_a_window_holds_ours_and_what_others_have_posted(
    planned: tuple[float, ...], used: int | None, at: float, expected: int
) -> None:
    quota = Quota(100, used, DAY)

    assert place(quota, hours(*planned), NOW + at * HOUR) == expected


@pytest.mark.parametrize(
    ("planned", "used", "at", "expected"),
    [
        ((), 1, 6, 6),
        ((), 2, 6, 24),
        ((-2,), 2, 6, 22),
        ((1, 2), 0, 6, 25),
        ((1, 2, 25.5), 0, 6, 26),  # at 25 it would move the last one back
    ],
)
def test_the_earliest_time_is_when_something_leaves_the_window(
    planned: tuple[float, ...], used: int, at: float, expected: float
) -> None:
    found = earliest(Quota(2, used, DAY), hours(*planned), at=NOW + at * HOUR, now=NOW)

    assert found == NOW + expected * HOUR


def test_where_nothing_is_ever_allowed_there_is_no_time() -> None:
    assert earliest(Quota(0, 0, DAY), [], at=NOW, now=NOW) is None


@pytest.mark.parametrize(
    "at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
def test_no_time_is_too_far_away_to_be_looked_at(at: datetime) -> None:
    found = place(Quota(2, 0, DAY), hours(1), at)

    assert found == 1


def test_a_time_that_is_named_is_never_too_early() -> None:
    late = NOW - HOUR + timedelta(microseconds=1)

    found = earliest(Quota(1, 1, DAY), [late], at=NOW, now=NOW)

    assert found == late.replace(microsecond=0) + DAY + timedelta(seconds=1)


seconds = st.integers(-700, 1_300)


@given(
    planned=st.lists(seconds, max_size=8),
    limit=st.integers(1, 4),
    used=st.integers(0, 4),
    at=st.integers(0, 900),
)
def test_the_earliest_time_is_the_first_of_all(
    planned: list[int], limit: int, used: int, at: int
) -> None:
    quota, second = Quota(limit, used, TINY), timedelta(seconds=1)
    posts = [NOW + one * second for one in planned]
    begin = NOW + at * second

    found = earliest(quota, posts, at=begin, now=NOW)

    tried = (begin + step * second for step in count())
    assert found == next(one for one in tried if place(quota, posts, one) <= limit)


@given(
    planned=st.lists(seconds, max_size=8),
    limit=st.integers(1, 4),
    at=st.integers(1, 900),
)
def test_who_keeps_to_it_never_overfills_a_window(
    planned: list[int], limit: int, at: int
) -> None:
    quota, second = Quota(limit, None, TINY), timedelta(seconds=1)
    posts: list[datetime] = []
    for one in [*planned, at]:
        free = earliest(quota, posts, at=NOW + abs(one) * second, now=NOW)
        assert free is not None
        posts.append(free)

    fullest = max(sum(end - TINY < one <= end for one in posts) for end in posts)

    assert fullest <= limit


def test_a_forecast_tells_of_each_post_to_come() -> None:
    found = forecast(Quota(3, 2, DAY), hours(3, -2, 1, 2, 23), now=NOW)

    assert found == [
        Expected(NOW + 1 * HOUR, 3, is_over=False),
        Expected(NOW + 2 * HOUR, 4, is_over=True),
        Expected(NOW + 3 * HOUR, 5, is_over=True),
        Expected(NOW + 23 * HOUR, 5, is_over=True),
    ]
