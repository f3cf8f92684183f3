"""Minor units: how many make a whole, and what becomes of halves."""

from decimal import ROUND_HALF_UP, Decimal

_ZERO_DECIMAL = frozenset(
    [
        "bif",
        "clp",
        "djf",
        "gnf",
        "jpy",
        "kmf",
        "krw",
        "mga",
        "pyg",
        "rwf",
        "ugx",
        "vnd",
        "vuv",
        "xaf",
        "xof",
        "xpf",
    ]
)
_THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
MOST = 99_999_999
LEAST = {"jpy": 50, "eur": 50, "usd": 50, "gbp": 30}
"""What Stripe charges at least (docs.stripe.com/currencies); else nothing is checked"""


def half_up(amount: Decimal) -> int:
    """Return the nearest whole number, halves away from zero."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def digits(currency: str) -> int:
    """Return how many digits follow the point."""
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2


def minor(amount: Decimal, currency: str) -> int:
    """Return whole units in minor ones."""
    return half_up(amount.scaleb(digits(currency)))


def shown(amount: int, currency: str) -> str:
    """Return an amount for people."""
    return f"{Decimal(amount).scaleb(-digits(currency))} {currency.upper()}"


def tax_on(amount: int, percent: Decimal, behaviour: str | None) -> tuple[int, int]:
    """Return the tax on an amount, and what has to be paid in all."""
    if behaviour == "inclusive":
        return amount - half_up(amount / (1 + percent / 100)), amount
    tax = half_up(amount * percent / 100)
    return tax, amount + tax
