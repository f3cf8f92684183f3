"""Every night: begin to hold Stripe's books of the day before against ours."""

from typing import Any

from vixenbliss.loop import run
from vixenbliss.services.reconciliation_runs import begin_due
from vixenbliss.settings import settings


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """Begin a reconciliation, unless one is running."""
    return {"begun": run(begin_due(settings()))}
