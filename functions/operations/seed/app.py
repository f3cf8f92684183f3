"""A new deployment gets its first owner, who may also run the platform."""

from typing import Any

from vixenbliss.loop import run
from vixenbliss.services.seeding import seed


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Make the owner ``{"email", "password"}``; twice is once."""
    return run(seed(event["email"], event["password"]))
