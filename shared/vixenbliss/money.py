"""Money: whole numbers with a currency beside them, never a float.

Fans pay in minor units (cents, or whole yen); providers charge fractions of a cent, so
the books count everything in micros, millionths of a currency's unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

MICROS_PER_UNIT = 1_000_000
MICROS_PER_MINOR = 10_000  # of a currency with two decimals


class Currency(StrEnum):
    """The currencies that fans may pay in: ISO 4217, in lower case as Stripe has it."""

    AUD = "aud"
    BRL = "brl"
    CAD = "cad"
    CHF = "chf"
    CZK = "czk"
    DKK = "dkk"
    EUR = "eur"
    GBP = "gbp"
    HKD = "hkd"
    JPY = "jpy"
    MXN = "mxn"
    NOK = "nok"
    NZD = "nzd"
    PLN = "pln"
    SEK = "sek"
    SGD = "sgd"
    USD = "usd"


WITHOUT_MINOR_UNIT = frozenset({Currency.JPY})
"""Currencies of which the unit is the smallest amount (docs.stripe.com/currencies)."""

LEAST_CHARGE: Mapping[Currency, int] = {
    Currency.AUD: 50,
    Currency.BRL: 50,
    Currency.CAD: 50,
    Currency.CHF: 50,
    Currency.CZK: 1_500,
    Currency.DKK: 250,
    Currency.EUR: 50,
    Currency.GBP: 30,
    Currency.HKD: 400,
    Currency.JPY: 50,
    Currency.MXN: 1_000,
    Currency.NOK: 300,
    Currency.NZD: 50,
    Currency.PLN: 200,
    Currency.SEK: 300,
    Currency.SGD: 50,
    Currency.USD: 50,
}
"""What Stripe charges at least, in minor units (docs.stripe.com/currencies)."""
MOST_CHARGED_MINOR = 99_999_999  # docs.stripe.com/currencies, "Maximum charge amounts"


def micros_per_minor(currency: str) -> int:
    """Return how many micros a minor unit of a currency is."""
    return MICROS_PER_UNIT if currency in WITHOUT_MINOR_UNIT else MICROS_PER_MINOR


def to_micros(amount_minor: int, currency: str) -> int:
    """Return an amount in minor units as micros, exactly."""
    return amount_minor * micros_per_minor(currency)


def to_minor(amount_micros: int, currency: str) -> int | None:
    """Return an amount in micros as minor units; None if it is not whole in them."""
    minor, rest = divmod(amount_micros, micros_per_minor(currency))
    return None if rest else minor


def minor_of(amount: Decimal, currency: str) -> int | None:
    """Return an amount in units as minor units; None if it is not whole in them."""
    minor, rest = divmod(amount * MICROS_PER_UNIT, micros_per_minor(currency))
    return None if rest else int(minor)


def share(amount: int, part: int, whole: int) -> int:
    """Return the part of an amount that ``part`` is of ``whole``, rounded half up.

    Whole numbers in, a whole number out; ``whole`` is positive.
    """
    return (2 * amount * part + whole) // (2 * whole)


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount owed to a provider, in micros of its currency."""

    amount_micros: int
    currency: str = "usd"

    def __mul__(self, count: int) -> "Cost":
        """Return the cost of so many of the same."""
        return Cost(self.amount_micros * count, self.currency)
