"""How often Postgres is waited for."""

import tempfile
from collections.abc import Callable
from typing import Any

from vixenbliss.database import engine
from vixenbliss.loop import run


async def _conversation() -> Any:
    """Return what libpq knows of the container's one connection."""
    async with engine().connect() as connection:
        raw = await connection.get_raw_connection()
        return raw.driver_connection.pgconn  # type: ignore[union-attr]  # it is open


def trips(act: Callable[[], object]) -> int:
    """Return how often Postgres was waited for, by the protocol's own trace."""
    act()  # the first time, the statements are prepared
    conversation = run(_conversation())
    with tempfile.TemporaryFile() as trace:
        conversation.trace(trace.fileno())
        try:
            act()
        finally:
            conversation.untrace()
        trace.seek(0)
        return sum(line.split(b"\t")[3:4] == [b"ReadyForQuery"] for line in trace)
