"""A stack for synchronous tests: it lives in a thread with an event loop of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Generator, Sequence
from concurrent.futures import Future

from tests.stack.aws import Aws
from tests.stack.databases import Database
from tests.stack.options import Options
from tests.stack.stack import Depth, Stack
from tests.stack.stand_ins import StandIns
from tests.stack.wire import Json


class RunningStack:
    """The methods of ``Stack``, without ``await``."""

    def __init__(self, stack: Stack, loop: asyncio.AbstractEventLoop) -> None:
        self.stack = stack
        self._loop = loop

    @property
    def api(self) -> str:
        """Return the address of the API, without a slash at its end."""
        return self.stack.api

    @property
    def database_url(self) -> str:
        """Return the address of the database, empty if there is none."""
        return self.stack.database_url

    @property
    def database(self) -> Database | None:
        """Return the database; a test may kill and restart its server."""
        return self.stack.database

    @property
    def aws(self) -> Aws:
        """Return AWS's clients."""
        return self.stack.aws

    @property
    def stand_ins(self) -> StandIns | None:
        """Return the providers' stand-ins, if any run."""
        return self.stack.stand_ins

    def ref(self, logical_id: str) -> str:
        """Return a queue's URL, a bucket's name, a secret's ARN or a key's id."""
        return self.stack.ref(logical_id)

    def invoke(self, function: str, event: Json) -> Json:
        """Run a function once and return its result."""
        return self._do(self.stack.invoke(function, event))

    def fire(self, function: str) -> Json:
        """Run a scheduled function now and return its result."""
        return self._do(self.stack.fire(function))

    def kill_workers(self, function: str, *, most: int | None = None) -> int:
        """Kill all workers of a function at once, or the oldest; return how many."""
        return self._do(self.stack.kill_workers(function, most=most))

    def reload(self, functions: Sequence[str] | None = None) -> None:
        """Renew the workers of some functions, or of all."""
        self._do(self.stack.reload(functions))

    def queue_depths(self) -> dict[str, Depth]:
        """Return how full each queue is, by logical id."""
        return self._do(self.stack.queue_depths())

    def function_log(self, function: str) -> str:
        """Return all that a function has printed and logged."""
        return self.stack.function_log(function)

    def note(self, key: str, value: Json) -> None:
        """Add something to stack.json."""
        self.stack.note(key, value)

    def _do[T](self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


@contextlib.contextmanager
def running_stack(options: Options) -> Generator[RunningStack]:
    """Run a stack while the block runs.

    Raises:
        StackError: in one sentence, what is in the way.
    """
    life = _Life(options)
    life.start()
    try:
        yield life.running.result()
    finally:
        life.end()


class _Life(threading.Thread):
    """The thread; its children die with it, so it stays to the end."""

    def __init__(self, options: Options) -> None:
        super().__init__(name="stack")
        self._options = options
        self._loop: Future[asyncio.AbstractEventLoop] = Future()
        self._enough = asyncio.Event()
        self.running: Future[RunningStack] = Future()
        self._failure: BaseException | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._live())
        except BaseException as error:  # noqa: BLE001 - the other thread raises it
            self._failure = error
            if not self.running.done():
                self.running.set_exception(error)

    def end(self) -> None:
        """Stop the stack; what goes wrong then is raised here."""
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            self._loop.result().call_soon_threadsafe(self._enough.set)
        self.join()
        if self._failure is not None and not self.running.exception():
            raise self._failure

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        self._loop.set_result(loop)
        async with Stack(self._options) as stack:
            self.running.set_result(RunningStack(stack, loop))
            await self._enough.wait()
