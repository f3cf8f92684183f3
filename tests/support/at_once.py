"""Requests at one moment, each to a container of its own, as Lambda serves them."""

import multiprocessing
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import Any

from tests.support.api import Answer, Api

PATIENCE_S = 60
_start: Barrier


@dataclass(frozen=True, slots=True)
class Wish:
    """A request that has not been sent yet."""

    api: Api
    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] | None = None


def at_once(*wishes: Wish) -> list[Answer]:
    """Send all wishes at one moment; return the answers in the wishes' order.

    Each container is a process with its own loop and its own connection to the
    database; all are warm before the first one begins.
    """
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(len(wishes))
    with ProcessPoolExecutor(len(wishes), spawn, _keep, (start,)) as containers:
        return list(containers.map(_send, wishes, timeout=PATIENCE_S))


def _keep(start: Barrier) -> None:
    global _start  # noqa: PLW0603 - a barrier is handed to a process only at its birth
    _start = start


def _send(wish: Wish) -> Answer:
    Api()("GET", "/health/ready").ok()
    Api()(wish.method, wish.path)  # imports the function; nobody is let in
    _start.wait(PATIENCE_S)
    return wish.api(wish.method, wish.path, wish.body, headers=wish.headers)
