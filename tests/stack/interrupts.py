"""Ctrl-C and SIGTERM: stop in good order, once, wherever the program is."""

import asyncio
import signal
from collections.abc import Coroutine

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run[T](main: Coroutine[None, None, T]) -> T | None:
    """Run a program until it ends or is told to stop; None means it was told.

    The signal cancels the program, so every ``async with`` on its way is left properly.
    Further signals are ignored, because a stop takes only seconds.
    """
    return asyncio.run(_guarded(main))


async def forever() -> None:
    """Wait until the program is told to stop."""
    await asyncio.Event().wait()


async def _guarded[T](main: Coroutine[None, None, T]) -> T | None:
    program = asyncio.create_task(main)
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, _Once(program))
    try:
        return await program
    except asyncio.CancelledError:
        return None
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


class _Once[T]:
    def __init__(self, program: asyncio.Task[T]) -> None:
        self._program = program
        self._is_told = False

    def __call__(self) -> None:
        if not self._is_told:
            self._is_told = True
            self._program.cancel()
