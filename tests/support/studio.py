"""A studio at work: an avatar that content is made of, its workers, and their world."""

from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
from psycopg.rows import DictRow

from tests.support.api import handler_of
from tests.support.people import Person
from tests.support.workers import Workers
from tests.support.world import World

PROMPT = "on a beach at sunset"


@dataclass(frozen=True, slots=True)
class Studio:
    """What its owner, its workers and its providers see of it."""

    owner: Person
    avatar_id: str
    workers: Workers
    world: World
    sql: psycopg.Connection[DictRow]

    def wish(self, count: int = 1, *, kind: str = "image", **more: Any) -> list[str]:
        """Ask for content and return the jobs' ids."""
        body = {"avatar_id": self.avatar_id, "kind": kind, "prompt": PROMPT} | more
        body["count"] = count
        made = self.owner.api("POST", "/api/v1/content/generate", body).ok(202)
        return list(made["job_ids"])

    def deliver(self, queue: str) -> None:
        """Give a worker what waits, and what that leads to; no pause is kept."""
        while self.workers.deliver(queue):
            self.sql.execute(
                "update content_jobs set next_attempt_at = now()"
                " where next_attempt_at is not null"
            )

    def bring_home(self, *job_ids: str) -> None:
        """Send jobs, let their predictions end, and finish them."""
        self.send()
        self.workers.run("finish", *job_ids)

    def fire(self, schedule: str) -> dict[str, Any]:
        """Let a schedule's function run, now."""
        return dict(handler_of(schedule)({}, None))

    def send(self) -> None:
        """Send jobs and let their predictions end; nobody brings them home."""
        self.deliver("generate")
        self.world.wait()

    def job(self, job_id: str) -> dict[str, Any]:
        """Return a job as its owner sees it."""
        return dict(self.owner.api("GET", f"/api/v1/content/jobs/{job_id}").ok())

    def asset(self, job_id: str) -> dict[str, Any]:
        """Return the asset that a job has brought, as its owner sees it."""
        asset_id = self.job(job_id)["asset_id"]
        return dict(self.owner.api("GET", f"/api/v1/assets/{asset_id}").ok())

    def file(self, job_id: str) -> bytes:
        """Return what a job's asset consists of."""
        link = self.owner.api(
            "GET", f"/api/v1/assets/{self.job(job_id)['asset_id']}/download"
        ).ok()
        return httpx.get(link["url"]).content

    def standing(self, job_id: str) -> tuple[str, int]:
        """Return a job's status and how many tries it has taken."""
        seen = self.job(job_id)
        return seen["status"], seen["attempts"]

    def outcomes(self, job_id: str) -> list[str]:
        """Return how each of a job's tries ended."""
        return [tried["outcome"] for tried in self.job(job_id)["attempt_log"]]

    def budget(self) -> tuple[int, int]:
        """Return what the avatar has held and spent, in micros of a dollar."""
        row = self.one(
            "select coalesce(sum(held_micros), 0)::bigint as held,"
            " coalesce(sum(spent_micros), 0)::bigint as spent from budget_months"
        )
        return row["held"], row["spent"]

    def dead_letters(self) -> list[tuple[str, str]]:
        """Return the code and the reason of each dead letter."""
        rows = self.sql.execute("select * from dead_letters order by created_at")
        return [(row["code"], row["reason"]) for row in rows]

    def let_leases_end(self) -> None:
        """Let all workers that hold a job be thought dead."""
        self.sql.execute(
            "update content_jobs set lease_until = now() - interval '1 second'"
            " where lease_until is not null"
        )

    def let_rows_die(self, table: str, *, when: str) -> None:
        """Let nobody write what fulfils the condition on ``new``."""
        self.sql.execute(
            "create function die() returns trigger language plpgsql as"
            " $$ begin raise exception 'killed'; end $$;"
            f"create trigger die before update on {table} for each row"
            f" when ({when}) execute function die()".encode()
        )

    def let_silence_last(self) -> None:
        """Let every open row have been silent for longer than is good."""
        past = "set check_at = now() - interval '1 second'"
        for table in ("content_jobs", "policy_decisions"):
            self.sql.execute(f"update {table} {past}".encode())

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return int(self.one(f"select count(*) as n from {table}")["n"])  # noqa: S608 - a table of ours, named by a test

    def one(self, query: str) -> DictRow:
        """Return the only row of a query."""
        rows = self.sql.execute(query.encode()).fetchall()
        assert len(rows) == 1, rows
        return rows[0]
