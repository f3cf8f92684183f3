"""What may be done again before the one call, and is seen by nobody.

What an earlier try has prepared is looked at first: it may be good still, or be there.
"""

from datetime import timedelta

from vixenbliss.clock import now
from vixenbliss.database import transaction
from vixenbliss.jobs.messages import confirm, publish
from vixenbliss.models.posts import Failure, PostStep
from vixenbliss.providers.publishing import (
    HANDLES_LAST,
    Outcome,
    Prepared,
    Publisher,
    Stage,
)
from vixenbliss.repositories.post_claims import ClaimedPost
from vixenbliss.repositories.post_progress import Note, PostProgressRepository
from vixenbliss.services.orders import Request
from vixenbliss.services.post_settling import (
    PATIENCE,
    PostSettlement,
    settlement_of,
)

READY_IN = timedelta(seconds=5)
"""How often it is asked whether something is ready; Instagram asks for patience."""
PREPARED_WITHIN = timedelta(hours=1)
NO_TIME = timedelta(0)


async def prepare(
    post: ClaimedPost, publisher: Publisher, request: Request
) -> Prepared | None:
    """Return what stands ready for the one call; None if the post has to wait.

    Raises:
        ProviderError: nothing could be prepared.
        LeaseLostError: the post is no longer ours.
    """
    prepared, told = await _earlier(post, publisher, request)
    if prepared is None:
        prepared = await publisher.prepare(request.order)
        async with transaction() as connection:
            posts = PostProgressRepository(connection)
            await posts.keep_prepared(
                post,
                prepared.handle,
                expires_at=prepared.expires_at,
                request_sha256=request.sha256,
            )
            await posts.note(post, Note(PostStep.PREPARE, "PREPARED"))
        if prepared.handle is None:
            return prepared
        told = await publisher.readiness(prepared.handle)
    if told and told.stage is not Stage.READY:
        await _wait_for(post, prepared, told, request)
        return None
    return prepared


async def _wait_for(
    post: ClaimedPost, prepared: Prepared, told: Outcome, request: Request
) -> None:
    """Settle a post for which nothing stands ready now."""
    age = HANDLES_LAST - ((prepared.expires_at or now()) - now())
    async with settlement_of(post) as settlement:
        if told.stage is Stage.PUBLISHED:  # a call that was refused, and was not
            await settlement.posts.intend(post, request.told, lease=NO_TIME)
            await settlement.send(confirm(post.id, f"there-{post.fence}"))
        elif told.stage is Stage.LOST or age > PREPARED_WITHIN:
            await _lose(settlement, told)
        else:
            await settlement.posts.wait_ready(post, check_in=PATIENCE)
            again = publish(post.id, f"ready-{post.fence}", READY_IN)
            await settlement.send(again)


async def _earlier(
    post: ClaimedPost, publisher: Publisher, request: Request
) -> tuple[Prepared | None, Outcome | None]:
    """Return what an earlier try has prepared, and how it stands, if it is still good.

    What was prepared for other content is only looked at: it may be there, although
    its one call was refused.
    """
    if post.handle is None:
        return None, None
    told = await publisher.readiness(post.handle)
    if told.stage is Stage.PUBLISHED:
        return Prepared(post.handle), told
    is_same = post.request_sha256 == request.sha256
    expires_at = post.handle_expires_at
    if not is_same or expires_at is None or expires_at <= now():
        return None, None
    return Prepared(post.handle, expires_at), told


async def _lose(settlement: PostSettlement, told: Outcome) -> None:
    """Settle a try whose preparation has come to nothing."""
    failure = told.failure or Failure.RETRY
    code = told.their_code or "NEVER_READY"
    note = Note(PostStep.READINESS, code, error_class=failure)
    if failure is Failure.RETRY:
        await settlement.retry(note, drop_handle=True)
    else:
        await settlement.fail(note)
