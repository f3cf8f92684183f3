"""How a batch of records becomes calls, and which of them SQS is to deliver again."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from vixenbliss.errors import (
    DatabaseError,
    DatabaseUnavailableError,
    ProviderError,
    SettingMissingError,
)
from vixenbliss.jobs.messages import Queue, Task
from vixenbliss.log import log
from vixenbliss.loop import run
from vixenbliss.providers.sqs import Queues
from vixenbliss.services.burying import Poison

type Work = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, float]]]
"""Works on the rows of these ids; returns those to come again, after so many seconds."""
type Record = Mapping[str, Any]
type Handler = Callable[[dict[str, Any], object], dict[str, Any]]

AGAIN_AFTER_CRASH_S = 30
MAX_WAIT_S = 900


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
            except DatabaseError:
                failed.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failed}

    def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
        return run(_bury_each(event["Records"]))

    return handler


def _poison(record: Record) -> Poison:
    name = record["eventSourceARN"].rpartition(":")[2].lower()
    queue = next(queue for queue in Queue if queue in name)
    return Poison(queue, record["messageId"], record["body"])


async def _consume(
    queue: Queue, work: Work, records: Sequence[Record]
) -> dict[str, Any]:
    by_id, poisonous = _read(records)
    correlation_id = _correlation_id(records[0]) if records else None
    log.set_correlation_id(correlation_id or "")
    again = await _work(work, list(by_id))
    waiting = [
        (record, _seconds(again[task_id]))
        for task_id in again
        for record in by_id[task_id]
    ]
    await _show_again(queue, waiting)
    failed = [record for record, _ in waiting] + poisonous
    log.info("batch worked", queue=queue, records=len(records), again=len(failed))
    return {
        "batchItemFailures": [
            {"itemIdentifier": record["messageId"]} for record in failed
        ]
    }


async def _work(work: Work, ids: Sequence[UUID]) -> Mapping[UUID, float]:
    """Do the work, together if that goes well and else one by one.

    So a row that no code of ours can bear takes no other down with it.
    """
    if not ids:
        return {}
    try:
        return await work(ids)
    except DatabaseUnavailableError:
        return dict.fromkeys(ids, AGAIN_AFTER_CRASH_S)
    except Exception as error:  # noqa: BLE001 - the record border: whatever it is, it is SQS's turn
        log.error("batch crashed", error=type(error).__name__, exc_info=error)
    if len(ids) == 1:
        return {ids[0]: AGAIN_AFTER_CRASH_S}
    parts = [await _work(work, [task_id]) for task_id in ids]
    return {task_id: wait for part in parts for task_id, wait in part.items()}


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


async def _show_again(queue: Queue, waiting: Sequence[tuple[Record, int]]) -> None:
    """Have records delivered again when it is time, and not only after the timeout."""
    receipts = [(record["receiptHandle"], wait_s) for record, wait_s in waiting]
    if not receipts:
        return
    try:
        await Queues().show_again(queue, receipts)
    except (ProviderError, SettingMissingError) as error:
        log.warning("visibility not changed", code=error.code)


def _seconds(wait_s: float) -> int:
    return min(int(wait_s) + 1, MAX_WAIT_S)


def _correlation_id(record: Record) -> str | None:
    attribute = record.get("messageAttributes", {}).get("correlation_id", {})
    value: str | None = attribute.get("stringValue")
    return value
