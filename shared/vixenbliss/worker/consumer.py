"""How a batch of records becomes calls, and which of them SQS is to deliver again."""

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from vixenbliss.deadline import time_to_ask
from vixenbliss.errors import (
    DatabaseError,
    DatabaseUnavailableError,
    ProviderError,
    QueueNotFoundError,
    SettingMissingError,
)
from vixenbliss.jobs.messages import Queue, Task
from vixenbliss.log import log
from vixenbliss.loop import run
from vixenbliss.providers.sqs import Queues
from vixenbliss.services.burying import Poison
from vixenbliss.settings import settings

type Work = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, float]]]
"""Works on the rows of these ids; returns those to come again, in so many seconds."""
type Record = Mapping[str, Any]
type Handler = Callable[[dict[str, Any], object], dict[str, Any]]

WAIT_AFTER_CRASH_S = 30
"""Doubled with each delivery: within five, a database may be away for seven minutes."""
MAX_WAIT_S = 900
_OF_DEAD_LETTERS = re.compile(rf"({'|'.join(Queue)})-?dead-?letters")


def consume(queue: Queue, make: Callable[[], Work]) -> Handler:
    """Return a Lambda handler that reports exactly the records to be delivered again.

    ``make`` puts the work together once, at the container's first batch.
    """
    made: list[Work] = []

    def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
        if not made:
            made.append(make())
        return run(_consume(queue, made[0], event["Records"]))

    return handler


def bury_all(bury: Callable[[Poison], Awaitable[None]]) -> Handler:
    """Return a Lambda handler for dead-letter queues, which are told by their names."""

    async def _bury_each(records: Sequence[Record]) -> dict[str, Any]:
        failed = []
        for record in records:
            try:
                await bury(_poison(record))
            except DatabaseError as error:
                log.error("message not buried", code=error.code, exc_info=error)
                failed.append(record)
        return _failures(failed)

    def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
        return run(_bury_each(event["Records"]))

    return handler


def _poison(record: Record) -> Poison:
    name = record["eventSourceARN"].rpartition(":")[2]
    return Poison(_buried_by(name), record["messageId"], record["body"])


def _buried_by(name: str) -> Queue:
    """Return whose dead letters a queue has: ``my-events-mail-dead-letters``, mail's.

    What stands before the last of them is the deployment's name, which may be anything;
    behind a name that CloudFormation has made up stand letters drawn by lot.

    Raises:
        QueueNotFoundError: they are none of ours.
    """
    found = _OF_DEAD_LETTERS.findall(name.lower())
    if not found:
        raise QueueNotFoundError
    return Queue(found[-1])


async def _consume(
    queue: Queue, work: Work, records: Sequence[Record]
) -> dict[str, Any]:
    by_id, poisonous = _read(records)
    log.set_correlation_id(_correlation_id(records))
    with time_to_ask(settings().time_to_ask_s):
        waits = await _work(work, list(by_id), wait_s=_wait_after_crash_s(records))
    waiting = [(record, waits[id_]) for id_ in waits for record in by_id[id_]]
    await _show_again(queue, waiting)
    failed = [record for record, _ in waiting] + poisonous
    log.info("batch worked", queue=queue, records=len(records), again=len(failed))
    return _failures(failed)


async def _work(
    work: Work, ids: Sequence[UUID], *, wait_s: float
) -> Mapping[UUID, float]:
    """Do the work, together if that goes well and else one by one.

    So a row that no code of ours can bear takes no other down with it; it comes again
    when the wait is over.
    """
    waits = await _attempt(work, ids, wait_s=wait_s)
    if waits is not None:
        return waits
    if len(ids) == 1:
        return {ids[0]: wait_s}
    parts = [await _work(work, [task_id], wait_s=wait_s) for task_id in ids]
    return {task_id: wait for part in parts for task_id, wait in part.items()}


async def _attempt(
    work: Work, ids: Sequence[UUID], *, wait_s: float
) -> Mapping[UUID, float] | None:
    """Return what the work says; None if it crashed, and nobody knows on what."""
    try:
        return await work(ids) if ids else {}
    except DatabaseUnavailableError:
        return dict.fromkeys(ids, wait_s)
    except Exception as error:  # noqa: BLE001 - the record border: whatever it is, it is SQS's turn
        log.error("batch crashed", error=type(error).__name__, exc_info=error)
        return None


def _wait_after_crash_s(records: Sequence[Record]) -> float:
    received = (int(r["attributes"]["ApproximateReceiveCount"]) for r in records)
    return min(WAIT_AFTER_CRASH_S * 2.0 ** (max(received, default=1) - 1), MAX_WAIT_S)


def _failures(records: Sequence[Record]) -> dict[str, Any]:
    """Return the answer by which SQS delivers exactly these records again."""
    return {
        "batchItemFailures": [
            {"itemIdentifier": record["messageId"]} for record in records
        ]
    }


def _read(records: Sequence[Record]) -> tuple[dict[UUID, list[Record]], list[Record]]:
    """Return the records by the row they mean, and those that mean none."""
    by_id: dict[UUID, list[Record]] = defaultdict(list)
    poisonous = []
    for record in records:
        try:
            by_id[Task.model_validate_json(record["body"]).id].append(record)
        except ValidationError:
            log.error("record is no task", message_id=record["messageId"])
            poisonous.append(record)
    return by_id, poisonous


async def _show_again(queue: Queue, waiting: Sequence[tuple[Record, float]]) -> None:
    """Have records delivered again when it is time, and not only after the timeout."""
    if not waiting:
        return
    receipts = [
        (record["receiptHandle"], min(int(wait_s) + 1, MAX_WAIT_S))
        for record, wait_s in waiting
    ]
    try:
        await Queues().show_again(queue, receipts)
    except (ProviderError, SettingMissingError) as error:
        log.warning("visibility not changed", code=error.code)


def _correlation_id(records: Sequence[Record]) -> str:
    """Return what ties a batch to the request behind its first record, if anything."""
    if not records:
        return ""
    attribute = records[0].get("messageAttributes", {}).get("correlation_id", {})
    value: str = attribute.get("stringValue", "")
    return value
