"""How the house is, measured: what is late, stuck or refused, or does not add up."""

from dataclasses import dataclass
from typing import Literal

from vixenbliss.database import reading
from vixenbliss.repositories.house_facts import Fact, HouseFacts

type Unit = Literal["Count", "Percent", "Seconds"]
"""As CloudWatch spells them."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A fact as it is now; ``shared/infrastructure/watch.yaml`` has its alarm."""

    name: str
    unit: Unit
    value: float


async def look() -> list[Measured]:
    """Return how the house is, each fact once; nought means that all is well."""
    async with reading() as connection:
        facts = await HouseFacts(connection).look()
    return [Measured(fact, unit_of(fact), value) for fact, value in facts.items()]


def unit_of(fact: Fact) -> Unit:
    """Return in what a fact is measured, which its name says."""
    if fact.endswith("Age"):
        return "Seconds"
    return "Percent" if fact.endswith("Share") else "Count"
