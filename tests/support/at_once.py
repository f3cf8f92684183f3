"""Requests at one moment, each to a container of its own, as Lambda serves them."""

import os
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import Any

import psycopg

from tests.support.api import Answer, Api
from tests.support.containers import births, live_in

PATIENCE_S = 60
_start: Barrier | None


@dataclass(frozen=True, slots=True)
class Wish:
    """A request that has not been sent yet."""

    api: Api
    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] | None = None
    content: bytes | None = None


def at_once(*wishes: Wish) -> list[Answer]:
    """Send all wishes at one moment; return the answers in the wishes' order.

    Each container is a process with its own loop and its own connection to the
    database; all are warm before the first one begins.
    """
    start = births().Barrier(len(wishes))
    with _containers(len(wishes), start) as containers:
        return list(containers.map(_send, wishes, timeout=PATIENCE_S))


def _containers(count: int, start: Barrier | None = None) -> ProcessPoolExecutor:
    surroundings = (dict(os.environ), start)
    return ProcessPoolExecutor(count, births(), _begin, surroundings)


def _begin(environment: Mapping[str, str], start: Barrier | None) -> None:
    global _start  # noqa: PLW0603 - a barrier is handed to a process only at its birth
    _start = start
    live_in(environment)


def _send(wish: Wish) -> Answer:
    Api()("GET", "/health/ready").ok()
    Api()(wish.method, wish.path)  # imports the function; nobody is let in
    if _start:
        _start.wait(PATIENCE_S)
    return _ask(wish)


def answer_after[Row](holder: psycopg.Connection[Row], wish: Wish) -> Answer:
    """Send a wish that waits for a transaction; commit that, and return the answer."""
    with _containers(1) as container:
        answer = container.submit(_ask, wish)
        try:
            _let_wait(holder, answer)
        finally:
            holder.commit()
        return answer.result(PATIENCE_S)


def _let_wait[Row](holder: psycopg.Connection[Row], answer: Future[Answer]) -> None:
    """Return once somebody waits for the transaction."""
    waiting = "select 1 from pg_stat_activity where %s = any(pg_blocking_pids(pid))"
    url = holder.info.dsn
    with psycopg.connect(url, autocommit=True) as watch:
        while not watch.execute(waiting, (holder.info.backend_pid,)).fetchone():
            assert not answer.done(), "It did not wait for the transaction."


def _ask(wish: Wish) -> Answer:
    return wish.api(
        wish.method, wish.path, wish.body, headers=wish.headers, content=wish.content
    )
