"""/api/v1/ops/queues: for the platform's staff alone."""

from typing import Any

import pytest

from tests.conftest import Set
from tests.support.api import Api, handler_of
from tests.support.database import Sql, content, count, held_micros
from tests.support.material import generate
from tests.support.people import Person, active_avatar
from tests.support.workers import Workers, dead_letter
from tests.support.world import World

QUEUES = "/api/v1/ops/queues"
NAMES = {
    "generate",
    "finish",
    "moderate",
    "publish",
    "confirm",
    "events",
    "reconcile",
    "refund",
    "mail",
    "privacy",
    "measure",
    "rollup",
}
DOORS = [("GET", QUEUES), *(("POST", f"{QUEUES}/{name}/redrive") for name in NAMES)]

pytestmark = pytest.mark.usefixtures("aws", "world")


@pytest.fixture
def staff(stranger: Person, sql: Sql) -> Person:
    """Somebody who runs the platform and is a member of no team but their own."""
    return promoted(stranger, sql, "admin")


def promoted(person: Person, sql: Sql, role: str) -> Person:
    sql.execute("update users set platform_role = %s where id = %s", (role, person.id))
    return person


def bury(sql: Sql, queue: str, body: str) -> None:
    """Let messages be found in the queue's dead letters until their work is ended."""
    for _ in range(2):
        handler_of("BuryDeadLettersFunction")(
            {"Records": [dead_letter(body, queue)]}, None
        )
        sql.execute("update dead_letters set created_at = now() - interval '1 hour'")


def lost_job(luna: Person, workers: Workers, sql: Sql) -> str:
    job_id = str(generate(luna, active_avatar(luna, workers))["job_id"])
    bury(sql, "generate", f'{{"id": "{job_id}"}}')
    return job_id


def redrive(person: Person, name: str, body: Any = None) -> Any:
    return person.api("POST", f"{QUEUES}/{name}/redrive", body)


def letters(person: Person, name: str) -> int:
    items = person.api("GET", QUEUES).ok()["items"]
    return next(int(i["dead_letters"]) for i in items if i["name"] == name)


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_nobody_asks_without_a_token(database: str, method: str, path: str) -> None:
    answer = Api()(method, path)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_the_owner_of_a_workspace_is_no_staff(
    luna: Person, method: str, path: str, sql: Sql
) -> None:
    before = content(sql)

    answer = luna.api(method, path)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert content(sql) == before


@pytest.mark.parametrize("role", ["admin", "support"])
def test_staff_sees_every_queue(stranger: Person, sql: Sql, role: str) -> None:
    staff = promoted(stranger, sql, role)

    listed = staff.api("GET", QUEUES).ok()

    assert {queue["name"] for queue in listed["items"]} == NAMES
    assert all(queue["dead_letters"] == 0 for queue in listed["items"])


def test_a_queue_tells_how_long_its_work_has_waited(
    luna: Person, staff: Person, workers: Workers, sql: Sql
) -> None:
    generate(luna, active_avatar(luna, workers))
    sql.execute("update content_jobs set created_at = now() - interval '1 hour'")

    items = staff.api("GET", QUEUES).ok()["items"]

    oldest = {queue["name"]: queue["oldest_s"] for queue in items}
    assert 3_600 <= oldest["generate"] < 3_700
    assert oldest["finish"] is None


def test_an_unknown_queue_is_not_there(staff: Person) -> None:
    answer = redrive(staff, "emails")

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert answer.json["detail"] == "Queue not found"


@pytest.mark.parametrize(
    "body", [{"max": 0}, {"max": 101}, {"max": "all"}, {"max": None}, {"min": 1}, []]
)
def test_a_redrive_that_makes_no_sense_is_refused(staff: Person, body: Any) -> None:
    answer = redrive(staff, "generate", body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


def test_without_dead_letters_nothing_is_redriven(staff: Person) -> None:
    answer = redrive(staff, "generate")

    assert answer.ok(202) == {"redriven": 0}


def test_a_lost_job_is_asked_for_anew(
    luna: Person, staff: Person, workers: Workers, sql: Sql
) -> None:
    job_id = lost_job(luna, workers, sql)

    answer = redrive(staff, "generate")

    assert answer.ok(202) == {"redriven": 1}
    assert count(sql, "content_jobs", retry_of=job_id, status="queued") == 1
    assert count(sql, "content_jobs", id=job_id, status="failed") == 1
    assert letters(staff, "generate") == 0


def test_a_letter_is_redriven_once(
    luna: Person, staff: Person, workers: Workers, sql: Sql
) -> None:
    lost_job(luna, workers, sql)
    redrive(staff, "generate").ok(202)

    answer = redrive(staff, "generate")

    assert answer.ok(202) == {"redriven": 0}
    assert count(sql, "content_jobs") == 2


def test_no_more_is_redriven_than_was_said(
    luna: Person, staff: Person, workers: Workers, sql: Sql
) -> None:
    made = generate(luna, active_avatar(luna, workers), count=3)
    for job_id in made["job_ids"]:
        bury(sql, "generate", f'{{"id": "{job_id}"}}')

    answer = redrive(staff, "generate", {"max": 2})

    assert answer.ok(202) == {"redriven": 2}
    assert letters(staff, "generate") == 1


def test_a_letter_beyond_its_budget_stays(
    luna: Person, staff: Person, workers: Workers, sql: Sql
) -> None:
    lost_job(luna, workers, sql)
    (avatar_id,) = (row["id"] for row in sql.execute("select id from avatars"))
    budget = {"monthly_budget_minor": 0}
    luna.api("PUT", f"/api/v1/avatars/{avatar_id}/budget", budget).ok()

    answer = redrive(staff, "generate")

    assert answer.ok(202) == {"redriven": 0}
    assert letters(staff, "generate") == 1
    assert held_micros(sql, avatar_id) == 0


def test_a_letter_that_cannot_be_redriven_lets_the_others_by(
    luna: Person, staff: Person, workers: Workers, sql: Sql
) -> None:
    resting = active_avatar(luna, workers)
    for star in (resting, active_avatar(luna, workers, avatar_name="Sol")):
        job_id = generate(luna, star)["job_id"]
        bury(sql, "generate", f'{{"id": "{job_id}"}}')
    luna.api("POST", f"/api/v1/avatars/{resting}/pause").ok()

    first = redrive(staff, "generate", {"max": 1})
    second = redrive(staff, "generate", {"max": 1})

    assert first.ok(202) == {"redriven": 0}
    assert second.ok(202) == {"redriven": 1}
    assert letters(staff, "generate") == 1


def test_a_job_that_its_owner_asked_for_again_needs_no_redrive(
    luna: Person, staff: Person, workers: Workers, sql: Sql
) -> None:
    job_id = lost_job(luna, workers, sql)
    luna.api("POST", f"/api/v1/content/jobs/{job_id}/retry").ok(202)

    answer = redrive(staff, "generate")

    assert answer.ok(202) == {"redriven": 0}
    assert letters(staff, "generate") == 0
    assert count(sql, "content_jobs") == 2


def test_a_decision_that_fails_again_after_its_redrive_has_another_letter(
    luna: Person, staff: Person, workers: Workers, world: World, surroundings: Set
) -> None:
    surroundings(RETRY_DELAYS_S="0,0")
    asked = {"text": "a quiet beach"}
    decision_id = luna.api("POST", "/api/v1/policy/check", asked).ok(202)["decision_id"]
    world.fault("openai", "moderations.create", "status", status=503, times=None)
    deliver_all(workers)

    redrive(staff, "moderate").ok(202)
    deliver_all(workers)

    path = f"/api/v1/policy/decisions/{decision_id}"
    assert luna.api("GET", path).ok()["verdict"] == "error"
    assert letters(staff, "moderate") == 1


def deliver_all(workers: Workers) -> None:
    while workers.deliver("moderate"):
        pass


def test_a_letter_that_cannot_be_read_stays(staff: Person, sql: Sql) -> None:
    bury(sql, "generate", "no task at all")

    answer = redrive(staff, "generate")

    assert answer.ok(202) == {"redriven": 0}
    assert letters(staff, "generate") == 2


def test_a_lost_decision_waits_for_the_gate_again(
    luna: Person, staff: Person, workers: Workers, sql: Sql
) -> None:
    asked = {"text": "a quiet beach"}
    decision_id = luna.api("POST", "/api/v1/policy/check", asked).ok(202)["decision_id"]
    workers.waiting("moderate")
    bury(sql, "moderate", f'{{"id": "{decision_id}"}}')

    answer = redrive(staff, "moderate")
    workers.deliver("moderate")

    assert answer.ok(202) == {"redriven": 1}
    decision = luna.api("GET", f"/api/v1/policy/decisions/{decision_id}").ok()
    assert decision["verdict"] == "allow"
