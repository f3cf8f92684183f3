"""Queues without a queue: messages are taken from the outbox and given to workers."""

import asyncio
import itertools
import json
from collections.abc import Sequence
from typing import Any

import psycopg

from tests.support.api import renewed_handler_of
from vixenbliss.loop import container_loop
from vixenbliss.settings import Settings, settings

WORKERS = {
    "generate": "GenerateContentFunction",
    "finish": "FinishContentFunction",
    "moderate": "ModerateContentFunction",
    "publish": "PublishPostsFunction",
    "confirm": "ConfirmPostsFunction",
    "events": "ApplyEventsFunction",
    "refund": "SendRefundsFunction",
    "reconcile": "ReconcileLedgerFunction",
    "mail": "SendMailFunction",
    "privacy": "FulfilRequestsFunction",
    "measure": "MeasurePostsFunction",
    "rollup": "RollUpDaysFunction",
}
_numbers = itertools.count(1)


def record(body: str, queue: str = "generate") -> dict[str, Any]:
    """Return an SQS record as Lambda hands it to a function."""
    number = next(_numbers)
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:eu-west-1:123456789012:{queue}",
        "awsRegion": "eu-west-1",
    }


def dead_letter(body: str, queue: str) -> dict[str, Any]:
    """Return a record that has died in a queue, as Lambda hands it on."""
    return record(body, f"house-{queue}-dead-letters")


def left_running() -> list[str]:
    """Name what a container would be frozen with, and wake up with some other time."""
    tasks = asyncio.all_tasks(container_loop())
    return [task.get_coro().__qualname__ for task in tasks]  # type: ignore[union-attr]  # a coroutine has a name


class Workers:
    """The workers, fed from the outbox."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._seen: set[int] = set()
        self._containers: dict[str, tuple[Settings, Any]] = {}

    def run(self, queue: str, *ids: object) -> list[str]:
        """Give a worker these ids in one batch; return the ids it wants again."""
        records = [record(json.dumps({"id": str(i)}), queue) for i in ids]
        return self.run_records(queue, records)

    def run_records(self, queue: str, records: Sequence[dict[str, Any]]) -> list[str]:
        answer = self._handler(queue)({"Records": list(records)}, None)
        failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
        return [r["body"] for r in records if r["messageId"] in failed]

    def _handler(self, queue: str) -> Any:
        """Return a worker's handler; where settings have changed, a new container's."""
        surroundings, handler = self._containers.get(queue, (None, None))
        if surroundings is not settings():
            handler = renewed_handler_of(WORKERS[queue])
            self._containers[queue] = (settings(), handler)
        return handler

    def waiting(self, queue: str) -> list[str]:
        """Return the ids in the outbox that no worker has been given yet."""
        with psycopg.connect(self._url) as connection:
            rows = connection.execute(
                "select id, subject_id from outbox where queue = %s order by id",
                (queue,),
            ).fetchall()
        fresh = {row_id: str(subject) for row_id, subject in rows}
        fresh = {row_id: s for row_id, s in fresh.items() if row_id not in self._seen}
        self._seen.update(fresh)
        return list(fresh.values())

    def deliver(self, queue: str) -> list[str]:
        """Give a worker all that waits for it; return the ids it was given."""
        ids = self.waiting(queue)
        if ids:
            self.run(queue, *ids)
        return ids

    def drain(self, *queues: str) -> None:
        """Deliver until nothing waits any more."""
        wanted = queues or tuple(WORKERS)
        while sum(len(self.deliver(queue)) for queue in wanted):
            pass
