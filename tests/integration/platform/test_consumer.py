"""How a batch of records becomes calls, and which of them come again."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import boto3
import pytest

from tests.conftest import Set
from tests.support.logs import listening
from tests.support.workers import record
from vixenbliss.deadline import time_left_s
from vixenbliss.errors import DatabaseUnavailableError
from vixenbliss.ids import new_id
from vixenbliss.jobs.messages import Queue
from vixenbliss.worker.consumer import consume

type Answer = Mapping[UUID, float]
IDS = [new_id() for _ in range(10)]


class Work:
    """Work that goes well, but for what a test wants."""

    def __init__(
        self, *, poison: Sequence[UUID] = (), waits: Answer | None = None
    ) -> None:
        self.calls: list[list[UUID]] = []
        self._poison = set(poison)
        self._waits = waits or {}

    async def __call__(self, ids: Sequence[UUID]) -> Answer:
        self.calls.append(list(ids))
        if self._poison & set(ids):
            raise RuntimeError("canary")
        return {id_: wait for id_, wait in self._waits.items() if id_ in ids}

    @property
    def alone(self) -> list[UUID]:
        """What was worked on one by one."""
        return [ids[0] for ids in self.calls if len(ids) == 1]


def body(id_: UUID) -> str:
    return json.dumps({"id": str(id_)})


def given(
    work: Callable[[Sequence[UUID]], Awaitable[Answer]], *bodies: str
) -> tuple[list[dict[str, Any]], list[str]]:
    """Give a worker a batch; return the records, and the ids of those to come again."""
    records = [record(body) for body in bodies]
    answer = consume(Queue.FINISH, lambda: work)({"Records": records}, None)
    return records, [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def test_a_batch_that_goes_well_is_one_call() -> None:
    work = Work()

    _, again = given(work, *map(body, IDS))

    assert again == []
    assert work.calls == [IDS]


def test_half_of_the_lease_is_for_asking(surroundings: Set) -> None:
    surroundings(LEASE_S="40")
    left_s = []

    async def work(_: Sequence[UUID]) -> Answer:
        left_s.append(time_left_s())
        return {}

    given(work, body(IDS[0]))

    assert left_s == [pytest.approx(20, abs=1)]


def test_an_empty_batch_is_no_call() -> None:
    work = Work()

    _, again = given(work)

    assert again == []
    assert work.calls == []


@pytest.mark.parametrize(
    "malformed", ["", "{", "null", "{}", '{"id": 7}', '{"id": "x"}', "\x00", "[1]"]
)
def test_a_malformed_record_comes_again_and_the_others_do_not(malformed: str) -> None:
    work = Work()

    records, again = given(work, body(IDS[0]), malformed, body(IDS[1]))

    assert again == [records[1]["messageId"]]
    assert work.calls == [IDS[:2]]


@pytest.mark.parametrize("place", [0, 4, 9])
def test_one_poison_among_ten_is_the_only_one_to_come_again(place: int) -> None:
    work = Work(poison=[IDS[place]])

    records, again = given(work, *map(body, IDS))

    assert again == [records[place]["messageId"]]
    assert work.alone == IDS


def test_a_poison_alone_is_tried_once_a_delivery() -> None:
    work = Work(poison=[IDS[0]])

    records, again = given(work, body(IDS[0]))

    assert again == [records[0]["messageId"]]
    assert len(work.calls) == 1


def test_all_poison_comes_again() -> None:
    records, again = given(Work(poison=IDS), *map(body, IDS))

    assert again == [record["messageId"] for record in records]


def test_what_the_work_wants_again_comes_again() -> None:
    records, again = given(Work(waits={IDS[1]: 5}), *map(body, IDS[:3]))

    assert again == [records[1]["messageId"]]


def test_a_row_that_is_meant_twice_is_worked_on_once() -> None:
    work = Work(waits={IDS[0]: 5})

    records, again = given(work, body(IDS[0]), body(IDS[1]), body(IDS[0]))

    assert work.calls == [IDS[:2]]
    assert again == [records[0]["messageId"], records[2]["messageId"]]


def test_without_a_database_all_come_again_and_nothing_is_tried_alone() -> None:
    calls: list[Sequence[UUID]] = []

    async def work(ids: Sequence[UUID]) -> Answer:
        calls.append(ids)
        raise DatabaseUnavailableError

    records, again = given(work, *map(body, IDS))

    assert len(again) == len(records)
    assert len(calls) == 1


def test_work_that_cannot_be_put_together_fails_the_batch_and_is_tried_again() -> None:
    tries: list[int] = []

    def make() -> Work:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError
        return Work()

    handler = consume(Queue.FINISH, make)
    with pytest.raises(RuntimeError):
        handler({"Records": [record(body(IDS[0]))]}, None)

    answer = handler({"Records": [record(body(IDS[0]))]}, None)

    assert answer == {"batchItemFailures": []}


def test_work_is_put_together_once_for_a_container() -> None:
    made: list[Work] = []

    def make() -> Work:
        made.append(Work())
        return made[-1]

    handler = consume(Queue.FINISH, make)
    for _ in range(3):
        handler({"Records": [record(body(IDS[0]))]}, None)

    assert len(made) == 1


def test_a_crash_is_an_error_in_the_log_and_trouble_is_none() -> None:
    with listening() as lines:
        given(Work(poison=[IDS[0]]), body(IDS[0]))
        given(Work(waits={IDS[0]: 1}), body(IDS[0]))

    errors = [entry for entry in lines.entries if entry["level"] == "ERROR"]
    assert [entry["error"] for entry in errors] == ["RuntimeError"]


def test_the_body_of_a_record_is_not_logged() -> None:
    with listening() as lines:
        given(Work(), '{"id": "canary@example.com"}')

    assert "record is no task" in lines.messages
    assert "canary" not in lines.text


def test_a_batch_is_logged_under_the_request_it_comes_from() -> None:
    sent = record(body(IDS[0]))
    sent["messageAttributes"] = {"correlation_id": {"stringValue": "request-of-luna"}}

    with listening() as lines:
        consume(Queue.FINISH, Work)({"Records": [sent]}, None)

    (entry,) = lines.entries
    assert entry["correlation_id"] == "request-of-luna"
    assert (entry["records"], entry["again"]) == (1, 0)


def test_what_comes_again_comes_when_it_is_time(
    aws: dict[str, str], surroundings: Set
) -> None:
    client = boto3.client("sqs")
    url = client.create_queue(QueueName="finish-of-a-test")["QueueUrl"]
    surroundings(QUEUE_URL_FINISH=url)
    client.send_message(QueueUrl=url, MessageBody=body(IDS[0]))
    (taken,) = client.receive_message(QueueUrl=url, VisibilityTimeout=600)["Messages"]
    sent = record(taken["Body"]) | {"receiptHandle": taken["ReceiptHandle"]}

    consume(Queue.FINISH, lambda: Work(waits={IDS[0]: 0}))({"Records": [sent]}, None)

    again = client.receive_message(QueueUrl=url, WaitTimeSeconds=5)
    assert [message["MessageId"] for message in again["Messages"]] == [
        taken["MessageId"]
    ]
