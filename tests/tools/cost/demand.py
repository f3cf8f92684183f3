"""How much of everything so many creators ask for in a month."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, exp, fsum

from tests.tools.cost.durations import Measurements
from tests.tools.cost.errors import CostError
from tests.tools.cost.house import Function, House, Source
from tests.tools.cost.workload import Activity, Workload

KB_PER_GB = 1e6
MB_PER_GB = 1024
"""A GB of Lambda's memory."""
READ_AGAIN_S = 300
"""After which a sandbox in use reads its secrets anew (credentials.REFRESH_AFTER_S)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The calls of one function in a month."""

    function: Function
    count: float
    cold_share: float
    cold_ms: float
    warm_ms: float
    log_bytes: float
    per_second: float

    @property
    def mean_s(self) -> float:
        """Return how long a call takes on average."""
        return (
            self.cold_share * self.cold_ms + (1 - self.cold_share) * self.warm_ms
        ) / 1000

    @property
    def gb_seconds(self) -> float:
        """Return what Lambda bills, its INIT phase included."""
        return self.count * self.mean_s * self.function.memory_mb / MB_PER_GB

    @property
    def cold_gb_seconds(self) -> float:
        """Return what of it is of cold starts."""
        memory_gb = self.function.memory_mb / MB_PER_GB
        return self.cold * self.cold_ms / 1000 * memory_gb

    @property
    def cold(self) -> float:
        """Return how many calls find no sandbox."""
        return self.count * self.cold_share

    @property
    def busy(self) -> float:
        """Return how many run at once on average."""
        return self.per_second * self.mean_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Everything that is asked for in a month; sizes are in GB."""

    creators: int
    calls: Mapping[str, Calls]
    door_requests: float
    messages: Mapping[str, float]
    batches: Mapping[str, float]
    """Calls by queue: a batch is received at once, and deleted at once."""
    empty_polls: float
    schedule_calls: float
    secret_reads: float
    totals: Mapping[str, float]
    """Sums of what activities bring, by their names in ``Activity``."""
    files_gb: float
    rows_gb: float
    out_gb: float
    served_gb: float
    answered_gb: float


def of(
    creators: int, house: House, workload: Workload, measured: Measurements
) -> Demand:
    """Return what so many creators ask for.

    Raises:
        CostError: an activity calls a function or a queue that is not there.
    """
    return _Asked(creators, house, workload, measured).demand()


class _Asked:
    def __init__(
        self, creators: int, house: House, workload: Workload, measured: Measurements
    ) -> None:
        self._creators = creators
        self._house = house
        self._workload = workload
        self._measured = measured

    def demand(self) -> Demand:
        """Put everything together."""
        doors = self._sum("doors", known=self._house.functions)
        taken = {m.queue: m for m in self._house.mappings}
        messages = self._sum("messages", known=taken)
        batches = {
            queue: count / self._filled(taken[queue], count)
            for queue, count in messages.items()
        }
        counts = defaultdict(float, doors)
        for queue, count in batches.items():
            counts[taken[queue].function] += count
        for function in self._house.functions.values():
            counts[function.name] += function.schedules_per_month
        calls = {name: self._calls(name, count) for name, count in counts.items()}
        totals = {name: self._total(name) for name in _SUMMED}
        answered = sum(doors.values())
        return Demand(
            creators=self._creators,
            calls=calls,
            door_requests=answered,
            messages=messages,
            batches=batches,
            empty_polls=self._empty_polls(),
            schedule_calls=sum(
                f.schedules_per_month for f in self._house.functions.values()
            ),
            secret_reads=sum(map(self._secret_reads, calls.values())),
            totals=totals,
            files_gb=totals["stored_kb"] * self._workload.month.age / KB_PER_GB,
            rows_gb=totals["rows_kb"] * self._workload.month.age / KB_PER_GB,
            out_gb=totals["out_kb"] / KB_PER_GB,
            served_gb=totals["served_kb"] / KB_PER_GB,
            answered_gb=answered * self._workload.answer_kb / KB_PER_GB,
        )

    def _times(self, activity: Activity) -> float:
        return self._creators * self._workload.times(activity)

    def _total(self, what: str) -> float:
        return fsum(
            self._times(activity) * getattr(activity, what)
            for activity in self._workload.activities
        )

    def _sum(self, what: str, *, known: Mapping[str, object]) -> dict[str, float]:
        total: defaultdict[str, float] = defaultdict(float)
        for activity in self._workload.activities:
            for name, each in getattr(activity, what).items():
                if name not in known:
                    raise CostError(
                        f"{activity.name} asks for {name}, which is not there"
                    )
                total[name] += self._times(activity) * each
        return dict(total)

    def _filled(self, mapping: Source, count: float) -> float:
        """Return how many messages a batch has: what comes while its window is open."""
        waiting = count / self._workload.month.seconds * mapping.window_s
        return min(float(mapping.batch), max(1.0, waiting))

    def _empty_polls(self) -> float:
        minutes = self._workload.month.seconds / 60
        each = self._workload.pollers * self._workload.polls_per_minute * minutes
        return len(self._house.mappings) * each

    def _calls(self, name: str, count: float) -> Calls:
        function = self._house.functions[name]
        sandboxes = self._workload.sandboxes
        per_second = count / self._workload.month.seconds
        unused = exp(-per_second * sandboxes.idle_s)
        logs = self._workload.logs
        own = self._measured.log_bytes.get(name, logs.unmeasured_bytes)
        return Calls(
            function=function,
            count=count,
            cold_share=max(unused, sandboxes.least_cold),
            cold_ms=self._measured.cold_ms(function, self._workload),
            warm_ms=self._measured.warm_ms(function, self._workload),
            log_bytes=count * (own + logs.platform_bytes),
            per_second=per_second,
        )

    def _secret_reads(self, calls: Calls) -> float:
        """Return the reads of a function: in use, a sandbox reads every few minutes."""
        spans = self._workload.month.seconds / READ_AGAIN_S
        in_use = spans * (1 - exp(-calls.per_second * READ_AGAIN_S))
        return (
            max(calls.cold, in_use * max(1, ceil(calls.busy))) * calls.function.secrets
        )


_SUMMED = (
    "writes",
    "reads",
    "signed",
    "opened",
    "stored_kb",
    "rows_kb",
    "out_kb",
    "served_kb",
    "letters",
    "images",
    "captions",
    "input_tokens",
    "output_tokens",
    "charges_usd",
    "subscriptions_usd",
)
