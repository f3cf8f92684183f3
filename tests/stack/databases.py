"""The database under a stack: a fresh one of our own, or the one that was given."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path

from tests.stack.postgres import Postgres

DATABASE = "vixenbliss"


@dataclass(frozen=True, slots=True)
class Database:
    """Where it is; the server is None if it is not ours."""

    url: str
    server: Postgres | None

    @property
    def detail(self) -> str:
        """Say in a few words where it is."""
        if self.server is None:
            return "as given"
        where = f"port {self.server.port}"
        return (
            f"{where}, in {self.server.folder}" if self.server.is_elsewhere else where
        )


@contextlib.asynccontextmanager
async def opened(
    url: str | None, folder: Path, *, durable: bool, log: Path
) -> AsyncGenerator[Database]:
    """Yield the given database as it is, or an empty one on our own server.

    The initialised server is kept for a quick second start, its rows are not: the AWS
    stand-in forgets too, and rows would point at files that are gone.
    """
    if url is not None:
        yield Database(url, None)
        return
    server = Postgres(folder, durable=durable, log=log)
    try:
        await _to_its_end(server.prepare)
        server.launch()  # from this thread, which lives as long as the stack
        yield Database(await _to_its_end(lambda: _fresh(server)), server)
    finally:
        await _to_its_end(server.stop)


def _fresh(server: Postgres) -> str:
    server.wait_until_ready()
    server.drop(DATABASE)
    return server.create(DATABASE)


async def _to_its_end[T](function: Callable[[], T]) -> T:
    """Run in a thread; when cancelled, let the thread finish before giving up."""
    task = asyncio.create_task(asyncio.to_thread(function))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
