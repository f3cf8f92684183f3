"""Every night: have the last days added up, by avatar and by currency."""

from typing import Any

from vixenbliss.loop import run
from vixenbliss.services.rolling_up import order_days


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """Order days that are over."""
    return {"ordered": run(order_days())}
