"""Taking back what is published: by us where a platform lets us, or else by somebody.

To delete what is gone already is no error, so this may be done again after a crash.
"""

from datetime import timedelta

from vixenbliss.clock import now
from vixenbliss.errors import InvalidStateError, LeaseLostError, ProviderError
from vixenbliss.jobs.messages import publish
from vixenbliss.log import log
from vixenbliss.models.posts import Failure, PostStep
from vixenbliss.providers.publishing import Publisher
from vixenbliss.repositories.post_claims import ClaimedPost
from vixenbliss.repositories.todos import NewTodo, TodoRepository
from vixenbliss.services.post_settling import PATIENCE, note_of, settlement_of
from vixenbliss.services.publisher_access import Publishers

AGAIN_IN = timedelta(minutes=1)
PATIENT_FOR = timedelta(hours=1)
"""After which a person is asked to do what we could not."""
_GRAVE = (Failure.FIX_CONTENT, Failure.STOP)


class TakingDown:
    """Takes posts back."""

    def __init__(self, publishers: Publishers) -> None:
        self._publishers = publishers

    async def take_down(self, post: ClaimedPost) -> None:
        """Take a published post back, or say who has to do it."""
        try:
            await self._try(post)
        except LeaseLostError:
            log.warning("lease lost", post_id=str(post.id))

    async def _try(self, post: ClaimedPost) -> None:
        publisher: Publisher | None = None
        try:
            publisher = await self._publishers.open(
                post.account_id, post.platform, post.platform_user_id
            )
            if not (publisher.can_delete and post.platform_post_id):
                await _leave_to_somebody(post, f"{post.platform} lets no app delete it")
                return
            await publisher.delete(post.platform_post_id)
        except InvalidStateError as error:
            await _leave_to_somebody(post, str(error))
        except ProviderError as error:
            await self._fail(post, publisher, error)
        else:
            async with settlement_of(post) as settlement:
                await settlement.recalled()

    async def _fail(
        self, post: ClaimedPost, publisher: Publisher | None, error: ProviderError
    ) -> None:
        failure = publisher.failure_of(error) if publisher else Failure.RETRY
        if failure is Failure.REAUTHENTICATE and not await self._may_return(post):
            failure = Failure.STOP
        if failure in _GRAVE or _has_waited(post):
            await _leave_to_somebody(post, error.reason)
            return
        async with settlement_of(post) as settlement:
            await settlement.posts.note(post, note_of(PostStep.RECALL, error))
            await settlement.posts.wait_ready(post, check_in=PATIENCE)
            again = publish(post.id, f"recall-again-{post.fence}", AGAIN_IN)
            await settlement.send(again)

    async def _may_return(self, post: ClaimedPost) -> bool:
        """Tell whether a refused token has ended, and another one may help."""
        try:
            return await self._publishers.refresh(post.account_id)
        except InvalidStateError:
            return False
        except ProviderError:
            return True


def _has_waited(post: ClaimedPost) -> bool:
    return now() - (post.recall_asked_at or now()) > PATIENT_FOR


async def _leave_to_somebody(post: ClaimedPost, reason: str) -> None:
    """Open a todo, once for each post, and say so in the post."""
    where = post.permalink or f"the account {post.username}"
    async with settlement_of(post) as settlement:
        await settlement.note(PostStep.RECALL, "LEFT_TO_SOMEBODY", reason)
        await settlement.posts.note_recall(post, f"To be taken down by hand: {reason}.")
        await TodoRepository(settlement.connection).add_once(
            NewTodo(
                title=f"Take down by hand on {post.platform}: {where}"[:255],
                owner_id=post.created_by,
                workspace_id=post.workspace_id,
                avatar_id=post.avatar_id,
                piece_id=post.piece_id,
                post_id=post.id,
            )
        )
        await settlement.tell("recall_left", reason=reason)
