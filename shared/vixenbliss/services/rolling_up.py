"""What posts and the books say, added up by avatar and day.

A day is UTC's. Each night orders the last three, and whichever of the last weeks was
never done or has got entries since; a day is computed whole, from the rows as they are,
so a second delivery writes the same.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from vixenbliss.database import transaction
from vixenbliss.errors import LeaseLostError
from vixenbliss.jobs.messages import roll_up
from vixenbliss.log import log
from vixenbliss.repositories.rollup_runs import ClaimedDay, RollupRunRepository
from vixenbliss.repositories.rollups import RollupRepository
from vixenbliss.services.outbox import Outbox
from vixenbliss.settings import Settings

UNKNOWN_ROW_WAIT_S = 60
ALWAYS = 3
"""How many days are computed anew each night, whatever has happened."""
LOOKED_THROUGH = 35
"""How many days are looked through for what has come late."""


async def order_days() -> int:
    """Order days to be rolled up; return how many. Days on their way are left alone."""
    async with transaction() as connection:
        runs = RollupRunRepository(connection)
        days = _days_before(await runs.today(), LOOKED_THROUGH)
        due = await runs.due(days, always_since=days[ALWAYS - 1])
        ordered = await runs.request(due)
        await Outbox(connection).send(
            *(roll_up(run_id, f"ordered-{until}") for run_id, until in ordered)
        )
    return len(ordered)


def _days_before(today: date, count: int) -> list[date]:
    """Return so many days that are over, the latest first."""
    return [today - timedelta(days=ago) for ago in range(1, count + 1)]


class RollingUp:
    """Rolls days up."""

    def __init__(self, settings: Settings) -> None:
        self._lease = timedelta(seconds=settings.lease_s)

    async def roll_up(self, ids: Sequence[UUID]) -> dict[UUID, float]:
        """Roll days up; return those to be delivered again.

        One that somebody else is working on is left to them.
        """
        async with transaction() as connection:
            runs = RollupRunRepository(connection)
            known = await runs.known(ids)
            claimed = [await runs.claim(run_id, lease=self._lease) for run_id in known]
        for run in filter(None, claimed):
            await _roll_up(run)
        return dict.fromkeys(set(ids) - known, UNKNOWN_ROW_WAIT_S)


async def _roll_up(run: ClaimedDay) -> None:
    """Compute a day, and end its run in the same transaction, under the run's row."""
    log.info("day being rolled up", day=run.day.isoformat())
    try:
        async with transaction() as connection:
            await RollupRunRepository(connection).end(run)
            await RollupRepository(connection).put(run.day)
    except LeaseLostError:
        log.warning("lease lost", rollup_run_id=str(run.id))
        return
    log.info("day rolled up", day=run.day.isoformat())
