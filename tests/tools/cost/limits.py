"""What is full first in the busiest minutes, worst first."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.tools.cost.bills import Bill, Case
from tests.tools.cost.demand import Demand


@dataclass(frozen=True, slots=True)
class Limit:
    """Something of which there is only so much, and how much of it is asked for."""

    what: str
    asked: float
    limit: float
    unit: str

    @property
    def share(self) -> float:
        """Return how full it is; above 1 something waits or is refused."""
        return self.asked / self.limit


def limits(case: Case, bill: Bill) -> list[Limit]:
    """Return all limits, the fullest first."""
    asked = case.demand()
    found = [*_of_workers(case, asked), *_of_the_rest(case, asked)]
    found += _of_the_database(case, asked, bill)
    return sorted(found, key=lambda one: one.share, reverse=True)


def _of_workers(case: Case, asked: Demand) -> Iterator[Limit]:
    for mapping in case.house.mappings:
        if mapping.most_at_once is None or mapping.function not in asked.calls:
            continue
        busy = asked.calls[mapping.function].busy * case.workload.month.peak
        yield Limit(mapping.function, busy, mapping.most_at_once, "copies at work")


def _of_the_rest(case: Case, asked: Demand) -> Iterator[Limit]:
    month, limits_ = case.workload.month, case.workload.limits

    def at_peak(count: float, seconds: float = 1) -> float:
        return count / month.seconds * month.peak * seconds

    given = case.house.requests_per_second
    if given:
        yield Limit("API Gateway", at_peak(asked.door_requests), given, "requests/s")
    yield Limit(
        "Lambda, this account and region",
        at_work(case, asked),
        limits_["account_concurrency"],
        "calls at once",
    )
    yield Limit(
        "Replicate",
        at_peak(asked.totals["images"], 60),
        limits_["replicate_per_minute"],
        "predictions/min",
    )
    yield Limit(
        "OpenAI",
        at_peak(asked.totals["captions"], 60),
        limits_["openai_per_minute"],
        "captions/min",
    )
    yield Limit(
        "SES", at_peak(asked.totals["letters"]), limits_["ses_per_second"], "letters/s"
    )


def _of_the_database(case: Case, asked: Demand, bill: Bill) -> Iterator[Limit]:
    if (choice := bill.choice) is None:
        return
    name = choice.chosen.name
    allowed = choice.chosen.steady * case.workload.databases.use
    yield Limit(f"Postgres, one writer ({name})", choice.processors, allowed, "vCPU")
    what = "through RDS Proxy" if case.house.proxies else "one for each sandbox"
    open_ = at_work(case, asked)
    if not case.house.proxies:
        open_ = sandboxes(case, asked)
    yield Limit(f"Connections, {what}", open_, choice.connections, "connections")


def at_work(case: Case, asked: Demand) -> float:
    """Return how many calls run at once in the busiest minutes."""
    return case.workload.month.peak * sum(c.busy for c in asked.calls.values())


def sandboxes(case: Case, asked: Demand) -> float:
    """Return how many sandboxes there are in the busiest minutes, idle ones as well.

    Each keeps one connection. A function that is called more often than its idle ones
    are ended has one at least.
    """
    peak = case.workload.month.peak
    return sum(
        max(1 - call.cold_share, call.busy * peak) for call in asked.calls.values()
    )
