"""Queue rollup: days added up by avatar and by currency, as the rows are now."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.support.api import handler_of
from tests.support.books import THEN, Till, cost, post
from tests.support.database import Sql, content, count
from tests.support.numbers import account, counted, roll_up
from tests.support.numbers import post as appeared
from tests.support.people import Person, avatar
from tests.support.workers import Workers, record
from vixenbliss.services.rolling_up import LOOKED_THROUGH

TODAY = datetime.now(UTC).date()
DAY = timedelta(days=1)
YESTERDAY = TODAY - DAY
THAT_DAY = THEN.date()
GENERATED = (
    "insert into ledger_transactions (workspace_id, kind, source_type, source_id,"
    " occurred_at) values (%s, 'generation', 'content_job', %s, %s)"
)


@pytest.fixture(autouse=True)
def _books_agree_with_jobs() -> None:
    """Ask nothing of the books: what something has cost is posted here by hand."""


@pytest.fixture
def post_id(luna: Person, sql: Sql) -> str:
    """A post of Luna's that appeared ten days ago."""
    avatar_id = avatar(luna)
    age = timedelta(days=10)
    return appeared(sql, avatar_id, account(sql, avatar_id), age=age)


def numbers(sql: Sql, day: date = YESTERDAY) -> list[tuple[int, ...]]:
    rows = sql.execute("select * from daily_rollups where day = %s", (day,)).fetchall()
    names = ("posts", "views", "likes", "comments", "shares")
    return [tuple(row[name] for name in names) for row in rows]


def money(sql: Sql, day: date = THAT_DAY) -> set[tuple[Any, ...]]:
    rows = sql.execute("select * from daily_money where day = %s", (day,)).fetchall()
    names = ("currency", "income_micros", "cost_micros")
    return {tuple(row[name] for name in names) for row in rows}


def night() -> int:
    return int(handler_of("RollUpFunction")({}, None)["ordered"])


@pytest.mark.parametrize(
    ("before", "grown"),
    [({}, 120), ({1: 50}, 70), ({3: 20, 2: 50}, 70), ({1: 150}, -30)],
    ids=["never known", "the day before", "with a gap", "corrected"],
)
def test_a_days_views_are_what_has_come_since_they_were_known_last(
    sql: Sql, workers: Workers, post_id: str, before: dict[int, int], grown: int
) -> None:
    for ago, views in before.items():
        counted(sql, post_id, YESTERDAY - ago * DAY, views=views)
    counted(sql, post_id, YESTERDAY, views=120)

    roll_up(sql, workers, YESTERDAY)

    assert numbers(sql) == [(0, grown, 0, 0, 0)]


def test_what_is_not_told_has_not_grown_and_is_not_forgotten(
    sql: Sql, workers: Workers, post_id: str
) -> None:
    counted(sql, post_id, YESTERDAY - 2 * DAY, views=10, likes=7)
    counted(sql, post_id, YESTERDAY - DAY, views=20, likes=None)
    counted(sql, post_id, YESTERDAY, views=30, likes=9)

    roll_up(sql, workers, YESTERDAY - DAY, YESTERDAY)

    assert numbers(sql, YESTERDAY - DAY) == [(0, 10, 0, 0, 0)]
    assert numbers(sql) == [(0, 10, 2, 0, 0)]


def test_a_day_counts_the_posts_that_appeared_in_it(
    sql: Sql, workers: Workers, post_id: str
) -> None:
    at = datetime.combine(YESTERDAY, datetime.max.time(), UTC)
    sql.execute("update posts set published_at = %s", (at,))

    roll_up(sql, workers, YESTERDAY - DAY, YESTERDAY)

    assert numbers(sql) == [(1, 0, 0, 0, 0)]
    assert numbers(sql, YESTERDAY - DAY) == []


def test_money_is_told_by_avatar_and_by_currency(
    luna: Person, sql: Sql, workers: Workers
) -> None:
    avatar_id = avatar(luna)
    till = Till(luna.workspace_id, avatar_id)
    till.sell()
    till.give_back(500)
    till.lose(100, 1_500)
    Till(luna.workspace_id, None).sell()
    post(cost(luna.workspace_id, avatar_id, micros=40_000))

    roll_up(sql, workers, THAT_DAY)

    of_avatar = (840 - 420 - 59 - 1_600) * 10_000
    assert money(sql) == {
        ("eur", of_avatar, 0),
        ("usd", 0, 40_000),
        ("eur", (840 - 59) * 10_000, 0),
    }
    assert count(sql, "daily_money", avatar_id=None) == 1


def test_the_platforms_own_books_are_nobodys_days(sql: Sql, workers: Workers) -> None:
    post(cost(None))

    roll_up(sql, workers, THAT_DAY)

    assert money(sql) == set()


def test_a_day_that_is_done_again_stays_as_it_was(
    luna: Person, sql: Sql, workers: Workers, post_id: str
) -> None:
    Till(luna.workspace_id, None).sell()
    counted(sql, post_id, THAT_DAY, views=5)
    roll_up(sql, workers, THAT_DAY)
    tables = ("daily_rollups", "daily_money")
    before = {table: content(sql)[table] for table in tables}

    roll_up(sql, workers, THAT_DAY)

    assert {table: content(sql)[table] for table in tables} == before
    assert before["daily_rollups"][0] == before["daily_money"][0] == 1


def test_what_is_so_no_more_is_taken_away(
    sql: Sql, workers: Workers, post_id: str
) -> None:
    counted(sql, post_id, YESTERDAY, views=5)
    roll_up(sql, workers, YESTERDAY)
    sql.execute("delete from post_metrics")

    roll_up(sql, workers, YESTERDAY)

    assert numbers(sql) == []


def test_a_message_that_comes_twice_is_one_rollup(
    luna: Person, sql: Sql, workers: Workers
) -> None:
    roll_up(sql, workers, THAT_DAY)
    (run,) = sql.execute("select id, done_at from rollup_runs").fetchall()
    Till(luna.workspace_id, None).sell()

    again = workers.run("rollup", run["id"])

    assert (again, money(sql)) == ([], set())
    assert count(sql, "rollup_runs", done_at=run["done_at"], status="done") == 1


def test_the_first_night_orders_the_last_weeks_and_the_next_three_days(
    luna: Person, workers: Workers, sql: Sql
) -> None:
    first = night()
    workers.drain("rollup")

    assert (first, night()) == (LOOKED_THROUGH, 3)
    assert count(sql, "rollup_runs", status="done") == LOOKED_THROUGH - 3
    assert count(sql, "rollup_runs", day=datetime.now(UTC).date()) == 0


def test_two_clocks_that_strike_at_once_order_a_day_once(
    luna: Person, workers: Workers
) -> None:
    ordered = [night() for _ in range(2)]

    assert ordered == [LOOKED_THROUGH, 0]
    assert len(workers.waiting("rollup")) == LOOKED_THROUGH


def test_an_entry_that_comes_late_is_in_the_next_nights_days(
    luna: Person, workers: Workers, sql: Sql
) -> None:
    night()
    workers.drain("rollup")
    sql.execute("update rollup_runs set done_at = done_at - interval '1 day'")
    late = datetime.combine(TODAY - 20 * DAY, datetime.min.time(), UTC)
    with sql.transaction():
        sql.execute("set constraints all deferred")
        sql.execute("set local session_replication_role = replica")
        sql.execute(GENERATED, (luna.workspace_id, "late", late))

    ordered = night()

    assert ordered == 4
    assert count(sql, "rollup_runs", day=late.date(), status="requested") == 1


def test_a_day_in_somebody_elses_hands_is_left_to_them(
    luna: Person, workers: Workers, sql: Sql
) -> None:
    night()
    sql.execute("update rollup_runs set lease_until = now() + interval '1 minute'")

    workers.drain("rollup")

    assert count(sql, "rollup_runs", status="requested") == LOOKED_THROUGH


def test_a_dead_workers_days_are_swept_to_the_next(
    luna: Person, workers: Workers, sql: Sql
) -> None:
    night()
    workers.waiting("rollup")
    sql.execute("update rollup_runs set lease_until = now(), check_at = now()")

    swept = handler_of("SweepFunction")({}, None)["rollups"]
    workers.drain("rollup")

    assert swept == LOOKED_THROUGH
    assert count(sql, "rollup_runs", status="done") == LOOKED_THROUGH


def bury(run_id: object) -> None:
    letter = record(json.dumps({"id": str(run_id)}), "stack-RollupDeadLetters-1A2B")
    handler_of("BuryDeadLettersFunction")({"Records": [letter]}, None)


@pytest.fixture
def stuck(luna: Person, workers: Workers, sql: Sql) -> str:
    """A day that no worker could digest, twice."""
    night()
    workers.waiting("rollup")
    row = sql.execute("select id from rollup_runs limit 1").fetchone()
    run_id = dict(row or {})["id"]
    bury(run_id)
    assert count(sql, "rollup_runs", status="failed") == 0
    sql.execute("update dead_letters set created_at = now() - interval '1 hour'")
    bury(run_id)
    return str(run_id)


def test_a_day_whose_messages_die_twice_has_failed(stuck: str, sql: Sql) -> None:
    assert count(sql, "rollup_runs", status="failed", check_at=None) == 1
    assert count(sql, "dead_letters", queue="rollup", redriven_at=None) == 1


def test_a_failed_day_is_ordered_by_the_next_night(stuck: str, sql: Sql) -> None:
    assert night() == 1
    assert count(sql, "rollup_runs", status="failed") == 0


def test_staff_can_have_a_failed_day_rolled_up(
    luna: Person, stuck: str, sql: Sql, workers: Workers
) -> None:
    sql.execute("update users set platform_role = 'admin'")

    answer = luna.api("POST", "/api/v1/ops/queues/rollup/redrive")

    assert answer.ok(202) == {"redriven": 1}
    assert workers.waiting("rollup") == [stuck]
