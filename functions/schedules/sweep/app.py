"""Every minute: put what has been silent for too long on its way again."""

from dataclasses import asdict
from typing import Any

from vixenbliss.loop import run
from vixenbliss.services.sweeping import sweep


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """Wake silent jobs and decisions."""
    return asdict(run(sweep()))
