"""docs/workload.yaml: what a creator does in a month, and what else is assumed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something that creators or their fans do, and what follows from doing it once.

    Sizes are in kB of 1,000 bytes; money is in US dollars.
    """

    name: str
    times: float
    why: str
    fans: bool = False
    doors: Mapping[str, float] = field(default_factory=dict)
    messages: Mapping[str, float] = field(default_factory=dict)
    writes: float = 0
    reads: float = 0
    signed: float = 0
    opened: float = 0
    stored_kb: float = 0
    rows_kb: float = 0
    out_kb: float = 0
    served_kb: float = 0
    letters: float = 0
    images: float = 0
    captions: float = 0
    input_tokens: float = 0
    output_tokens: float = 0
    charges_usd: float = 0
    subscriptions_usd: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """How long a month is, how many the house has seen, and its busiest minutes."""

    hours: float
    seconds: float
    age: float
    peak: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandboxes:
    """How Lambda keeps and starts what a function runs in."""

    full_processor_mb: float
    idle_s: float
    least_cold: float
    unmeasured: Mapping[str, float]
    releases: float
    versions: float
    snapshot_gb_more: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """How many bytes are logged beside our own lines."""

    platform_bytes: float
    access_bytes: float
    unmeasured_bytes: float
    compressed_to: float
    os_metrics_bytes: float


@dataclass(frozen=True, slots=True)
class Class:
    """A class of database instances."""

    name: str
    processors: float
    memory_gb: float
    share: float
    """Of a processor that it may use without an end; less than 1 if it bursts."""

    @property
    def steady(self) -> float:
        """Return how many processors it has for ever."""
        return self.processors * self.share


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """How a database is chosen and filled."""

    use: float
    in_memory: float
    spare: float
    backup_per_day: float
    bytes_per_connection: float
    classes: tuple[Class, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Everything that is assumed, and nothing that the template knows."""

    creators: tuple[int, ...]
    deployments: Mapping[str, str]
    """What they are called here to their names in samconfig.toml."""
    month: Month
    fans_per_creator: float
    activities: tuple[Activity, ...]
    answer_kb: float
    waits_ms: Mapping[str, float]
    sandboxes: Sandboxes
    pollers: float
    polls_per_minute: float
    logs: Logs
    first_traces_per_second: float
    traces_of_the_rest: float
    databases: Databases
    limits: Mapping[str, float]
    fans_why: str = ""

    def times(self, activity: Activity) -> float:
        """Return how often a creator, with all fans, does something in a month."""
        return activity.times * (self.fans_per_creator if activity.fans else 1)

    def doubled(self) -> "Workload":
        """Return the same with everybody doing everything twice as often."""
        twice = tuple(replace(a, times=2 * a.times) for a in self.activities)
        return replace(self, activities=twice)


def read(path: Path) -> Workload:
    """Read the file; a key that nothing knows is a TypeError."""
    written: Mapping[str, Any] = yaml.safe_load(path.read_text())
    databases = dict(written["database"])
    classes = databases.pop("classes")
    return Workload(
        creators=tuple(written["creators"]),
        deployments=written["deployments"],
        month=Month(**written["month"]),
        fans_per_creator=written["fans"]["per_creator"],
        fans_why=written["fans"]["why"],
        activities=tuple(
            Activity(name=name, **one) for name, one in written["activities"].items()
        ),
        answer_kb=written["answer_kb"],
        waits_ms=written["waits_ms"],
        sandboxes=Sandboxes(**written["lambda"]),
        pollers=written["queues"]["pollers"],
        polls_per_minute=written["queues"]["polls_per_minute"],
        logs=Logs(**written["logs"]),
        first_traces_per_second=written["traces"]["first_per_second"],
        traces_of_the_rest=written["traces"]["of_the_rest"],
        databases=Databases(
            **databases,
            classes=tuple(Class(name, *facts) for name, facts in classes.items()),
        ),
        limits=written["limits"],
    )
