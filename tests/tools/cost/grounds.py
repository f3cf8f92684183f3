"""What an estimate rests on, and where it ends: the second half of docs/cost.md."""

from collections.abc import Iterator

from tests.tools.cost import limits as all_limits
from tests.tools.cost import prose
from tests.tools.cost.estimate import Estimate
from tests.tools.cost.prices import Price
from tests.tools.cost.words import dollars, filled, percent, rounded, table

FULL = 0.5
"""From which share on a limit is told."""


def limits(estimate: Estimate) -> Iterator[str]:
    """Tell what breaks first."""
    column = estimate.columns[-1]
    yield filled(
        prose.LIMITS,
        creators=f"{column.case.creators:,}",
        size=column.size,
        full=percent(FULL),
        mean=percent(estimate.workload.month.peak),
    )
    found = all_limits.limits(column.case, estimate.bill(column))
    rows = [
        [
            one.what,
            f"{rounded(one.asked)} {one.unit}",
            rounded(one.limit),
            percent(one.share),
        ]
        for one in found
        if one.share >= FULL
    ]
    yield from table(["what", "asked for at the peak", "there is", "full"], rows)
    yield from _first_full(estimate)
    yield filled(prose.BREAKS)


def basis(estimate: Estimate) -> Iterator[str]:
    """Tell what was measured and what is assumed."""
    seen = estimate.measured
    yield filled(
        prose.BASIS,
        functions=len(seen.functions),
        worked=len(seen.work_ms),
        of=seen.of,
        measured_on=seen.measured_on,
        machine=seen.machine,
        ms=seen.database_ms,
        full=f"{estimate.workload.sandboxes.full_processor_mb:,.0f}",
        polls=_polls(estimate),
        colds=_colds(estimate),
    )
    yield from table(
        ["a creator does in a month", "times", "because"],
        [
            [
                one.name,
                rounded(estimate.workload.times(one)),
                one.why,
            ]
            for one in estimate.workload.activities
        ],
    )


def prices(estimate: Estimate) -> Iterator[str]:
    """Tell which prices are not sure."""
    every = list(estimate.prices.all())
    unsure = [price for price in every if price.sure == "memory"]
    yield filled(
        prose.PRICES,
        count=len(every),
        unsure=len(unsure),
        sure=len(every) - len(unsure),
    )
    yield filled(", ".join(map(_unit_price, unsure)) + ".")


def _first_full(estimate: Estimate) -> Iterator[str]:
    """Tell for the other columns what is fullest."""
    yield filled(prose.FULLEST)
    rows = []
    for column in estimate.columns[:-1]:
        first, *_ = all_limits.limits(column.case, estimate.bill(column))
        asked = f"{rounded(first.asked)} of {rounded(first.limit)} {first.unit}"
        rows.append([column.title, first.what, asked, percent(first.share)])
    yield from table(["deployment, creators", "what", "of", "full"], rows)


def _colds(estimate: Estimate) -> str:
    """Tell how much of Lambda's time is of cold starts, at each scale."""
    told = []
    for column in estimate.large():
        calls = column.case.demand().calls.values()
        cold = sum(call.cold_gb_seconds for call in calls)
        share = cold / sum(call.gb_seconds for call in calls)
        told.append(f"{percent(share)} with {column.case.creators:,} creators")
    return ", ".join(told)


def _polls(estimate: Estimate) -> str:
    """Tell what Lambda's pollers cost where nobody sends anything."""
    case = estimate.columns[0].case
    load = estimate.workload
    empty = case.empty().demand().empty_polls
    return (
        f"{len(case.house.mappings)} mappings x {load.pollers} pollers"
        f" x {load.polls_per_minute} a minute = {rounded(empty / 1e6)} million"
        f" requests, {dollars(estimate.prices['queue_request'].of(empty))} a month"
    )


def _unit_price(price: Price) -> str:
    return f"{price.name} ${f'{price.usd:.10f}'.rstrip('0').rstrip('.')}"
