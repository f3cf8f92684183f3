"""Until when a batch may ask others; so that what came of it can still be kept.

One call has a time of its own, but a batch makes several after each other, and Lambda
ends a function in the middle of whatever it does. Everything that a batch begins, in
whichever task, sees the batch's deadline.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends_at: ContextVar[float] = ContextVar("ends_at", default=math.inf)


@contextmanager
def time_to_ask(seconds: float) -> Iterator[None]:
    """Let nothing within the block be asked of a provider after so many seconds."""
    before = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(before)


def time_left_s() -> float:
    """Return for how long somebody may still be asked; infinite outside of batches."""
    return _ends_at.get() - time.monotonic()
