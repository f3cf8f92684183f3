"""New code as soon as it is saved: workers are renewed, running invocations end first.

A change under a function's folder renews that function, any other change renews all.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path

from watchfiles import PythonFilter, awatch

type Reload = Callable[[Sequence[str] | None], None]


def affected(changed: set[Path], folders: Mapping[str, Path]) -> list[str] | None:
    """Return the functions whose folders hold the changes, None if all must renew."""
    owners = {
        path: [name for name, folder in folders.items() if path.is_relative_to(folder)]
        for path in changed
    }
    if not all(owners.values()):
        return None
    return sorted({name for names in owners.values() for name in names})


@contextlib.asynccontextmanager
async def watching(
    roots: Sequence[Path], folders: Mapping[str, Path], reload: Reload
) -> AsyncGenerator[None]:
    """Watch Python files below some folders while the block runs."""
    stop = asyncio.Event()
    task = asyncio.create_task(_watch(roots, folders, reload, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def _watch(
    roots: Sequence[Path],
    folders: Mapping[str, Path],
    reload: Reload,
    stop: asyncio.Event,
) -> None:
    existing = [root for root in roots if root.is_dir()]
    if not existing:
        return
    async for changes in awatch(
        *existing, watch_filter=PythonFilter(), stop_event=stop, debounce=200
    ):
        reload(affected({Path(path) for _, path in changes}, folders))
