"""Sliding windows: how often somebody did something lately."""

from collections import defaultdict, deque
from datetime import datetime, timedelta

from tests.stack.providers.settings import Clock

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Limits:
    """Counts by name and by who it is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def allows(self, name: str, who: str, most: int) -> bool:
        """Count one more within the minute, if that is not too many."""
        now, seen = self._clock.now(), self._seen[name, who]
        while seen and now - seen[0] >= MINUTE:
            seen.popleft()
        if len(seen) >= most:
            return False
        seen.append(now)
        return True

    def forget(self) -> None:
        """Begin to count anew."""
        self._seen.clear()
