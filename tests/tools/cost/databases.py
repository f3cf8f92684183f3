"""Which class of database a load needs: the rule, and what it rests on.

The busiest minutes bring `peak` times the mean of calls; each keeps Postgres at work
for as long as was measured. Of the processors that a class may use for ever (burstable
ones a fifth or so) a given part may be taken. A part of the rows has to fit into
memory. A class is never below the one with which the house is deployed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.tools.cost.demand import Demand
from tests.tools.cost.durations import Measurements
from tests.tools.cost.errors import CostError
from tests.tools.cost.house import House
from tests.tools.cost.workload import Class, Workload

MOST_CONNECTIONS = 5_000
BYTES_PER_GB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a load needs, and the class that has it."""

    chosen: Class
    processors: float
    """At work in the busiest minutes."""
    memory_gb: float
    rows_gb: float
    connections: int
    """That the class allows."""
    because: str
    is_enough: bool


def choose(
    house: House, demand: Demand, workload: Workload, measured: Measurements
) -> Choice:
    """Return the smallest class that carries a load, or the largest if none does."""
    rules = workload.databases
    per_second = sum(calls.per_second for calls in demand.calls.values())
    processors = per_second * workload.month.peak * measured.database_ms / 1000
    memory_gb = demand.rows_gb * rules.in_memory
    least = house.databases[0].class_
    names = [one.name for one in rules.classes]
    if least not in names:
        raise CostError(f"docs/workload.yaml does not know {least}")
    allowed = rules.classes[names.index(least) :]
    working = [one for one in allowed if one.steady * rules.use >= processors]
    fitting = [one for one in working if one.memory_gb >= memory_gb]
    chosen = fitting[0] if fitting else rules.classes[-1]
    return Choice(
        chosen=chosen,
        processors=processors,
        memory_gb=memory_gb,
        rows_gb=demand.rows_gb,
        connections=connections(chosen, rules.bytes_per_connection),
        because=_because(chosen, allowed, working),
        is_enough=bool(fitting),
    )


def _because(chosen: Class, allowed: Sequence[Class], working: Sequence[Class]) -> str:
    """Return what made it this class and no smaller one."""
    if chosen == allowed[0]:
        return "it is deployed"
    return "of its work" if working and chosen == working[0] else "of its memory"


def connections(one: Class, bytes_each: float) -> int:
    """Return RDS's default of max_connections for a class."""
    return min(MOST_CONNECTIONS, int(one.memory_gb * BYTES_PER_GB / bytes_each))


def moved_into(house: House, chosen: Class) -> House:
    """Return the house with another class of database."""
    first, *others = house.databases
    return replace(house, databases=(replace(first, class_=chosen.name), *others))
