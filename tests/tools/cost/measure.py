"""How long functions take, measured on the local stack while it does its main job.

``python -m tests.tools.cost.measure`` writes docs/durations.json and measured.json.
What is written is processor time, which other programs on the machine hardly change;
the clock on the wall would tell of them as well. The machine is not Lambda: it has
other processors, no network between a function and its database, and providers that
answer at once. What follows from that is said where the figures are used.
"""

import asyncio
import json
import os
import platform
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import psycopg

from tests.stack import __main__ as make_run
from tests.stack import brief as briefs
from tests.stack import runtime
from tests.stack.options import Options
from tests.stack.runtime_api import Work
from tests.stack.show import Screen
from tests.stack.stack import Stack
from tests.stack.template import Function
from tests.stack.worker import Owner, Program, Worker

ROOT = Path(__file__).parents[3]
DURATIONS = ROOT / "docs" / "durations.json"
MEASURED = ROOT / "docs" / "measured.json"
_PROCESSOR_TIME = 2
ROUNDS = 5
"""How often each schedule is fired, the first time cold."""
FLUSH_S = 2.0
"""Postgres tells its statistics once a second and session at most."""
USAGE = """
    select active_time, xact_commit + xact_rollback
    from pg_stat_database where datname = current_database()
"""


@dataclass(slots=True)
class Record:
    """What was seen of one function."""

    inits_ms: list[float] = field(default_factory=list)
    firsts_ms: list[float] = field(default_factory=list)
    warms_ms: list[float] = field(default_factory=list)
    rss_mb: float = 0.0

    @property
    def calls(self) -> int:
        """Return how often the function was called."""
        return len(self.firsts_ms) + len(self.warms_ms)


RECORDS: defaultdict[str, Record] = defaultdict(Record)


class TimedWorker(Worker):
    """A worker that writes down what its process spends on what."""

    def __init__(self, program: Program, owner: Owner) -> None:
        super().__init__(program, owner)
        self._record = RECORDS[program.function]
        self._spent_ms = 0.0
        self._served = 0

    async def next_work(self) -> Work:
        """Note what it cost to be ready."""
        if self.is_starting:
            self._record.inits_ms.append(self._spent())
        work = await super().next_work()
        self._spent()
        return work

    def succeed(self, request_id: str, response: bytes) -> None:
        """Note what the invocation cost, and how large the process was."""
        record = self._record
        (record.warms_ms if self._served else record.firsts_ms).append(self._spent())
        self._served += 1
        if self._process is not None:
            record.rss_mb = max(record.rss_mb, _peak_mb(self._process.pid))
        super().succeed(request_id, response)

    def _spent(self) -> float:
        """Return the milliseconds of processor time since this was asked last."""
        before = self._spent_ms
        if self._process is not None:
            self._spent_ms = max(before, _processor_ms(self._process.pid))
        return self._spent_ms - before


def _processor_ms(pid: int) -> float:
    """Return what a process has used, threads that have ended included.

    The clock's number is made as clock_getcpuclockid(3) makes it on Linux.
    """
    return time.clock_gettime_ns((~pid << 3) | _PROCESSOR_TIME) / 1e6


def _peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(x.split()[1]) / 1024 for x in lines if x.startswith("VmHWM"))


@dataclass(frozen=True, slots=True)
class Usage:
    """What Postgres counts for a database."""

    active_ms: float
    transactions: int


def _usage(url: str) -> Usage:
    time.sleep(FLUSH_S)
    with psycopg.connect(url) as connection:
        row = connection.execute(USAGE).fetchone()
    assert row is not None
    return Usage(*row)


async def _work(local: Path) -> dict[str, object]:
    """Do the main job and fire every schedule; return what is not of one function."""
    screen = Screen()
    options = Options(root=ROOT, port=0, local=local, watch=False)
    async with Stack(options) as stack:
        owner = await make_run._seed(stack)  # noqa: SLF001 - as make run does
        functions = stack.parts.template.functions
        before = await asyncio.to_thread(_usage, stack.database_url)
        brief = briefs.read(ROOT / "docs/campaign.yaml")
        await make_run._work(stack, owner, brief, screen)  # noqa: SLF001 - likewise
        for schedule in stack.parts.template.schedules:
            for _ in range(ROUNDS):
                await stack.fire(schedule.function)
        after = await asyncio.to_thread(_usage, stack.database_url)
        logs = {name: len(stack.function_log(name).encode()) for name in RECORDS}
        rows = list(_rows(functions.values()))
    if not DURATIONS.exists() or "processor time" in DURATIONS.read_text():
        DURATIONS.write_text(_json(rows))  # the run as built has not been here
    calls = sum(record.calls for record in RECORDS.values())
    return {
        "measured_on": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, shared",
        "invocations": calls,
        "database_ms_per_invocation": round(
            (after.active_ms - before.active_ms) / calls, 2
        ),
        "transactions_per_invocation": round(
            (after.transactions - before.transactions) / calls, 2
        ),
        "work_ms": {
            str(row["function"]): row["warm_ms"]
            for row in rows
            if row["warm_ms"] is not None and row["kind"] != "operations"
        },
        "log_bytes_per_invocation": {
            name: round(logs[name] / record.calls)
            for name, record in sorted(RECORDS.items())
            if record.calls
        },
    }


def _rows(functions: Iterable[Function]) -> list[dict[str, object]]:
    known = {function.name: function for function in functions}
    return [
        {
            "function": name,
            "kind": Path(known[name].code_dir).parent.name,
            "of": "processor time",
            "cold_ms": round(
                statistics.median(record.inits_ms) + statistics.median(record.firsts_ms)
            ),
            "warm_ms": round(statistics.median(record.warms_ms), 1)
            if record.warms_ms
            else None,
            "memory_mb": known[name].memory_mb,
            "rss_mb": round(record.rss_mb),
        }
        for name, record in sorted(RECORDS.items())
        if record.inits_ms and record.firsts_ms
    ]


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


def main() -> None:
    """Measure once, in a folder that is forgotten afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="vixenbliss-cost-") as folder,
        patch.object(runtime, "Worker", TimedWorker),
    ):
        local = Path(folder)
        local.chmod(0o755)  # Postgres enters it as somebody else
        MEASURED.write_text(_json(asyncio.run(_work(local))))


if __name__ == "__main__":
    main()
