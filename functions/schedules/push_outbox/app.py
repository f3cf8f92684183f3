"""Every minute: hand over what was left behind in the outbox; drop what is old."""

from typing import Any

from vixenbliss.loop import run
from vixenbliss.services.outbox import sweep


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """Hand over messages whose writer did not get to it."""
    return {"sent": run(sweep())}
