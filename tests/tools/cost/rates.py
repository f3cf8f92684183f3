"""How often a schedule's expression comes true in a month of 30.4 days."""

import re

from tests.tools.cost.errors import CostError

_HOURS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0}
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_MONTH_HOURS = 730.0
_DAILY = 5
"""Of a cron's six fields those that follow the minute and the hour."""


def per_month(expression: str) -> float:
    """Return the calls of a month.

    Rates, and crons with one minute and one hour a day; the house has no others.

    Raises:
        CostError: it is another expression.
    """
    if found := _RATE.fullmatch(expression):
        return _MONTH_HOURS / (int(found[1]) * _HOURS[found[2]])
    if found := re.fullmatch(r"cron\(\d+ \d+ [*?] \* [*?] \*\)", expression):
        return _MONTH_HOURS / 24
    raise CostError(f"nobody has said how often {expression} comes true")
