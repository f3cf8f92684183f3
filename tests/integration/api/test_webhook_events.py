"""/api/v1/ops/webhook-events: for the platform's staff alone."""

from typing import Any
from uuid import UUID

import pytest

from tests.support.api import Api
from tests.support.database import Sql, count
from tests.support.people import Person
from vixenbliss.ids import new_id

EVENTS = "/api/v1/ops/webhook-events"
NOBODYS = "0190f000-0000-7000-8000-000000000000"
WHY = {"reason": "It was our fault."}
DOORS: list[tuple[str, str, Any]] = [
    ("GET", EVENTS, None),
    ("GET", f"{EVENTS}/{NOBODYS}", None),
    ("POST", f"{EVENTS}/{NOBODYS}/replay", WHY),
]
ADD = (
    "insert into webhook_events (id, source, external_id, event_type,"
    " provider_object_id, payload, status, occurred_at, received_at)"
    " values (%(id)s, %(source)s, %(name)s, %(type)s, %(about)s, %(payload)s,"
    " %(status)s, now(), now() + make_interval(secs => %(after)s))"
)


@pytest.fixture
def staff(stranger: Person, sql: Sql) -> Person:
    sql.execute("update users set platform_role = 'support'")
    return stranger


def add(sql: Sql, status: str = "failed", **changes: Any) -> str:
    event_id = str(new_id())
    facts = {
        "id": event_id,
        "name": event_id,
        "source": "stripe",
        "type": "invoice.paid",
        "about": "in_1",
        "payload": '{"id": "evt_1"}',
        "status": status,
        "after": 0,
    }
    sql.execute(ADD.encode(), facts | changes)
    return event_id


@pytest.mark.parametrize(("method", "path", "body"), DOORS)
def test_nobody_asks_without_a_token(
    database: str, method: str, path: str, body: Any
) -> None:
    assert Api()(method, path, body).status == 401


@pytest.mark.parametrize(("method", "path", "body"), DOORS)
def test_members_do_not_see_what_is_everybody_s(
    luna: Person, method: str, path: str, body: Any
) -> None:
    answer = luna.api(method, path, body)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")


def test_the_newest_come_first_in_pages(staff: Person, sql: Sql) -> None:
    ids = [add(sql, after=n) for n in range(3)]

    shown = staff.api("GET", f"{EVENTS}?per_page=2").ok()

    assert [item["id"] for item in shown["items"]] == ids[:0:-1]
    assert shown["pagination"] == {"page": 1, "per_page": 2, "total": 3}
    assert "payload" not in shown["items"][0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=failed", 2),
        ("source=tiktok", 1),
        ("type=invoice.paid", 2),
        ("type=invoice.paid&status=failed&source=stripe", 1),
        ("type=nothing", 0),
    ],
)
def test_they_are_found_by_what_they_are(
    staff: Person, sql: Sql, query: str, found: int
) -> None:
    add(sql)
    add(sql, "processed")
    add(sql, source="tiktok", type="video.upload.failed")

    shown = staff.api("GET", f"{EVENTS}?{query}").ok()

    assert shown["pagination"]["total"] == found


def test_one_is_shown_with_what_it_says(staff: Person, sql: Sql) -> None:
    event_id = add(sql)

    shown = staff.api("GET", f"{EVENTS}/{event_id}").ok()

    assert shown["payload"] == {"id": "evt_1"}
    assert shown["provider_object_id"] == "in_1"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_was_never_reported_is_not_found(staff: Person, method: str) -> None:
    path = f"{EVENTS}/{NOBODYS}" + ("/replay" if method == "POST" else "")

    answer = staff.api(method, path, WHY if method == "POST" else None)

    assert answer.status == 404


@pytest.mark.parametrize(
    "status", ["failed", "processed", "ignored", "superseded", "deferred"]
)
def test_what_is_not_being_worked_on_can_be_replayed(
    staff: Person, sql: Sql, status: str
) -> None:
    event_id = add(sql, status)

    answer = staff.api("POST", f"{EVENTS}/{event_id}/replay", WHY)

    assert answer.ok(202) == {"id": event_id, "status": "received"}
    assert count(sql, "webhook_events", status="received", attempts=0) == 1
    assert count(sql, "outbox", queue="events", subject_id=UUID(event_id)) == 1
    assert count(sql, "audit_log", action="webhook_event.replayed") == 1


def test_a_replay_looks_however_old_the_event_is(staff: Person, sql: Sql) -> None:
    event_id = add(sql, "superseded")
    sql.execute(
        "insert into stripe_objects (object_id, told_at) values ('in_1', now())"
    )

    staff.api("POST", f"{EVENTS}/{event_id}/replay", WHY).ok(202)

    assert count(sql, "stripe_objects", told_at=None) == 1


@pytest.mark.parametrize(("status", "about"), [("received", "in_1"), ("ignored", None)])
def test_what_is_at_work_or_about_nothing_is_not_replayed(
    staff: Person, sql: Sql, status: str, about: str | None
) -> None:
    event_id = add(sql, status, about=about)

    answer = staff.api("POST", f"{EVENTS}/{event_id}/replay", WHY)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert count(sql, "outbox", queue="events") == 0


def test_a_second_replay_finds_the_first_at_work(staff: Person, sql: Sql) -> None:
    path = f"{EVENTS}/{add(sql)}/replay"

    answers = [staff.api("POST", path, WHY).status for _ in range(2)]

    assert answers == [202, 409]
    assert count(sql, "outbox", queue="events") == 1


def test_other_providers_reports_are_not_replayed(staff: Person, sql: Sql) -> None:
    event_id = add(sql, source="tiktok")

    assert staff.api("POST", f"{EVENTS}/{event_id}/replay", WHY).status == 404
