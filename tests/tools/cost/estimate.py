"""Each deployment at each scale, and what it costs."""

from dataclasses import dataclass
from pathlib import Path

from tests.tools.cost import durations, house, prices, workload
from tests.tools.cost.bills import Bill, Case, bill


@dataclass(frozen=True, slots=True)
class Column:
    """One deployment at one scale."""

    size: str
    case: Case

    @property
    def title(self) -> str:
        """Return what stands above its figures."""
        return f"{self.size}, {self.case.creators:,}"


class Estimate:
    """All deployments at all scales, of what a repository has in it."""

    def __init__(self, root: Path) -> None:
        docs, samconfig = root / "docs", root / "samconfig.toml"
        self.prices = prices.read(docs / "prices.yaml")
        self.workload = workload.read(docs / "workload.yaml")
        self.measured = durations.read(docs / "durations.json", docs / "measured.json")
        houses = {
            size: house.read(
                root / "template.yaml", house.parameters(samconfig, environment)
            )
            for size, environment in self.workload.deployments.items()
        }
        self.columns = [
            Column(size, Case(one, self.workload, self.prices, self.measured, creators))
            for size, one in houses.items()
            for creators in self.workload.creators
        ]
        self._bills = {column.title: bill(column.case) for column in self.columns}

    def bill(self, column: Column) -> Bill:
        """Return the bill of a column."""
        return self._bills[column.title]

    def large(self) -> list[Column]:
        """Return the columns of the last size, which is the one to grow in."""
        last = self.columns[-1].size
        return [column for column in self.columns if column.size == last]
