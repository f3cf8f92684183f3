"""When a schedule is due."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.stack import expressions
from tests.stack.errors import TemplateError

_NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday


@pytest.mark.parametrize(
    ("expression", "wait"),
    [
        ("rate(1 minute)", timedelta(minutes=1)),
        ("rate(5 minutes)", timedelta(minutes=5)),
        ("rate(2 hours)", timedelta(hours=2)),
        ("rate(1 day)", timedelta(days=1)),
        ("cron(0 * * * ? *)", timedelta(hours=1)),
        ("cron(*/15 * * * ? *)", timedelta(minutes=15)),
        ("cron(10/20 * * * ? *)", timedelta(minutes=10)),
        ("cron(30 11,13 * * ? *)", timedelta(hours=1, minutes=30)),
        ("cron(0 9-10 * * ? *)", timedelta(hours=21)),
        ("cron(0 12 * * ? *)", timedelta(days=1)),
        ("cron(0 12 ? * MON-FRI *)", timedelta(days=3)),
        ("cron(0 12 ? * 1 *)", timedelta(days=2)),
        ("cron(0 12 1 * ? *)", timedelta(days=11)),
        ("cron(0 12 20 DEC ? 2027)", timedelta(days=395)),
    ],
)
def test_a_schedule_is_due_next(expression: str, wait: timedelta) -> None:
    schedule = expressions.parse(expression)

    due = schedule.next_after(_NOON)

    assert due - _NOON == wait


def test_a_wall_clock_has_a_time_zone() -> None:
    schedule = expressions.parse("cron(0 14 * * ? *)", "Europe/Berlin")

    due = schedule.next_after(_NOON)

    assert due == datetime(2026, 11, 20, 13, 0, tzinfo=UTC)


def test_a_leap_day_is_awaited() -> None:
    schedule = expressions.parse("cron(0 0 29 2 ? *)")

    due = schedule.next_after(_NOON)

    assert due == datetime(2028, 2, 29, tzinfo=UTC)


def test_what_never_comes_true_is_an_error() -> None:
    schedule = expressions.parse("cron(0 0 31 2 ? *)")

    with pytest.raises(TemplateError, match="never"):
        schedule.next_after(_NOON)


@pytest.mark.parametrize(
    "expression",
    [
        "every minute",
        "rate(soon)",
        "at(2026-01-01T00:00:00)",
        "cron(* * * * *)",
        "cron(60 * * * ? *)",
        "cron(0 0 L * ? *)",
        "cron(0 0 ? * 6#3 *)",
        "cron(5-3 * * * ? *)",
    ],
)
def test_what_is_not_understood_is_an_error(expression: str) -> None:
    with pytest.raises(TemplateError):
        expressions.parse(expression)
