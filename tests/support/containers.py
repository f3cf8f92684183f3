"""Functions in processes of their own, which can be killed in the middle of a call."""

import multiprocessing
import os
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.context import ForkServerContext
from typing import Any

from tests.support.api import handler_of

PATIENCE_S = 30
GLANCE_S = 0.02


def births() -> ForkServerContext:
    """Return how containers are born: forked from one that has only imported.

    It began when the first of them did: each is told its environment, to ``live_in``.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.warm"])
    return context


def live_in(environment: Mapping[str, str]) -> None:
    """Let a container be surrounded by what those were who wanted it."""
    os.environ.clear()
    os.environ.update(environment)


def killed_when(
    is_time: Callable[[], bool], function: str, records: Sequence[dict[str, Any]]
) -> None:
    """Give records to a container of its own, and kill it when it is time.

    One that comes to its end before is let be.
    """
    task = (dict(os.environ), function, list(records))
    container = births().Process(target=_work, args=task)
    container.start()
    end = time.monotonic() + PATIENCE_S
    while container.is_alive() and not is_time():
        assert time.monotonic() < end, f"{function} never came so far"
        time.sleep(GLANCE_S)
    container.kill()
    container.join(PATIENCE_S)


def _work(
    environment: Mapping[str, str], function: str, records: list[dict[str, Any]]
) -> None:
    live_in(environment)
    handler_of(function)({"Records": records}, None)
