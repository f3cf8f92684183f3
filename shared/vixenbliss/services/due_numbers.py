"""Accounts of whose posts numbers are due are handed to the workers, each once."""

from vixenbliss.database import transaction
from vixenbliss.jobs.messages import measure
from vixenbliss.repositories.measurements import MeasurementRepository
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.reading_times import FIRST, READ_FOR

AT_ONCE = 50
AT_MOST = 1_000
"""How many accounts a run takes; the next one is an hour later."""


async def queue_due() -> int:
    """Have accounts read that have posts whose time has come; return how many.

    Two clocks that strike at once take different accounts.
    """
    async with transaction() as connection:
        repository = MeasurementRepository(connection)
        await repository.adopt(first=FIRST, read_for=READ_FOR)
    queued = 0
    while queued < AT_MOST:
        taken = await _queue_some()
        queued += taken
        if taken < AT_ONCE:
            break
    return queued


async def _queue_some() -> int:
    async with transaction() as connection:
        due = await MeasurementRepository(connection).queue_due(limit=AT_ONCE)
        await Outbox(connection).send(
            *(measure(account_id, f"due-{until}") for account_id, until in due)
        )
    return len(due)
