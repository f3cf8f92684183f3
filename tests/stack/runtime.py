"""Functions as pools of worker processes: cold starts, limits, crashes, reloads.

Worker processes start on demand and stay until the function is reloaded or the stack
ends. Invocations that find no free worker wait; nothing is throttled.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable, Mapping

from tests.stack.errors import RequestTooLargeError, UnknownNameError
from tests.stack.wire import JsonObject
from tests.stack.worker import Invocation, Program, Worker

REQUEST_LIMIT = 6 * 1024 * 1024
"""Bytes of a synchronous invocation's payload.

Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

_CLOSING: JsonObject = {
    "errorType": "Runtime.ExitError",
    "errorMessage": "The local stack is stopping.",
}


class Pool:
    """The workers of one function, and who waits for them."""

    def __init__(self, program: Program, *, parallelism: int) -> None:
        self.program = program
        self.parallelism = parallelism
        self._workers: dict[Worker, asyncio.Task[None]] = {}
        self._idle: dict[Worker, asyncio.Future[Invocation]] = {}
        self._waiting: deque[Invocation] = deque()
        self._is_closed = False

    async def invoke(self, payload: bytes) -> bytes:
        """Run the function once and return the bytes of its JSON result.

        Raises:
            RequestTooLargeError: the payload is over 6 MB.
            InvocationError: the function failed, timed out, crashed or cannot start.
        """
        if len(payload) > REQUEST_LIMIT:
            raise RequestTooLargeError(len(payload), REQUEST_LIMIT)
        done: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        invocation = Invocation(payload, done)
        self._waiting.append(invocation)
        self._balance()
        try:
            return await done
        finally:
            with contextlib.suppress(ValueError):
                self._waiting.remove(invocation)

    async def take(self, worker: Worker) -> Invocation:
        """Wait for work on behalf of a worker that has none."""
        promise: asyncio.Future[Invocation]
        promise = asyncio.get_running_loop().create_future()
        self._idle[worker] = promise
        self._balance()
        try:
            return await promise
        except asyncio.CancelledError:
            if promise.done() and not promise.cancelled():  # the worker just died
                self._waiting.appendleft(promise.result())
            raise

    def lose(self, worker: Worker) -> None:
        """Forget a worker that ended.

        If it could not even start and no other has, all who wait hear why: they would
        only see the same failure again.
        """
        self._workers.pop(worker, None)
        if promise := self._idle.pop(worker, None):
            promise.cancel()
        if worker.start_error and all(other.is_starting for other in self._workers):
            while self._waiting:
                self._waiting.popleft().fail(worker.start_error)
        self._balance()

    def reload(self) -> None:
        """Let running invocations end on the old code and run the next on the new."""
        for worker in list(self._workers):
            self._forsake(worker)
            worker.retire()

    def kill(self, most: int | None = None) -> int:
        """Kill worker processes at once, the oldest first; return how many."""
        workers = list(self._workers)[:most]
        for worker in workers:
            self._forsake(worker)
            worker.kill()
        return len(workers)

    async def close(self) -> None:
        """Kill the workers and wait until they are gone."""
        self._is_closed = True
        while self._waiting:
            self._waiting.popleft().fail(_CLOSING)
        tasks = list(self._workers.values())
        self.kill()
        _, stuck = await asyncio.wait(tasks, timeout=5) if tasks else (set(), set())
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)

    def _forsake(self, worker: Worker) -> None:
        if promise := self._idle.pop(worker, None):
            promise.cancel()

    def _balance(self) -> None:
        while self._waiting and self._idle:
            _, promise = self._idle.popitem()
            promise.set_result(self._waiting.popleft())
        if not self._is_closed:
            for _ in range(self._missing()):
                self._hire()

    def _missing(self) -> int:
        """Return how many more workers are needed, negative if there are enough."""
        serving = [worker for worker in self._workers if not worker.is_retired]
        coming = sum(worker.is_starting for worker in serving)
        return min(len(self._waiting) - coming, self.parallelism - len(serving))

    def _hire(self) -> None:
        worker = Worker(self.program, self)
        self._workers[worker] = asyncio.get_running_loop().create_task(worker.run())


class Runtime:
    """All functions of a template, by logical name."""

    def __init__(self, pools: Mapping[str, Pool]) -> None:
        self._pools = pools

    async def invoke(self, function: str, payload: bytes) -> bytes:
        """Run a function once; see ``Pool.invoke``."""
        return await self.pool(function).invoke(payload)

    def pool(self, function: str) -> Pool:
        """Return a function's workers.

        Raises:
            UnknownNameError: there is no such function.
        """
        if function not in self._pools:
            raise UnknownNameError(function, "function")
        return self._pools[function]

    def reload(self, functions: Iterable[str] | None = None) -> None:
        """Renew the workers of some functions, or of all."""
        for function in self._pools if functions is None else functions:
            self.pool(function).reload()

    async def close(self) -> None:
        """End all workers."""
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))
