"""The one call, and what came of it; told only once, so it is stored trying hard."""

import asyncio
from datetime import timedelta

from vixenbliss.errors import (
    DatabaseUnavailableError,
    OutcomeUnknownError,
    ProviderError,
)
from vixenbliss.jobs.messages import confirm
from vixenbliss.log import log
from vixenbliss.models.posts import PostStep
from vixenbliss.providers.publishing import (
    Order,
    Prepared,
    Publisher,
    Sent,
    Stage,
)
from vixenbliss.repositories.post_claims import ClaimedPost
from vixenbliss.repositories.post_progress import Shown
from vixenbliss.services.post_settling import PATIENCE, note_of, settlement_of

OUTCOME_IN = timedelta(seconds=3)
STORES = 4
"""How often it is tried to store what only this answer told."""
PAUSE_S = 0.25


async def send(
    post: ClaimedPost, publisher: Publisher, order: Order, prepared: Prepared
) -> ProviderError | None:
    """Make the one call, and keep what came of it; return why it had no effect, if so.

    Only after the intent has been committed, and once. A refusal is believed when the
    platform does not show what was refused.
    """
    try:
        sent = await publisher.publish(order, prepared)
    except OutcomeUnknownError as error:
        await _lose_sight(post, error)
    except ProviderError as error:
        if not await _may_be_there(publisher, prepared):
            return error
        await _lose_sight(post, error)
    else:
        await _keep(post, sent)
    return None


async def _may_be_there(publisher: Publisher, prepared: Prepared) -> bool:
    """Tell whether a call that was refused may have had its effect all the same."""
    if prepared.handle is None:
        return False
    try:
        told = await publisher.readiness(prepared.handle)
    except ProviderError as error:
        log.warning("refusal not looked into", code=error.code, words=error.words)
        return True
    return told.stage is Stage.PUBLISHED


async def _lose_sight(post: ClaimedPost, error: ProviderError) -> None:
    """Leave to reading what the one call left open."""
    async with settlement_of(post) as settlement:
        note = note_of(PostStep.PUBLISH, error)
        await settlement.posts.note(post, note)
        await settlement.posts.await_outcome(
            post, check_in=PATIENCE, error_code=note.outcome
        )
        await settlement.send(confirm(post.id, f"lost-{post.fence}"))
    log.warning("outcome unknown", post_id=str(post.id), words=error.words)


async def _keep(post: ClaimedPost, sent: Sent) -> None:
    """Store what the one call was answered with, trying hard: it is told only once."""
    for attempt in range(1, STORES + 1):
        try:
            await _store(post, sent)
        except DatabaseUnavailableError:
            if attempt == STORES:
                raise
            await asyncio.sleep(PAUSE_S * 2**attempt)
        else:
            return


async def _store(post: ClaimedPost, sent: Sent) -> None:
    async with settlement_of(post) as settlement:
        if sent.post_id:
            shown = Shown(sent.post_id)
            await settlement.published(PostStep.PUBLISH, shown, check_in=PATIENCE)
            await settlement.send(confirm(post.id, f"shown-{post.fence}"))
        else:
            await settlement.note(PostStep.PUBLISH, "SENT")
            await settlement.posts.await_outcome(
                post, handle=sent.handle, check_in=PATIENCE
            )
            await settlement.send(confirm(post.id, f"sent-{post.fence}", OUTCOME_IN))
