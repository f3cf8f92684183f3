"""The only place that reads the time.

Leases, schedules and expiries are decided by the database's ``now()``; this clock is
for what the process itself must know: token lifetimes, signatures and log lines.
"""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    return datetime.now(UTC)


def timestamp() -> str:
    """Return the current instant as ``2026-01-12T10:00:00Z``, in whole seconds."""
    return in_whole_seconds(now())


def in_whole_seconds(instant: datetime) -> str:
    """Return an instant as ``2026-01-12T10:00:00Z``, what is less than a second cut."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def monotonic_s() -> float:
    """Return seconds from an arbitrary start that never run backwards."""
    return time.monotonic()
