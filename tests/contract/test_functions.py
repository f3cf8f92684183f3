"""Every function of the template is there, and answers what AWS hands to it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.contract import recorded
from tests.support.api import handler_of, product, routes
from tests.support.contract import Operation, operations
from tests.support.database import Sql, count
from tests.support.material import NOBODYS, generate
from tests.support.people import Person, active_avatar
from tests.support.rows import (
    cancelled_post,
    finished_reconciliation,
    fulfilled_request,
    read_account,
    rolled_up_day,
    stripe_event,
)
from tests.support.sold import Market
from tests.support.workers import Workers
from tests.support.world import World
from vixenbliss.jobs.messages import Queue
from vixenbliss.settings import read

FUNCTIONS = product().functions
CONSUMERS = [s for s in product().sources if s.function != "BuryDeadLettersFunction"]
GRAVES = [s for s in product().sources if s.function == "BuryDeadLettersFunction"]
TASK = json.dumps({"id": NOBODYS})
NO_TASKS = [
    "",
    "no task",
    "[]",
    "{}",
    '{"id": 7}',
    f'{{"id": "{NOBODYS}", "more": 1}}',
    "[" * 100_000,
]


def failed(answer: Mapping[str, Any]) -> list[str]:
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_there(name: str) -> None:
    assert callable(handler_of(name))
    assert FUNCTIONS[name].handler == "app.handler"


def test_every_function_is_led_to_or_called_by_a_deployment() -> None:
    of_events = {
        *(route.function for route in product().routes),
        *(source.function for source in product().sources),
        *(schedule.function for schedule in product().schedules),
    }

    assert FUNCTIONS.keys() - of_events == {
        "MigrateFunction",
        "RotateSecretFunction",
        "SeedFunction",
    }


@pytest.mark.parametrize("one", operations(), ids=str)
def test_a_recorded_request_is_answered_in_form(database: str, one: Operation) -> None:
    match = routes().find(one.method, one.at())
    assert match is not None
    event = recorded.request(one.method, one.at(), match.key)

    answer = handler_of(match.route.function)(event, None)

    assert str(answer["statusCode"]) in one.said["responses"]
    assert answer["isBase64Encoded"] is False
    assert "json" in answer["headers"]["content-type"]
    assert answer["headers"]["x-request-id"] == "JKJaXmPLvHcESHA="
    assert json.loads(answer["body"]) is not None


def test_every_queue_reports_its_failures_one_by_one() -> None:
    assert all(source.reports_item_failures for source in product().sources)


@pytest.mark.parametrize("source", CONSUMERS, ids=lambda source: str(source.queue))
def test_a_worker_has_time_to_keep_what_it_was_told(source: Any) -> None:
    worker = FUNCTIONS[source.function]

    settings = read({"LEASE_S": str(worker.environment["LEASE_S"].value)})

    assert settings.time_to_ask_s + 5 <= worker.timeout_s < settings.lease_s


@pytest.fixture
def ended(luna: Person, workers: Workers, world: World, sql: Sql) -> dict[str, str]:
    """For each queue a task whose work has ended."""
    job_id = generate(luna, active_avatar(luna, workers))["job_id"]
    luna.api("POST", f"/api/v1/content/jobs/{job_id}/cancel").ok()
    (judged,) = sql.execute("select id from policy_decisions").fetchall()
    job, decision = task(job_id), task(judged["id"])
    post = task(cancelled_post(sql))
    (avatar,) = sql.execute("select id from avatars").fetchall()
    (letter,) = sql.execute("update letters set status = 'failed' returning id")
    sale = Market(luna, str(avatar["id"]), luna, world, workers, sql).sell()
    return {
        "GenerateQueue": job,
        "FinishQueue": job,
        "ModerateQueue": decision,
        "PublishQueue": post,
        "ConfirmQueue": post,
        "EventsQueue": task(stripe_event(sql, "ignored")),
        "MailQueue": task(letter["id"]),
        "PrivacyQueue": task(fulfilled_request(sql)),
        "ReconcileQueue": task(finished_reconciliation(sql)),
        "RefundQueue": task(sale.refund().ok(202)["id"]),
        "MeasureQueue": task(read_account(sql)),
        "RollupQueue": task(rolled_up_day(sql)),
    }


def task(subject_id: object) -> str:
    return json.dumps({"id": str(subject_id)})


@pytest.mark.parametrize("source", CONSUMERS, ids=lambda source: str(source.queue))
@pytest.mark.parametrize("no_task", NO_TASKS, ids=lambda body: repr(body[:40]))
def test_a_worker_hands_back_only_what_it_cannot_read(
    ended: dict[str, str], source: Any, no_task: str
) -> None:
    over = ended[source.queue]
    event = recorded.batch(source.queue, over, no_task, over)

    answer = handler_of(source.function)(event, None)

    assert failed(answer) == ["00000001"]


@pytest.mark.parametrize("source", CONSUMERS, ids=lambda source: str(source.queue))
def test_a_worker_may_be_given_nothing(database: str, source: Any) -> None:
    answer = handler_of(source.function)({"Records": []}, None)

    assert failed(answer) == []


@pytest.mark.parametrize("source", GRAVES, ids=lambda source: str(source.queue))
def test_whatever_died_is_buried_once(database: str, source: Any, sql: Sql) -> None:
    event = recorded.batch(source.queue, TASK, *NO_TASKS)

    answers = [handler_of(source.function)(event, None) for _ in range(2)]

    assert [failed(answer) for answer in answers] == [[], []]
    queue = next(queue for queue in Queue if queue in source.queue.lower())
    assert count(sql, "dead_letters", queue=queue) == 1 + len(NO_TASKS)
    assert count(sql, "dead_letters", subject_id=NOBODYS) == 1


@pytest.mark.parametrize("schedule", product().schedules, ids=lambda s: str(s.function))
def test_a_schedule_finds_nothing_to_do_in_an_empty_house(
    database: str, schedule: Any
) -> None:
    event = {"version": "0", "source": "aws.scheduler", "detail": {}}

    done = handler_of(schedule.function)(event, None)

    assert set(done.values()) <= {0}
