"""docs/prices.yaml: what one unit of anything costs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.tools.cost.errors import CostError

SURENESS = ("list", "page", "bill", "memory")
"""How sure a price can be, the surest first; docs/prices.yaml explains them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a unit, in tiers of units a month; the last tier has no end."""

    name: str
    unit: str
    sure: str
    source: str
    tiers: tuple[tuple[float | None, float], ...]

    @property
    def usd(self) -> float:
        """Return what the first unit costs."""
        return self.tiers[0][1]

    def of(self, units: float) -> float:
        """Return what so many units cost in a month, tier by tier."""
        total, below = 0.0, 0.0
        for end, usd in self.tiers:
            within = min(units, units if end is None else end) - below
            total += max(0.0, within) * usd
            below = units if end is None else end
        return total


@dataclass(frozen=True, slots=True)
class Prices:
    """All prices of a region, and of those who are paid beside AWS."""

    region: str
    looked_up: str
    sources: Mapping[str, str]
    aws: Mapping[str, Price]
    passed_on: Mapping[str, Price]

    def __getitem__(self, name: str) -> Price:
        """Return a price of AWS.

        Raises:
            CostError: nobody has looked it up.
        """
        if name not in self.aws:
            raise CostError(f"docs/prices.yaml has no price of {name}")
        return self.aws[name]

    def all(self) -> Iterable[Price]:
        """Yield every price, AWS's first."""
        yield from self.aws.values()
        yield from self.passed_on.values()


def read(path: Path) -> Prices:
    """Read the file.

    Raises:
        CostError: a price has no source, or claims to be sure in a way of its own.
    """
    written = yaml.safe_load(path.read_text())
    prices = Prices(
        region=written["region"],
        looked_up=str(written["looked_up"]),
        sources=written["sources"],
        aws=_prices(written["aws"]),
        passed_on=_prices(written["passed_on"]),
    )
    for price in prices.all():
        if price.sure not in SURENESS or price.source not in prices.sources:
            raise CostError(f"{price.name} has no source, or is sure in no known way")
    return prices


def _prices(written: Mapping[str, Mapping[str, Any]]) -> dict[str, Price]:
    return {
        name: Price(
            name=name,
            unit=price["unit"],
            sure=price["sure"],
            source=price["source"],
            tiers=tuple(
                (end, usd) for end, usd in price.get("tiers") or [(None, price["usd"])]
            ),
        )
        for name, price in written.items()
    }
