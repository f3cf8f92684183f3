"""Small houses of which the cost can be worked out by hand."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tests.tools.cost import prices as price_lists
from tests.tools.cost import workload as workloads
from tests.tools.cost.bills import Case
from tests.tools.cost.durations import Measured, Measurements
from tests.tools.cost.house import Function, House, Source
from tests.tools.cost.workload import Activity

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SECONDS = 2_628_000
"""Of a month of 730 hours."""
PRICES = price_lists.read(DOCS / "prices.yaml")


def function(name: str = "Door", **changes: object) -> Function:
    plain = Function(
        name=name,
        kind="api",
        memory_mb=1024,
        timeout_s=10,
        is_traced=False,
        secrets=0,
        schedules_per_month=0,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def house_of(*functions: Function, **changes: object) -> House:
    plain = House(
        architecture="arm64",
        snapshots=False,
        functions={one.name: one for one in functions},
        mappings=(),
        schedules=0,
        databases=(),
        proxies=0,
        secrets=0,
        keys=0,
        alarm_metrics=0,
        metrics=0,
        dashboards=0,
        nat_gateways=0,
        nat_machines=(),
        disk_gb=0,
        addresses=0,
        endpoint_zones=0,
        endpoints=0,
        retention_days=30,
        access_log=False,
        requests_per_second=500,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def case_of(
    house_: House,
    *activities: Activity,
    creators: int = 1,
    database_ms: float = 0,
    waits_ms: Mapping[str, float] | None = None,
) -> Case:
    """Return a case in which a GB of memory is a whole processor.

    Every call takes 100 ms, a cold one 1,000.
    """
    plain = workloads.read(DOCS / "workload.yaml")
    load = replace(
        plain,
        activities=activities,
        waits_ms=waits_ms or {},
        sandboxes=replace(plain.sandboxes, full_processor_mb=1024),
    )
    seen = Measured(kind="api", cold_ms=1000, warm_ms=100)
    measured = Measurements(
        functions=dict.fromkeys(house_.functions, seen),
        work_ms={},
        log_bytes={},
        database_ms=database_ms,
        measured_on="2026-11-21",
        machine="none",
        of="invention",
    )
    return Case(house_, load, PRICES, measured, creators)


def calling(times: float, name: str = "Door") -> Activity:
    return Activity(name="call", times=times, why="a test", doors={name: 1})


def queued(times: float, queue: str = "MailQueue") -> Activity:
    return Activity(name="send", times=times, why="a test", messages={queue: 1})


def source(queue: str = "MailQueue", **changes: object) -> Source:
    plain = Source(
        function="Worker", queue=queue, batch=10, window_s=0, most_at_once=None
    )
    return replace(plain, **changes)  # type: ignore[arg-type]
