"""A running stack and what one can do with it."""

import asyncio
import json
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.stack import assembly
from tests.stack.assembly import Parts
from tests.stack.aws import Aws
from tests.stack.databases import Database
from tests.stack.errors import UnknownNameError
from tests.stack.notes import Notes
from tests.stack.options import Options
from tests.stack.stand_ins import StandIns
from tests.stack.wire import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages a queue holds, as SQS counts them."""

    visible: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        """Return how many there are in all."""
        return self.visible + self.in_flight + self.delayed


class Stack:
    """The product on this machine, while the ``async with`` block runs."""

    def __init__(self, options: Options) -> None:
        self.options = replace(
            options, root=options.root.resolve(), local=options.folder.resolve()
        )
        self._exits = AsyncExitStack()
        self._notes = Notes(self.options.folder / "stack.json")
        self._parts: Parts | None = None

    async def __aenter__(self) -> Self:
        """Start everything, or nothing.

        Raises:
            StackError: in one sentence, what is in the way.
        """
        async with AsyncExitStack() as exits:
            self._parts = await assembly.assemble(self.options, exits)
            exits.callback(self._notes.remove)
            self._notes.write(**self._addresses())
            self._exits = exits.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop everything in reverse order."""
        await self._exits.aclose()

    @property
    def parts(self) -> Parts:
        """Return what the stack consists of; only while it runs."""
        if self._parts is None:
            raise RuntimeError
        return self._parts

    @property
    def api(self) -> str:
        """Return the address of the API, without a slash at its end."""
        return self.parts.api

    @property
    def database_url(self) -> str:
        """Return the address of the database, empty if there is none."""
        return self.parts.database.url if self.parts.database else ""

    @property
    def database(self) -> Database | None:
        """Return the database; a test may kill and restart its server."""
        return self.parts.database

    @property
    def aws(self) -> Aws:
        """Return AWS's clients, for threads."""
        return self.parts.aws

    @property
    def stand_ins(self) -> StandIns | None:
        """Return the providers' stand-ins, if any run."""
        return self.parts.stand_ins

    def ref(self, logical_id: str) -> str:
        """Return a queue's URL, a bucket's name, a secret's ARN or a key's id.

        Raises:
            UnknownNameError: the template has no such thing.
        """
        if logical_id not in self.parts.addresses.refs:
            raise UnknownNameError(logical_id, "resource")
        return self.parts.addresses.refs[logical_id]

    async def invoke(self, function: str, event: Json) -> Json:
        """Run a function once and return its result.

        Raises:
            InvocationError: it failed.
        """
        answer = await self.parts.runtime.invoke(function, json.dumps(event).encode())
        result: Json = json.loads(answer or b"null")
        return result

    async def fire(self, function: str) -> Json:
        """Run a scheduled function now and return its result.

        Raises:
            UnknownNameError: it has no schedule.
            InvocationError: it failed.
        """
        answer = await self.parts.schedules.fire(function)
        result: Json = json.loads(answer or b"null")
        return result

    async def kill_workers(self, function: str, *, most: int | None = None) -> int:
        """Kill all workers of a function at once, or the oldest; return how many.

        What they were doing fails as a crash; the next invocation starts a new one.
        """
        return self.parts.runtime.pool(function).kill(most)

    async def reload(self, functions: Sequence[str] | None = None) -> None:
        """Renew the workers of some functions, or of all."""
        self.parts.runtime.reload(functions)

    async def queue_depths(self) -> dict[str, Depth]:
        """Return how full each queue is, by logical id."""
        names = list(self.parts.template.queues)
        depths = await asyncio.gather(
            *(asyncio.to_thread(self._depth, name) for name in names)
        )
        return dict(zip(names, depths, strict=True))

    def function_log(self, function: str) -> str:
        """Return all that a function has printed and logged."""
        log = self.parts.runtime.pool(function).program.log
        return log.read_text(errors="replace") if log.exists() else ""

    def note(self, key: str, value: Json) -> None:
        """Add something to stack.json."""
        self._notes.write(**{key: value})

    def _depth(self, name: str) -> Depth:
        numbers = self.parts.aws.sqs.get_queue_attributes(
            QueueUrl=self.ref(name), AttributeNames=["All"]
        )["Attributes"]
        return Depth(
            visible=int(numbers["ApproximateNumberOfMessages"]),
            in_flight=int(numbers["ApproximateNumberOfMessagesNotVisible"]),
            delayed=int(numbers["ApproximateNumberOfMessagesDelayed"]),
        )

    def _addresses(self) -> JsonObject:
        addresses: JsonObject = {
            "pid": os.getpid(),
            "api": self.api,
            "database_url": self.database_url,
            "aws_endpoint": self.aws.endpoint,
            "logs": str(self._logs),
        }
        if self.stand_ins is not None:
            addresses["providers"] = {
                "replicate": self.stand_ins.replicate_base,
                "openai": self.stand_ins.openai_base,
                "control": self.stand_ins.control,
            }
            journals = self.stand_ins.journals
            addresses["journals"] = {name: str(p) for name, p in journals.items()}
        return addresses

    @property
    def _logs(self) -> Path:
        return self.options.folder / "logs"
