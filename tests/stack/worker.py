"""One worker: a process that runs one invocation after the other, as on Lambda."""

import asyncio
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tests.stack import children
from tests.stack.children import Child
from tests.stack.errors import InvocationError
from tests.stack.runtime_api import RuntimeApi, Work
from tests.stack.wire import JsonObject

INIT_LIMIT_S = 60.0
"""Lambda allows 10 s, but has a processor for each worker; we may have two for all."""
RESTORE_LIMIT_S = 10.0
"""For what is done after a restore (Lambda guide, "Runtime hooks for SnapStart")."""
ON_DEMAND = "on-demand"
SNAP_START = "snap-start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What a worker of a function runs, and with what around it."""

    function: str
    arn: str
    handler: str
    folder: Path
    environment: Mapping[str, str]
    timeout_s: float
    log: Path
    python: Path = Path(sys.executable)
    initialization: str = ON_DEMAND


@dataclass(slots=True)
class Invocation:
    """One call of a function; ``done`` gets its response or its error."""

    payload: bytes
    done: asyncio.Future[bytes]
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def succeed(self, response: bytes) -> None:
        """Hand over the response, unless it is too late."""
        if not self.done.done():
            self.done.set_result(response)

    def fail(self, error: JsonObject) -> None:
        """Hand over the error, unless it is too late."""
        if not self.done.done():
            kind = str(error.get("errorType", "Unhandled"))
            self.done.set_exception(InvocationError(kind, error))


class Owner(Protocol):
    """Who a worker works for."""

    async def take(self, worker: "Worker") -> Invocation:
        """Wait for the worker's next invocation."""

    def lose(self, worker: "Worker") -> None:
        """Learn that a worker's process has ended."""


class Worker:
    """A process and what we know of it.

    It is starting until it first asks for work, then idle or busy. A retired worker
    finishes what it has and gets nothing more.
    """

    def __init__(self, program: Program, owner: Owner) -> None:
        self._program = program
        self._owner = owner
        self._current: Invocation | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.is_starting = True
        self.is_retired = False
        self.start_error: JsonObject | None = None

    async def run(self) -> None:
        """Start the process and stay until it has ended, however it ends."""
        self._set_timer(INIT_LIMIT_S)
        try:
            async with RuntimeApi(self) as api:
                self._process = await children.spawn(self._child(api.address))
                if self.is_retired:  # while it was being started
                    self.kill()
                await self._process.wait()
        except OSError as error:
            self.start_error = _exit_error("-", f"cannot start: {error}")
        finally:
            self._bury()

    def retire(self) -> None:
        """Take no more work; a process with nothing to finish is killed."""
        self.is_retired = True
        if self._current is None:
            self.kill()

    def kill(self) -> None:
        """Kill the process; what it was doing fails with ``Runtime.ExitError``."""
        self.is_retired = True
        if self._process is not None:
            children.kill(self._process.pid)

    async def next_work(self) -> Work:
        """Answer the process's wish for work (Runtime API)."""
        self._clear_timer()
        self._current = None
        self.is_starting = False
        if self.is_retired:
            self.kill()
            await asyncio.Event().wait()
        self._current = await self._owner.take(self)
        self._set_timer(self._program.timeout_s)
        return self._work(self._current)

    async def restore(self) -> None:
        """Let the process go on as its only clone: the snapshot is its memory itself.

        Until it asks for work it has the time that Lambda gives to what comes next.
        """
        self._set_timer(RESTORE_LIMIT_S)

    def succeed(self, request_id: str, response: bytes) -> None:
        """Take the response of the current invocation (Runtime API)."""
        if self._current and self._current.request_id == request_id:
            self._clear_timer()
            self._current.succeed(response)

    def fail(self, request_id: str, error: JsonObject) -> None:
        """Take the error of the current invocation (Runtime API)."""
        if self._current and self._current.request_id == request_id:
            self._clear_timer()
            self._current.fail(error)

    def fail_to_start(self, error: JsonObject) -> None:
        """Take the error of the import, or of a hook (Runtime API)."""
        self.start_error = error
        self.kill()

    def _child(self, address: str) -> Child:
        surroundings = {
            **self._program.environment,
            "AWS_LAMBDA_INITIALIZATION_TYPE": self._program.initialization,
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_LAMBDA_LOG_STREAM_NAME": f"local/[$LATEST]{uuid.uuid4().hex}",
        }
        python, handler = str(self._program.python), self._program.handler
        return Child(
            program=[python, "-m", "awslambdaric", handler],
            environment=surroundings,
            folder=self._program.folder,
            log=self._program.log,
        )

    def _work(self, invocation: Invocation) -> Work:
        now = time.time()
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(
                int((now + self._program.timeout_s) * 1000)
            ),
            "Lambda-Runtime-Invoked-Function-Arn": self._program.arn,
            "Lambda-Runtime-Trace-Id": f"Root=1-{int(now):x}-{uuid.uuid4().hex[:24]}",
        }
        return Work(invocation.request_id, invocation.payload, headers)

    def _set_timer(self, seconds: float) -> None:
        self._clear_timer()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(seconds, self._time_out, seconds)

    def _clear_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _time_out(self, seconds: float) -> None:
        request_id = self._current.request_id if self._current else "-"
        error: JsonObject = {
            "errorType": "Sandbox.Timedout",
            "errorMessage": f"RequestId: {request_id} Error: Task timed out after"
            f" {seconds:.2f} seconds",
        }
        self._note(str(error["errorMessage"]))
        if self._current:
            self._current.fail(error)
        else:
            self.start_error = error
        self.kill()

    def _bury(self) -> None:
        self._clear_timer()
        code = self._process.returncode if self._process else None
        if self._process is not None:
            children.kill(self._process.pid)  # whatever it left behind
        self._explain(_words_for(code))
        self._owner.lose(self)

    def _explain(self, reason: str) -> None:
        """Tell whoever waits for this worker that its process has ended."""
        if self._current and not self._current.done.done():
            error = _exit_error(self._current.request_id, reason)
            self._note(str(error["errorMessage"]))
            self._current.fail(error)
        elif self.is_starting and not self.is_retired and not self.start_error:
            self.start_error = _exit_error("-", reason)

    def _note(self, line: str) -> None:
        with self._program.log.open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")


def _words_for(code: int | None) -> str:
    if code is None or code < 0:
        return "Runtime exited with error: signal: killed"
    return f"Runtime exited with error: exit status {code}"


def _exit_error(request_id: str, reason: str) -> JsonObject:
    return {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {request_id} Error: {reason}",
    }
