"""Taking posts back: those that are not out are ended, the others are wanted back."""

from datetime import timedelta
from uuid import UUID

from vixenbliss.database import Connection
from vixenbliss.jobs.messages import publish
from vixenbliss.repositories.recalls import Extent, RecallRepository
from vixenbliss.services.outbox import Outbox

PATIENCE = timedelta(minutes=5)
"""How long a post may be silent before the sweeper looks at it."""


async def recall_posts(
    connection: Connection, extent: Extent, *, reason: str
) -> list[UUID]:
    """Take back all posts of an extent; return those of which it was not wanted before.

    Again is the same: what was wanted back is wanted back no more than once. A worker
    deletes what is out; the caller writes the trail.
    """
    recalls = RecallRepository(connection)
    ids = await recalls.lock(extent)
    cancelled = await recalls.cancel(ids, reason)
    asked = await recalls.ask(ids, reason, patience=PATIENCE)
    await Outbox(connection).send(
        *(publish(post_id, f"recall-{version}") for post_id, version in asked)
    )
    return sorted([*cancelled, *(post_id for post_id, _ in asked)])


async def hold_back_posts(
    connection: Connection, extent: Extent, *, reason: str
) -> int:
    """End those posts of an extent that nobody can have seen; return how many."""
    recalls = RecallRepository(connection)
    return len(await recalls.cancel(await recalls.lock(extent), reason))
