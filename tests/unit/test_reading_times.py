"""When a post's numbers are read next."""

from datetime import timedelta

import pytest

from vixenbliss.clock import now
from vixenbliss.models.posts import PostFormat
from vixenbliss.services.reading_times import next_reading

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("age", "after"),
    [
        (timedelta(0), HOUR),
        (HOUR, 6 * HOUR),
        (5 * HOUR, 6 * HOUR),
        (7 * HOUR, DAY),
        (DAY, 2 * DAY),
        (3.5 * DAY, 4 * DAY),
        (29.5 * DAY, 30 * DAY),
        (30 * DAY, None),
        (400 * DAY, None),
    ],
)
def test_a_post_is_read_often_at_first_then_daily_for_thirty_days(
    age: timedelta, after: timedelta | None
) -> None:
    then = now()

    due = next_reading(then, PostFormat.FEED, at=then + age)

    assert due == (then + after if after else None)


@pytest.mark.parametrize(("hours", "after"), [(2, 6), (6, 22), (22, None)])
def test_a_story_is_read_while_it_is_told_of(hours: int, after: int | None) -> None:
    then = now()

    due = next_reading(then, PostFormat.STORY, at=then + hours * HOUR)

    assert due == (then + after * HOUR if after else None)
