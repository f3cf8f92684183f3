"""Functions in processes of their own, which can be killed in the middle of a call."""

import multiprocessing
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.support.api import handler_of

PATIENCE_S = 30
GLANCE_S = 0.02


def killed_when(
    is_time: Callable[[], bool], function: str, records: Sequence[dict[str, Any]]
) -> None:
    """Give records to a container of its own, and kill it when it is time.

    One that comes to its end before is let be.
    """
    spawn = multiprocessing.get_context("spawn")
    container = spawn.Process(target=_work, args=(function, list(records)))
    container.start()
    end = time.monotonic() + PATIENCE_S
    while container.is_alive() and not is_time():
        assert time.monotonic() < end, f"{function} never came so far"
        time.sleep(GLANCE_S)
    container.kill()
    container.join(PATIENCE_S)


def _work(function: str, records: list[dict[str, Any]]) -> None:
    handler_of(function)({"Records": records}, None)
