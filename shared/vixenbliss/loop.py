"""One event loop a container: its database and HTTP connections belong to it."""

import asyncio
from collections.abc import Awaitable, Coroutine
from functools import cache
from typing import Any


@cache
def container_loop() -> asyncio.AbstractEventLoop:
    """Return the container's event loop."""
    return asyncio.new_event_loop()


def run[Result](work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end on the container's loop.

    Not ``asyncio.run``: that would close the loop, and with it what the connections of
    the next invocation belong to.
    """
    return container_loop().run_until_complete(work)


async def all_of[Result](*works: Awaitable[Result]) -> list[Result]:
    """Do everything at once, to the end of each; then raise the first error, if any.

    What came of it is in the works' order. Not ``asyncio.gather``, which lets go of the
    others when one raises: Lambda would freeze them half-way and wake them in another
    invocation, to spend money for rows that are no longer ours.
    """
    ended = await asyncio.gather(*works, return_exceptions=True)
    results = []
    for end in ended:
        if isinstance(end, BaseException):
            raise end
        results.append(end)
    return results
