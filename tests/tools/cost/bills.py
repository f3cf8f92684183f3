"""What a month costs, by service. Estimates, so floats: nobody is owed any of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import exp

from tests.tools.cost import databases, demand
from tests.tools.cost.databases import Choice
from tests.tools.cost.demand import MB_PER_GB, Calls, Demand
from tests.tools.cost.durations import Measurements
from tests.tools.cost.house import OPERATIONS, House
from tests.tools.cost.prices import Prices
from tests.tools.cost.workload import Workload

BYTES_PER_GB = 1e9
KB_PER_GB = 1e6
DAYS = 730 / 24
SENT_SHARE = 0.5
"""Of what passes the NAT; the other half comes in, which costs nothing further."""
KB_OF_A_CALL = 4.0
"""Of AWS, through an endpoint: handshakes, headers, signature, body."""


@dataclass(frozen=True, slots=True)
class Case:
    """A house with so many creators."""

    house: House
    workload: Workload
    prices: Prices
    measured: Measurements
    creators: int

    def demand(self) -> Demand:
        """Return what they ask for."""
        return demand.of(self.creators, self.house, self.workload, self.measured)

    def empty(self) -> "Case":
        """Return the same house with nobody in it."""
        return replace(self, creators=0)


@dataclass(frozen=True, slots=True)
class Bill:
    """Dollars of a month by service, and the database that they are of."""

    by_service: Mapping[str, float]
    choice: Choice | None

    @property
    def total(self) -> float:
        """Return the sum."""
        return sum(self.by_service.values())


def bill(case: Case) -> Bill:
    """Return what AWS charges for a month."""
    asked = case.demand()
    choice = None
    if case.house.databases:
        choice = databases.choose(case.house, asked, case.workload, case.measured)
        moved = databases.moved_into(case.house, choice.chosen)
        case = replace(case, house=moved)
    return Bill({name: of(case, asked) for name, of in SERVICES.items()}, choice)


def passed_on(case: Case) -> dict[str, float]:
    """Return what Replicate, OpenAI and Stripe charge for the same month."""
    price, asked = case.prices.passed_on, case.demand().totals
    charges = case.creators * sum(
        case.workload.times(a) for a in case.workload.activities if a.charges_usd
    )
    return {
        "Replicate": price["image"].of(asked["images"]),
        "OpenAI": price["input_token"].of(asked["input_tokens"])
        + price["output_token"].of(asked["output_tokens"]),
        "Stripe": price["charge"].of(charges)
        + price["charge_share"].of(asked["charges_usd"])
        + price["subscription_share"].of(asked["subscriptions_usd"]),
    }


def _lambda(case: Case, asked: Demand) -> float:
    calls = asked.calls.values()
    seconds = sum(call.gb_seconds for call in calls)
    return (
        case.prices[f"lambda_{case.house.architecture}"].of(seconds)
        + case.prices["lambda_request"].of(sum(call.count for call in calls))
        + _snapshots(case, asked)
    )


def _snapshots(case: Case, asked: Demand) -> float:
    if not case.house.snapshots:
        return 0.0
    rules, seconds = case.workload.sandboxes, case.workload.month.seconds
    taken = [f for f in case.house.functions.values() if f.kind != OPERATIONS]
    sizes = {f.name: f.memory_mb / MB_PER_GB + rules.snapshot_gb_more for f in taken}
    restored = sum(
        call.cold * sizes[name] for name, call in asked.calls.items() if name in sizes
    )
    kept = sum(sizes.values()) * seconds * rules.versions
    prices = case.prices
    return prices["snapstart_cache"].of(kept) + prices["snapstart_restore"].of(restored)


def _gateway(case: Case, asked: Demand) -> float:
    return case.prices["gateway_request"].of(asked.door_requests)


def _queues(case: Case, asked: Demand) -> float:
    sent = sum(asked.messages.values())
    received_and_deleted = 2 * sum(asked.batches.values())
    return case.prices["queue_request"].of(
        asked.empty_polls + sent + received_and_deleted
    )


def _scheduler(case: Case, asked: Demand) -> float:
    return case.prices["schedule_call"].of(asked.schedule_calls)


def _database(case: Case, asked: Demand) -> float:
    total = 0.0
    rules = case.workload.databases
    for one in case.house.databases:
        copies = 2 if one.is_doubled else 1
        storage = max(one.storage_gb, asked.rows_gb * rules.spare)
        changed = 1 + one.backup_days * rules.backup_per_day
        kept = max(0.0, asked.rows_gb * changed - storage)
        hours = case.workload.month.hours * copies
        total += case.prices[f"database_{one.class_}"].of(hours)
        total += case.prices["database_gb"].of(storage * copies)
        total += case.prices["backup_gb"].of(kept)
    return total


def _proxy(case: Case, _: Demand) -> float:
    classes = {one.name: one for one in case.workload.databases.classes}
    processors = sum(classes[d.class_].processors for d in case.house.databases)
    hours = case.workload.month.hours * processors * case.house.proxies
    return case.prices["proxy_hour"].of(hours)


def ways_out(case: Case, asked: Demand) -> float:
    """Return what it costs that outer functions reach the internet."""
    hours, prices, house = case.workload.month.hours, case.prices, case.house
    gateways = prices["nat_hour"].of(hours * house.nat_gateways)
    through = prices["nat_gb"].of(asked.out_gb) if house.nat_gateways else 0.0
    machines = sum(
        prices[f"machine_{kind}"].of(hours) for kind in house.nat_machines
    ) + prices["disk_gb"].of(house.disk_gb)
    addresses = prices["address_hour"].of(hours * house.addresses)
    return gateways + through + machines + addresses


def _endpoints(case: Case, asked: Demand) -> float:
    hours = case.workload.month.hours * case.house.endpoint_zones
    calls = asked.secret_reads + sum(asked.messages.values())
    through = calls * KB_OF_A_CALL / KB_PER_GB
    prices = case.prices
    return prices["endpoint_hour"].of(hours) + prices["endpoint_gb"].of(through)


def _transfer(case: Case, asked: Demand) -> float:
    sent = asked.served_gb + asked.answered_gb + asked.out_gb * SENT_SHARE
    return case.prices["transfer_gb"].of(sent)


def logged_gb(case: Case, asked: Demand) -> float:
    """Return what CloudWatch takes in: lines of calls, of access, of the database."""
    logs, seconds = case.workload.logs, case.workload.month.seconds
    lines = sum(call.log_bytes for call in asked.calls.values())
    access = asked.door_requests * logs.access_bytes * case.house.access_log
    samples = sum(
        seconds / one.sampled_every_s * (2 if one.is_doubled else 1)
        for one in case.house.databases
        if one.sampled_every_s
    )
    return (lines + access + samples * logs.os_metrics_bytes) / BYTES_PER_GB


def _logs(case: Case, asked: Demand) -> float:
    taken = logged_gb(case, asked)
    months = case.house.retention_days / DAYS
    kept = taken * months * case.workload.logs.compressed_to
    return case.prices["log_ingested"].of(taken) + case.prices["log_kept"].of(kept)


def _watch(case: Case, _: Demand) -> float:
    house, prices = case.house, case.prices
    return (
        prices["metric"].of(house.metrics)
        + prices["alarm"].of(house.alarm_metrics)
        + prices["dashboard"].of(house.dashboards)
    )


def _traces(case: Case, asked: Demand) -> float:
    return case.prices["trace"].of(
        sum(_traced(call, case.workload) for call in asked.calls.values())
    )


def _traced(calls: Calls, workload: Workload) -> float:
    """Return how many calls of a function are traced: one a second, and some more."""
    if not calls.function.is_traced:
        return 0.0
    seconds = workload.month.seconds
    first = seconds * (1 - exp(-calls.per_second)) * workload.first_traces_per_second
    return min(calls.count, first + (calls.count - first) * workload.traces_of_the_rest)


def _secrets(case: Case, asked: Demand) -> float:
    prices = case.prices
    return prices["secret"].of(case.house.secrets) + prices["secret_call"].of(
        asked.secret_reads
    )


def _keys(case: Case, asked: Demand) -> float:
    prices = case.prices
    return (
        prices["key"].of(case.house.keys)
        + prices["key_call"].of(asked.totals["opened"])
        + prices["key_signature"].of(asked.totals["signed"])
    )


def _files(case: Case, asked: Demand) -> float:
    prices = case.prices
    return (
        prices["file_gb"].of(asked.files_gb)
        + prices["file_write"].of(asked.totals["writes"])
        + prices["file_read"].of(asked.totals["reads"])
    )


def _letters(case: Case, asked: Demand) -> float:
    return case.prices["letter"].of(asked.totals["letters"])


SERVICES: Mapping[str, Callable[[Case, Demand], float]] = {
    "RDS for PostgreSQL": _database,
    "RDS Proxy": _proxy,
    "Way out (NAT, addresses)": ways_out,
    "Interface endpoints": _endpoints,
    "Lambda": _lambda,
    "API Gateway": _gateway,
    "SQS": _queues,
    "EventBridge Scheduler": _scheduler,
    "CloudWatch Logs": _logs,
    "CloudWatch metrics, alarms, dashboard": _watch,
    "X-Ray": _traces,
    "Secrets Manager": _secrets,
    "KMS": _keys,
    "S3": _files,
    "Transfer to the internet": _transfer,
    "SES": _letters,
}
