"""SQS event source mappings: poll, gather, filter, invoke, delete what succeeded.

Messages that are not deleted come back by themselves: visibility timeout, receive
count and dead letters are the queue's business, not ours. There is one poller for each
mapping, and polls are short, because moto's SQS answers one request at a time.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from tests.stack import batches, filters
from tests.stack.aws import Aws
from tests.stack.errors import InvocationError
from tests.stack.template import QueueSource
from tests.stack.wire import JsonObject

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

type Invoke = Callable[[str, bytes], Awaitable[bytes]]

_BUSY_S = 0.05
_IDLE_S = 0.5
_PATIENCE = 1.25
"""How fast an empty queue is asked more seldom: from busy to idle in some 2 s."""
_MOST_PER_CALL = 10  # SQS, ReceiveMessage and DeleteMessageBatch

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A mapping of the template, and where its queue really is."""

    source: QueueSource
    url: str
    arn: str
    parallelism: int
    sqs: "SQSClient | None" = None
    """Who polls, if it is not the stack itself: on AWS, the function's role."""


class Mapping:
    """The poller of one queue on behalf of one function."""

    def __init__(self, feed: Feed, aws: Aws, invoke: Invoke) -> None:
        self._feed = feed
        self._source = feed.source
        self._region = aws.region
        self._sqs = feed.sqs or aws.sqs
        self._invoke = invoke
        self._slots = asyncio.Semaphore(feed.parallelism)
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Poll until cancelled; batches under way are abandoned then."""
        pause = _BUSY_S
        try:
            while True:
                async with self._slots:
                    messages = await self._gather()
                if messages:
                    pause = _BUSY_S
                    await self._start(messages)
                else:
                    await asyncio.sleep(pause)
                    pause = min(_IDLE_S, pause * _PATIENCE)
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def work(self, messages: Sequence["MessageTypeDef"]) -> None:
        """Show a batch to the function and delete what it is done with."""
        region, arn = self._region, self._feed.arn
        records = {
            message["MessageId"]: batches.record_of(
                message, queue_arn=arn, region=region
            )
            for message in messages
        }
        shown = {
            message_id: record
            for message_id, record in records.items()
            if filters.passes(self._source.patterns, record)
        }
        staying = await self._show(shown) if shown else set()
        await self._delete(m for m in messages if m["MessageId"] not in staying)

    async def _start(self, messages: Sequence["MessageTypeDef"]) -> None:
        await self._slots.acquire()
        task = asyncio.create_task(self.work(messages))
        self._running.add(task)
        task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._slots.release()
        if not task.cancelled() and (error := task.exception()):
            _log.info("batch abandoned: %s", error)

    async def _show(self, records: dict[str, JsonObject]) -> set[str]:
        payload = json.dumps({"Records": list(records.values())}).encode()
        try:
            response = await self._invoke(self._source.function, payload)
        except InvocationError as error:
            _log.info("batch failed in %s: %s", self._source.function, error)
            return set(records)
        return batches.failed(
            response,
            list(records),
            reports_failures=self._source.reports_item_failures,
        )

    async def _gather(self) -> list["MessageTypeDef"]:
        """Collect a batch: what is there, and within the window what comes."""
        messages = await self._receive(self._source.batch_size)
        end = time.monotonic() + self._source.window_s
        while messages and time.monotonic() < end:
            missing = self._source.batch_size - len(messages)
            if missing == 0:
                break
            if more := await self._receive(missing):
                messages += more
            else:
                await asyncio.sleep(_BUSY_S)
        return messages

    async def _receive(self, most: int) -> list["MessageTypeDef"]:
        try:
            answer = await asyncio.to_thread(
                self._sqs.receive_message,
                QueueUrl=self._feed.url,
                MaxNumberOfMessages=min(_MOST_PER_CALL, most),
                WaitTimeSeconds=0,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        except (BotoCoreError, ClientError) as error:
            _log.info("cannot poll %s: %s", self._feed.url, error)
            return []
        return answer.get("Messages", [])

    async def _delete(self, messages: Iterable["MessageTypeDef"]) -> None:
        handles = [message["ReceiptHandle"] for message in messages]
        for start in range(0, len(handles), _MOST_PER_CALL):
            some = handles[start : start + _MOST_PER_CALL]
            await asyncio.to_thread(
                self._sqs.delete_message_batch,
                QueueUrl=self._feed.url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": handle}
                    for number, handle in enumerate(some)
                ],
            )


@contextlib.asynccontextmanager
async def polling(
    feeds: Iterable[Feed], aws: Aws, invoke: Invoke
) -> AsyncGenerator[None]:
    """Run all mappings."""
    tasks = [asyncio.create_task(Mapping(feed, aws, invoke).run()) for feed in feeds]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
