"""The schedules: they find what is silent, and leave the work to the workers."""

import psycopg
import pytest

from tests.support.api import handler_of
from tests.support.database import Sql, count
from tests.support.people import Person
from tests.support.studio import Studio
from tests.support.workers import Workers
from tests.support.world import World
from vixenbliss.errors import DatabaseError

SILENT = "update policy_decisions set check_at = now() - interval '1 second'"
NOTHING = dict.fromkeys(
    (
        "jobs",
        "decisions",
        "posts",
        "events",
        "reconciliations",
        "letters",
        "measurements",
        "rollups",
        "refunds",
        "requests",
        "avatars",
        "checkouts",
        "idempotency_keys",
        "counters",
    ),
    0,
)


def sweep() -> dict[str, int]:
    return dict(handler_of("SweepFunction")({}, None))


def check(person: Person, text: str = "a walk by the sea") -> str:
    """Put a text before the gate; return the decision that waits for it."""
    answer = person.api("POST", "/api/v1/policy/check", {"text": text}).ok(202)
    return str(answer["decision_id"])


def test_where_nothing_is_there_is_nothing_to_sweep(database: str) -> None:
    assert sweep() == NOTHING
    assert handler_of("PushOutboxFunction")({}, None) == {"sent": 0}


def test_what_is_not_silent_yet_is_left_alone(luna: Person) -> None:
    check(luna)

    assert sweep() == NOTHING


def test_a_silent_decision_gets_another_message(
    luna: Person, workers: Workers, sql: Sql
) -> None:
    decision = check(luna)
    assert workers.waiting("moderate") == [decision]
    sql.execute(SILENT)

    swept = sweep()

    assert swept["decisions"] == 1
    assert workers.waiting("moderate") == [decision]


def test_a_decision_that_was_swept_is_not_silent_for_a_while(
    luna: Person, sql: Sql
) -> None:
    check(luna)
    sql.execute(SILENT)
    sweep()

    assert sweep() == NOTHING


def test_silence_that_goes_on_is_ended_again(luna: Person, sql: Sql) -> None:
    check(luna)
    for _ in range(3):
        sql.execute(SILENT)
        sweep()

    assert count(sql, "outbox", queue="moderate") == 4


def test_two_sweeps_at_once_find_different_rows(
    luna: Person, sql: Sql, database: str
) -> None:
    for number in range(3):
        check(luna, f"walk number {number}")
    sql.execute(SILENT)

    with psycopg.connect(database) as other:
        other.execute("select id from policy_decisions limit 1 for update")
        beside = sweep()["decisions"]

    assert (beside, sweep()["decisions"]) == (2, 1)


def test_a_decision_that_is_made_is_never_silent(
    luna: Person, workers: Workers, world: World
) -> None:
    check(luna)
    workers.deliver("moderate")

    assert sweep() == NOTHING


def test_a_sweep_asks_no_provider(studio: Studio) -> None:
    studio.wish(3)
    studio.let_silence_last()
    asked = len(studio.world.calls("openai", "moderations.create"))

    sweep()

    assert len(studio.world.calls("openai", "moderations.create")) == asked
    assert studio.world.calls("replicate", "predictions.create") == []


def test_a_sweep_that_can_not_write_has_swept_nothing(
    luna: Person, sql: Sql, workers: Workers
) -> None:
    check(luna)
    workers.waiting("moderate")
    sql.execute(SILENT)
    sql.execute("alter table outbox rename to elsewhere")

    with pytest.raises(DatabaseError):
        sweep()

    sql.execute("alter table elsewhere rename to outbox")

    assert workers.waiting("moderate") == []
    assert sweep()["decisions"] == 1


def test_what_was_woken_stays_awake_when_the_rest_of_a_sweep_fails(
    luna: Person, sql: Sql, workers: Workers
) -> None:
    check(luna)
    workers.waiting("moderate")
    sql.execute(SILENT)
    sql.execute("alter table idempotency_keys rename to elsewhere")

    with pytest.raises(DatabaseError):
        sweep()

    assert len(workers.waiting("moderate")) == 1
