"""Every minute: hand posts over whose time has come."""

from typing import Any

from vixenbliss.loop import run
from vixenbliss.services.due_posts import queue_due


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """Take due posts out of the calendar."""
    return {"queued": run(queue_due())}
