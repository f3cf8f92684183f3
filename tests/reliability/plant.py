"""A running product with an avatar at work, and the hands that trouble it."""

import os
import random
import signal
import time
from dataclasses import dataclass
from typing import Any, Self

import httpx
import psycopg
from psycopg.rows import DictRow, dict_row

from tests.stack.providers import Journal
from tests.stack.running import RunningStack
from tests.support.api import Api
from tests.support.people import Person, active_avatar, sign_up

LEASE_S = 8
"""For how long a worker has what it has taken to itself, by the plant's settings."""
PATIENCE_S = 120
LOOK_S = 0.2
ENDED = ("succeeded", "blocked", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Plant:
    """The product, at work."""

    stack: RunningStack
    sql: psycopg.Connection[DictRow]
    owner: Person
    avatar_id: str

    @classmethod
    def furnish(cls, stack: RunningStack, sql: psycopg.Connection[DictRow]) -> Self:
        """Sign somebody up and make an avatar that content may be made of."""
        owner = sign_up(api=Api(base=stack.api))
        plant = cls(stack, sql, owner, "")
        return cls(stack, sql, owner, active_avatar(owner, plant))

    def deliver(self, queue: str) -> None:
        """Wait until the gate has judged all there is."""
        del queue
        self.wait_for("select count(*) from policy_decisions where verdict = 'pending'")

    def wish(self, count: int, *, kind: str = "image", **more: Any) -> list[str]:
        """Ask for content and return the jobs' ids."""
        body = {"avatar_id": self.avatar_id, "kind": kind, "count": count}
        body |= {"prompt": "on a beach at sunset"} | more
        made = self.owner.api("POST", "/api/v1/content/generate", body).ok(202)
        return list(made["job_ids"])

    def behave(self, **settings: Any) -> None:
        """Set how quick the providers are, and how they paint."""
        self._control("PUT", "/settings", settings)

    def webhooks(self, **behaviour: Any) -> None:
        """Set how the providers' webhooks misbehave."""
        self._control("PUT", "/webhooks", behaviour)

    def kill(self, seconds: float, *functions: str, luck: random.Random) -> int:
        """Kill workers at random moments for a while; return how many died."""
        end = time.monotonic() + seconds
        died = 0
        while time.monotonic() < end:
            time.sleep(luck.uniform(0.02, 0.6))
            died += self.stack.kill_workers(luck.choice(functions))
        return died

    def wait_for(self, how_many_left: str, *args: object) -> None:
        """Wait until a count is nought, sweeping all the while."""
        end = time.monotonic() + PATIENCE_S
        while left := self.value(how_many_left, *args):
            assert time.monotonic() < end, f"{left} left: {how_many_left} {args}"
            time.sleep(LOOK_S)

    def finish(self, *job_ids: str) -> dict[str, int]:
        """Wait until jobs have ended, with a sweep now and then; return how."""
        end = time.monotonic() + PATIENCE_S
        while set(ended := self.statuses(*job_ids)) - set(ENDED):
            assert time.monotonic() < end, f"jobs are lost: {ended}"
            self.sql.execute(
                "update content_jobs set check_at = coalesce(lease_until, now())"
                " where finished_at is null"
            )
            self.stack.fire("SweepFunction")
            self.stack.fire("PushOutboxFunction")
            time.sleep(1)
        return ended

    def statuses(self, *job_ids: str) -> dict[str, int]:
        """Return how many jobs there are of each status."""
        rows = self.sql.execute(
            "select status, count(*) as n from content_jobs where id = any(%s::uuid[])"
            " group by status",
            (list(job_ids),),
        )
        return {row["status"]: row["n"] for row in rows}

    def value(self, query: str, *args: object) -> int:
        """Return the one number that a query asks for."""
        (row,) = self.sql.execute(query.encode(), args).fetchall()
        (value,) = row.values()
        return int(value)

    def ask(self, query: str, *args: object) -> list[DictRow]:
        """Return rows, over a connection that no restart has cut."""
        url = self.stack.database_url
        with psycopg.connect(url, autocommit=True, row_factory=dict_row) as sql:
            return sql.execute(query.encode(), args).fetchall()

    def number(self, query: str, *args: object) -> int:
        """Return the one number that a query asks for, likewise."""
        ((value,),) = (row.values() for row in self.ask(query, *args))
        return int(value)

    def restart_database(self) -> None:
        """Let Postgres stop at once, without a word to anybody, and come back."""
        database = self.stack.database
        assert database is not None
        assert database.server is not None
        os.kill(database.server.pid, signal.SIGQUIT)
        database.server.restart()

    def journal(self, provider: str) -> Journal:
        """Return what a provider was asked."""
        stand_ins = self.stack.stand_ins
        assert stand_ins is not None
        return Journal(stand_ins.journals[provider])

    def _control(self, method: str, path: str, body: Any) -> None:
        stand_ins = self.stack.stand_ins
        assert stand_ins is not None
        httpx.request(method, stand_ins.control + path, json=body).raise_for_status()
