"""What was measured (docs/durations.json, measured.json), and for the rest a like.

The rows of durations.json are those of the run of all functions as built: a first call
and a second one, in which workers have little to do. Until that has run they are those
of ``measure``, and say ``"of": "processor time"``. What a call takes that has real work
to do is ``measure``'s in any case. All of it is of one whole processor, of which a
function has a share; so it is stretched by that, and what is waited for is added.
"""

import json
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.tools.cost.house import Function
from tests.tools.cost.workload import Workload

LIKE = {
    "api": {"api", "http"},
    "webhooks": {"webhooks", "http"},
    "workers": {"workers", "queue"},
    "schedules": {"schedules", "schedule"},
    "operations": {"operations", "operation"},
}
"""A function's folder to what its kind may be called in a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one function was seen to take, in milliseconds on one processor."""

    kind: str
    cold_ms: float
    """Of the first call, with all that comes before it."""
    warm_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """All that was measured."""

    functions: Mapping[str, Measured]
    work_ms: Mapping[str, float]
    """What a later call takes that has real work to do, of processor time."""
    log_bytes: Mapping[str, float]
    database_ms: float
    """That Postgres is at work for a call."""
    measured_on: str
    machine: str
    of: str

    def cold_ms(self, function: Function, workload: Workload) -> float:
        """Return what a first call takes on Lambda, and is billed."""
        seen = self.functions.get(function.name)
        like = [m.cold_ms for m in self._like(function)]
        plain = seen.cold_ms if seen else _median(like, workload, "cold_ms")
        return self._on_lambda(plain, function, workload)

    def warm_ms(self, function: Function, workload: Workload) -> float:
        """Return what any other call takes on Lambda, and is billed."""
        seen = self.functions.get(function.name)
        like = [m.warm_ms for m in self._like(function) if m.warm_ms is not None]
        known = self.work_ms.get(function.name, seen.warm_ms if seen else None)
        plain = _median(like, workload, "warm_ms") if known is None else known
        return self._on_lambda(plain, function, workload)

    def _like(self, function: Function) -> list[Measured]:
        kinds = LIKE[function.kind]
        return [one for one in self.functions.values() if one.kind in kinds]

    def _on_lambda(self, ms: float, function: Function, workload: Workload) -> float:
        share = min(1.0, function.memory_mb / workload.sandboxes.full_processor_mb)
        waits = workload.waits_ms.get(function.name, 0.0)
        return ms / share + self.database_ms + waits


def _median(like: list[float], workload: Workload, what: str) -> float:
    return statistics.median(like) if like else workload.sandboxes.unmeasured[what]


def read(durations: Path, measured: Path) -> Measurements:
    """Read both files."""
    rows = json.loads(durations.read_text())
    rest = json.loads(measured.read_text())
    return Measurements(
        functions={
            row["function"]: Measured(
                kind=row["kind"], cold_ms=row["cold_ms"], warm_ms=row["warm_ms"]
            )
            for row in rows
        },
        work_ms=rest["work_ms"],
        log_bytes=rest["log_bytes_per_invocation"],
        database_ms=rest["database_ms_per_invocation"],
        measured_on=rest["measured_on"],
        machine=rest["machine"],
        of=rows[0].get("of", "the clock on the wall"),
    )
