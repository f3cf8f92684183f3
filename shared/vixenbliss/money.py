"""Money: whole numbers with a currency beside them, never a float.

Fans pay in minor units (cents); providers charge fractions of a cent, so what we owe
them is counted in micros, millionths of a unit.
"""

from dataclasses import dataclass

MICROS_PER_MINOR = 10_000  # of a currency with two decimals


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount owed to a provider, in micros of its currency."""

    amount_micros: int
    currency: str = "usd"

    def __mul__(self, count: int) -> "Cost":
        """Return the cost of so many of the same."""
        return Cost(self.amount_micros * count, self.currency)
