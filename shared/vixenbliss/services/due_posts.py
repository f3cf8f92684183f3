"""Posts whose time has come leave the calendar, each once."""

from vixenbliss.database import transaction
from vixenbliss.jobs.messages import publish
from vixenbliss.repositories.post_claims import PostClaimRepository
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.post_settling import PATIENCE

AT_ONCE = 50
AT_MOST = 1_000
"""How many a run takes; the next one is a minute later."""


async def queue_due() -> int:
    """Hand over what is due to the workers; return how many posts that were.

    Row and message are one transaction. Schedulers that overlap take different posts;
    one that dies leaves the rest where the next one finds it.
    """
    queued = 0
    while queued < AT_MOST:
        taken = await _queue_some()
        queued += taken
        if taken < AT_ONCE:
            break
    return queued


async def _queue_some() -> int:
    async with transaction() as connection:
        claims = PostClaimRepository(connection)
        await claims.relieve_accounts()
        due = await claims.queue_due(limit=AT_ONCE, patience=PATIENCE)
        await Outbox(connection).send(
            *(publish(post_id, f"due-{version}") for post_id, version in due)
        )
    return len(due)
