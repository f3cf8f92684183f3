"""Every hour: hand accounts over of whose posts numbers are due."""

from typing import Any

from vixenbliss.loop import run
from vixenbliss.services.due_numbers import queue_due


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """Have accounts read that have posts whose time has come."""
    return {"queued": run(queue_due())}
