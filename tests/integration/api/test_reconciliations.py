"""/api/v1/ops/reconciliations: for the staff whole, for owners what concerns them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.api import Api, handler_of
from tests.support.database import Sql, count
from tests.support.people import Person, join
from tests.support.reconciling import REPORTS, RUN, staff
from tests.support.workers import dead_letter

_DIFFERENCE = (
    "insert into reconciliation_differences (reconciliation_id, kind,"
    " balance_transaction_id, workspace_id, currency, stripe_micros, note)"
    " select id, 'missing', 'txn_1', %(whose)s::uuid, 'jpy', 5000000,"
    " 'Stripe has it, the books do not.' from reconciliations"
)
_RUNNING = (
    "insert into reconciliations (id, day, events_since, until, events_seen)"
    " values (gen_random_uuid(), '2026-11-20', now(), now(), 7) returning id"
)


@pytest.fixture
def clerk(sql: Sql) -> Person:
    """Somebody who runs the platform."""
    return staff(sql)


def yesterday() -> str:
    return (datetime.now(UTC).date() - timedelta(days=1)).isoformat()


def run(person: Person, day: str | None = None) -> Any:
    return person.api("POST", RUN, {"day": day or yesterday()})


def differing(sql: Sql, *workspaces: str | None) -> None:
    """Let a reconciliation have found a movement of each workspace's."""
    sql.execute(_RUNNING.encode())
    for workspace_id in workspaces:
        sql.execute(_DIFFERENCE.encode(), {"whose": workspace_id})


@pytest.mark.parametrize(("method", "path"), [("GET", REPORTS), ("POST", RUN)])
def test_nobody_asks_without_a_token(database: str, method: str, path: str) -> None:
    assert Api()(method, path, {"day": "2026-01-01"}).status == 401


@pytest.mark.parametrize("role", ["editor", "reviewer", "analyst"])
def test_only_owners_read_what_differs(luna: Person, role: str) -> None:
    assert join(luna, role).api("GET", REPORTS).status == 403


def test_the_owner_of_a_workspace_is_no_staff(luna: Person, sql: Sql) -> None:
    answer = run(luna)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert count(sql, "reconciliations") == 0


def test_owners_see_what_concerns_them(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    differing(sql, luna.workspace_id, stranger.workspace_id, None)

    (report,) = luna.api("GET", REPORTS).ok()["items"]

    (difference,) = report["differences"]
    assert difference["workspace_id"] == luna.workspace_id
    assert (difference["stripe_micros"], difference["stripe_minor"]) == (5_000_000, 5)
    assert (difference["ledger_micros"], difference["ledger_minor"]) == (None, None)
    assert (report["difference_count"], report["events_seen"]) == (1, None)


def test_staff_sees_all(luna: Person, clerk: Person, sql: Sql) -> None:
    differing(sql, luna.workspace_id, None)

    (report,) = clerk.api("GET", REPORTS).ok()["items"]

    assert (report["difference_count"], len(report["differences"])) == (2, 2)
    assert report["events_seen"] == 7


def test_one_runs_at_a_time(clerk: Person, sql: Sql) -> None:
    begun = run(clerk).ok(202)

    answer = run(clerk)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert (begun["status"], begun["day"]) == ("running", yesterday())
    assert count(sql, "outbox", queue="reconcile", subject_id=begun["id"]) == 1


@pytest.mark.parametrize("day", ["2100-01-01", "2019-12-31", "yesterday", 7, None])
def test_a_day_is_one_that_has_begun(clerk: Person, sql: Sql, day: Any) -> None:
    answer = clerk.api("POST", RUN, {"day": day})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert count(sql, "reconciliations") == 0


def bury(sql: Sql, run_id: str) -> None:
    poison = dead_letter(f'{{"id": "{run_id}"}}', "reconcile")
    handler_of("BuryDeadLettersFunction")({"Records": [poison]}, None)
    sql.execute("update dead_letters set created_at = now() - interval '1 hour'")


@pytest.mark.parametrize(("times", "status"), [(1, "running"), (2, "failed")])
def test_what_dies_twice_has_failed(
    clerk: Person, sql: Sql, times: int, status: str
) -> None:
    run_id = run(clerk).ok(202)["id"]

    for _ in range(times):
        bury(sql, run_id)

    assert count(sql, "reconciliations", status=status) == 1
    assert count(sql, "dead_letters", queue="reconcile", subject_id=run_id) == times


def test_what_is_silent_is_woken(clerk: Person, sql: Sql) -> None:
    run_id = run(clerk).ok(202)["id"]
    sql.execute("update reconciliations set check_at = now()")

    swept = handler_of("SweepFunction")({}, None)

    assert swept["reconciliations"] == 1
    assert count(sql, "outbox", queue="reconcile", subject_id=run_id) == 2
