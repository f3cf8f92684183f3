"""docs/cost.md, put together from everything else."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tests.tools.cost import bills, grounds, levers, prose
from tests.tools.cost.bills import SERVICES, bill
from tests.tools.cost.estimate import Column, Estimate
from tests.tools.cost.words import change, dollars, filled, percent, rounded, table

TOP = 5


class Report:
    """An estimate, told to people."""

    def __init__(self, estimate: Estimate) -> None:
        self._all = estimate

    def text(self) -> str:
        """Return the document as its inputs have it."""
        return "\n".join(self._lines())

    def headline(self) -> str:
        """Return what the README says of it."""
        small, *_ = self._all.columns
        _, *large = self._all.large()
        amounts = [
            f"{dollars(self._all.bill(c).total)} with {c.case.creators:,} (*{c.size}*)"
            for c in (small, *large)
        ]
        return filled(prose.HEADLINE, amounts=", ".join(amounts)).rstrip()

    def _lines(self) -> Iterator[str]:
        yield filled(
            prose.HEAD,
            region=self._all.prices.region,
            looked_up=self._all.prices.looked_up,
        )
        yield from self._services()
        yield from self._passed_on()
        yield from self._database()
        yield from self._ways_out()
        yield from self._levers()
        yield from self._doubled()
        yield from grounds.limits(self._all)
        yield from grounds.basis(self._all)
        yield from grounds.prices(self._all)
        yield filled(prose.TAIL)

    def _services(self) -> Iterator[str]:
        yield filled(prose.SERVICES)
        rows = [
            [
                name,
                *(
                    dollars(self._all.bill(c).by_service[name])
                    for c in self._all.columns
                ),
            ]
            for name in SERVICES
        ]
        fixed = {c.title: bill(c.case.empty()).total for c in self._all.columns}
        totals = [self._all.bill(column).total for column in self._all.columns]
        rows += [
            ["**Total**", *(f"**{dollars(total)}**" for total in totals)],
            ["of which with nobody in it", *map(dollars, fixed.values())],
            [
                "and for what is done",
                *(
                    dollars(total - fixed[column.title])
                    for column, total in zip(self._all.columns, totals, strict=True)
                ),
            ],
            [
                "**per creator**",
                *(
                    dollars(total / column.case.creators)
                    for column, total in zip(self._all.columns, totals, strict=True)
                ),
            ],
        ]
        yield from table(["$ a month", *(c.title for c in self._all.columns)], rows)

    def _passed_on(self) -> Iterator[str]:
        yield filled(prose.PASSED_ON)
        columns = self._all.large()
        paid = [bills.passed_on(column.case) for column in columns]
        rows = [[name, *(dollars(one[name]) for one in paid)] for name in paid[0]]
        yield from table(["$ a month", *_creators(columns)], rows)

    def _database(self) -> Iterator[str]:
        rules = self._all.workload.databases
        yield filled(
            prose.DATABASE,
            use=percent(rules.use),
            in_memory=percent(rules.in_memory),
            ms=self._all.measured.database_ms,
            peak=rounded(self._all.workload.month.peak),
        )
        rows = [
            [
                column.title,
                choice.chosen.name + ("" if choice.is_enough else " is not enough"),
                rounded(choice.processors),
                rounded(choice.chosen.steady * rules.use),
                choice.because,
                rounded(choice.rows_gb),
                f"{choice.connections:,}",
            ]
            for column in self._all.columns
            if (choice := self._all.bill(column).choice) is not None
        ]
        head = ["deployment, creators", "class", "vCPU at work at the peak"]
        head += ["vCPU it may use", "because", "GB of rows", "connections it allows"]
        yield from table(head, rows)

    def _ways_out(self) -> Iterator[str]:
        columns = self._all.large()
        traffic = [column.case.demand().out_gb for column in columns]
        yield filled(
            prose.WAYS_OUT,
            traffic=", ".join(f"{rounded(gb)} GB" for gb in traffic),
            scales=", ".join(f"{c.case.creators:,}" for c in columns),
            zones=columns[-1].case.house.endpoint_zones,
            endpoints=columns[-1].case.house.endpoints,
            even=rounded(self._even_gb()),
        )
        ways = {
            "NAT gateway in each of two zones": lambda c: levers.gateways_out(c, 2),
            "one NAT gateway": lambda c: levers.gateways_out(c, 1),
            "NAT instance (t4g.nano)": levers.machine_out,
        }
        rows = [
            [
                name,
                *(
                    dollars(bills.ways_out(way(c.case), c.case.demand()))
                    for c in columns
                ),
            ]
            for name, way in ways.items()
        ]
        rows.append(
            [
                "interface endpoints, beside any of them",
                *(
                    dollars(self._all.bill(c).by_service["Interface endpoints"])
                    for c in columns
                ),
            ]
        )
        yield from table(["$ a month", *_creators(columns)], rows)

    def _even_gb(self) -> float:
        """Return from how many GB a month on an endpoint in two zones saves."""
        hours = 2 * self._all.workload.month.hours
        saved = self._all.prices["nat_gb"].usd - self._all.prices["endpoint_gb"].usd
        return self._all.prices["endpoint_hour"].of(hours) / saved

    def _levers(self) -> Iterator[str]:
        columns = self._all.large()
        found = levers.levers([column.case for column in columns])
        chosen = {
            lever.what
            for n in range(len(columns))
            for lever in sorted(found, key=lambda one: -abs(one.effects_usd[n]))[:TOP]
        }
        yield filled(prose.LEVERS, size=columns[0].size, top=TOP)
        rows = [
            [lever.what, *map(change, lever.effects_usd)]
            for lever in found
            if lever.what in chosen
        ]
        yield from table(["$ a month", *_creators(columns)], rows)
        yield filled(prose.WEAKER)
        rest = [lever for lever in found if lever.what not in chosen]
        rows = [[lever.what, *map(change, lever.effects_usd)] for lever in rest]
        yield from table(["$ a month", *_creators(columns)], rows)

    def _doubled(self) -> Iterator[str]:
        yield filled(prose.DOUBLED)
        rows = []
        for column in self._all.columns:
            before = self._all.bill(column).total
            twice = replace(column.case, workload=self._all.workload.doubled())
            after = bill(twice).total
            rows.append(
                [
                    column.title,
                    dollars(before),
                    dollars(after),
                    f"{after / before:.2f}",
                ]
            )
        head = [
            "deployment, creators",
            "$ a month",
            "with twice of all",
            "times as much",
        ]
        yield from table(head, rows)


def _creators(columns: Sequence[Column]) -> list[str]:
    return [f"{column.case.creators:,} creators" for column in columns]
