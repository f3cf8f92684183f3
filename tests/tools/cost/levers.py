"""What a decision costs or saves: the same month, with one thing otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tests.tools.cost.bills import Case, bill
from tests.tools.cost.house import Function

HALF = 0.5
EVERY_MINUTE = 43_000
"""Calls of a month, below those of a schedule that runs every minute."""


@dataclass(frozen=True, slots=True)
class Lever:
    """A decision, and what it changes in a month for each scale."""

    what: str
    effects_usd: tuple[float, ...]
    """More dollars (above 0) or fewer."""

    @property
    def size(self) -> float:
        """Return its largest effect, up or down."""
        return max(map(abs, self.effects_usd))


def levers(cases: list[Case]) -> list[Lever]:
    """Return every lever that has an effect, the strongest first."""
    plain = [bill(case).total for case in cases]
    found = [
        Lever(
            what,
            tuple(
                bill(turned(case)).total - before
                for case, before in zip(cases, plain, strict=True)
            ),
        )
        for what, turned in TURNS.items()
    ]
    effective = [lever for lever in found if lever.size >= HALF]
    return sorted(effective, key=lambda lever: lever.size, reverse=True)


def _house(case: Case, **changes: object) -> Case:
    return replace(case, house=replace(case.house, **changes))  # type: ignore[arg-type]


def _functions(case: Case, change: Callable[[Function], Function]) -> Case:
    changed = {n: change(f) for n, f in case.house.functions.items()}
    return _house(case, functions=changed)


def _x86(case: Case) -> Case:
    return _house(case, architecture="x86_64")


def _untraced(case: Case) -> Case:
    return _functions(case, lambda one: replace(one, is_traced=False))


def _quiet(case: Case) -> Case:
    silent = dict.fromkeys(case.house.functions, 0.0)
    return replace(case, measured=replace(case.measured, log_bytes=silent))


def _platform_quiet(case: Case) -> Case:
    logs = replace(case.workload.logs, platform_bytes=0.0)
    return replace(case, workload=replace(case.workload, logs=logs))


def _without_access_log(case: Case) -> Case:
    return _house(case, access_log=False)


def _every_five_minutes(case: Case) -> Case:
    def slower(one: Function) -> Function:
        often = one.schedules_per_month > EVERY_MINUTE
        calls = one.schedules_per_month / 5 if often else one.schedules_per_month
        return replace(one, schedules_per_month=calls)

    return _functions(case, slower)


def _half_the_memory(case: Case) -> Case:
    return _functions(case, lambda one: replace(one, memory_mb=one.memory_mb // 2))


def _without_endpoints(case: Case) -> Case:
    return _house(case, endpoints=0, endpoint_zones=0)


def _one_gateway(case: Case) -> Case:
    few = min(case.house.nat_gateways, 1)
    return _house(case, nat_gateways=few, addresses=few or case.house.addresses)


def _machine(case: Case) -> Case:
    return machine_out(case) if case.house.nat_gateways else case


def machine_out(case: Case) -> Case:
    """Return the house with one small machine for a way out."""
    return _house(
        case, nat_gateways=0, nat_machines=("t4g.nano",), disk_gb=8.0, addresses=1
    )


def gateways_out(case: Case, count: int) -> Case:
    """Return the house with so many NAT gateways for a way out."""
    return _house(
        case, nat_gateways=count, nat_machines=(), disk_gb=0.0, addresses=count
    )


def _without_burying(case: Case) -> Case:
    kept = tuple(m for m in case.house.mappings if "DeadLetters" not in m.queue)
    return _house(case, mappings=kept)


def _without_proxy(case: Case) -> Case:
    return _house(case, proxies=0)


def _one_zone(case: Case) -> Case:
    singles = tuple(replace(d, is_doubled=False) for d in case.house.databases)
    return _house(case, databases=singles)


def _snapshots(case: Case) -> Case:
    return _house(case, snapshots=True)


def _half_from_a_cache(case: Case) -> Case:
    """Have half of what fans ask answered, and served, by something before the API."""
    halved = tuple(
        replace(
            one,
            doors={name: each * HALF for name, each in one.doors.items()},
            served_kb=one.served_kb * HALF,
        )
        if one.fans
        else one
        for one in case.workload.activities
    )
    return replace(case, workload=replace(case.workload, activities=halved))


TURNS: Mapping[str, Callable[[Case], Case]] = {
    "x86_64 instead of arm64": _x86,
    "no X-Ray tracing": _untraced,
    "none of our own log lines (level WARNING)": _quiet,
    "no platform log lines (level WARN; ends failure alarms)": _platform_quiet,
    "no access log": _without_access_log,
    "minute schedules every five minutes": _every_five_minutes,
    "half the memory, and so half the processor": _half_the_memory,
    "no interface endpoints (every function needs a way out)": _without_endpoints,
    "one NAT gateway instead of two": _one_gateway,
    "a NAT instance instead of gateways": _machine,
    "no function on the dead-letter queues": _without_burying,
    "no RDS Proxy": _without_proxy,
    "no standby of Postgres": _one_zone,
    "SnapStart on (before what it saves of cold starts)": _snapshots,
    "half of what fans ask from a cache (not counted itself)": _half_from_a_cache,
}
