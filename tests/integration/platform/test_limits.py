"""Tries are counted in the database, each in its window."""

import asyncio
from datetime import timedelta

import pytest

from tests.support.database import Sql
from vixenbliss.errors import TooManyRequestsError
from vixenbliss.loop import run
from vixenbliss.services.limits import Allowance, Rule, count

RULE = Rule("knock", 3)


def knock(times: int, *, who: str = "luna@example.com", rule: Rule = RULE) -> Allowance:
    """Knock so often, one after the other; return what is left in the end."""
    for _ in range(times):
        left = run(count(rule, who))
    return left


def test_what_is_left_goes_down(sql: Sql) -> None:
    left = knock(2)

    assert (left.limit, left.remaining) == (3, 1)
    assert 0 < left.reset_s <= 900


def test_one_try_too_many_is_refused_with_the_time_to_wait(sql: Sql) -> None:
    knock(3)

    with pytest.raises(TooManyRequestsError) as refused:
        knock(1)

    assert 0 < refused.value.wait_s <= 900


def test_of_many_at_once_as_many_as_allowed_get_through(sql: Sql) -> None:
    async def many() -> list[object]:
        tries = (count(RULE, "luna@example.com") for _ in range(10))
        return list(await asyncio.gather(*tries, return_exceptions=True))

    answers = run(many())

    assert sum(isinstance(answer, Allowance) for answer in answers) == 3


def test_another_window_begins_when_the_first_is_over(sql: Sql) -> None:
    knock(3)
    sql.execute("update rate_limits set ends_at = now()")

    left = knock(1)

    assert left.remaining == 2


@pytest.mark.parametrize(
    ("who", "rule"),
    [
        ("mia@example.com", RULE),
        ("luna@example.com", Rule("ring", 3, timedelta(hours=1))),
    ],
)
def test_others_and_other_tries_count_for_themselves(
    sql: Sql, who: str, rule: Rule
) -> None:
    knock(3)

    assert knock(1, who=who, rule=rule).remaining == 2


@pytest.mark.parametrize("who", ["LUNA@example.com", " luna@example.com", "lİna@x.y"])
def test_spellings_that_find_the_same_user_count_together(sql: Sql, who: str) -> None:
    knock(1, who="lina@x.y" if "İ" in who else "luna@example.com")

    left = knock(1, who=who)

    assert left.remaining == 1


def test_who_tried_is_kept_as_a_hash(sql: Sql) -> None:
    knock(1)

    (row,) = sql.execute("select bucket from rate_limits").fetchall()

    assert "luna" not in row["bucket"]
