"""What became of the one call: asked of the platform until it knows, and only asked.

A post is `processing` while its platform is at work, `unconfirmed` while nobody can
say. It ends by the platform's word, by its report, which rings here, or by somebody who
has looked. Nothing here publishes.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from vixenbliss.clock import now
from vixenbliss.database import reading, transaction
from vixenbliss.errors import (
    InvalidStateError,
    LeaseLostError,
    ProviderError,
    RateLimitedError,
    ReauthenticationNeededError,
)
from vixenbliss.jobs.messages import confirm, publish
from vixenbliss.log import log
from vixenbliss.loop import all_of
from vixenbliss.models.posts import Failure, PostStatus, PostStep
from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.publishing import Outcome, Published, Publisher, Stage
from vixenbliss.repositories.post_claims import (
    OPEN,
    ClaimedPost,
    PostClaimRepository,
    PostStanding,
)
from vixenbliss.repositories.post_progress import Note, Shown
from vixenbliss.services.post_settling import PATIENCE, settlement_of
from vixenbliss.services.publisher_access import Publishers
from vixenbliss.services.receipts import Receipts
from vixenbliss.settings import Settings

UNKNOWN_ROW_WAIT_S = 60
SKEW = timedelta(minutes=5)
"""By how much a platform's clock may be behind ours."""
GIVEN_UP_AFTER = timedelta(hours=25)
"""After which only a report, or a person, can tell. Containers live for a day."""
ADDRESS_WITHIN = timedelta(hours=1)
"""How long a post that has a name is asked for its address; not all have one."""
AT_WORK_FOR = timedelta(minutes=10)
"""How long a platform may be at work before nobody can say that it goes well."""
NEVER_SENT_AFTER = {Platform.TIKTOK: timedelta(hours=2)}
"""When what still waits for the one call can have it no more: an upload's address is
good for an hour (Content Posting API, Media Transfer Guide)."""
STILL_WORTH_IT = timedelta(hours=6)
"""How long after its time a post is tried again of itself."""
_PAUSES = (
    (timedelta(minutes=1), timedelta(seconds=5)),
    (timedelta(minutes=10), timedelta(seconds=30)),
    (timedelta(hours=1), timedelta(minutes=3)),
    (GIVEN_UP_AFTER, timedelta(minutes=15)),
)
"""To an age, how long to wait for the next look."""


class ConfirmingService:
    """Finds out what became of posts."""

    def __init__(
        self, settings: Settings, *, publishers: Publishers, receipts: Receipts
    ) -> None:
        self._lease = timedelta(seconds=settings.lease_s)
        self._publishers = publishers
        self._receipts = receipts

    async def confirm(self, ids: Sequence[UUID]) -> dict[UUID, float]:
        """Ask about the posts; return those to be delivered again, in so many seconds.

        Asking twice is asking once: nothing changes but what we know.
        """
        async with transaction() as connection:
            posts = await PostClaimRepository(connection).claim_open(
                ids, lease=self._lease
            )
        await all_of(*(self._confirm(post) for post in posts))
        left = set(ids) - {post.id for post in posts}
        return await self._waits(left) if left else {}

    async def _waits(self, left: set[UUID]) -> dict[UUID, float]:
        async with reading() as connection:
            known = await PostClaimRepository(connection).standing(list(left))
        waits = {post_id: _wait(known.get(post_id)) for post_id in left}
        return {post_id: wait for post_id, wait in waits.items() if wait is not None}

    async def _confirm(self, post: ClaimedPost) -> None:
        try:
            await self._try(post)
        except ProviderError as error:
            await _be_patient(post, error)
        except LeaseLostError:
            log.warning("lease lost", post_id=str(post.id))

    async def _try(self, post: ClaimedPost) -> None:
        try:
            publisher = await self._publishers.open(
                post.account_id, post.platform, post.platform_user_id
            )
        except InvalidStateError as error:
            await self._nobody_tells(post, error.code)
        else:
            await self._ask(post, publisher)

    async def _nobody_tells(self, post: ClaimedPost, code: str) -> None:
        """Leave a post as it is known; if it is there, it has its receipt for that."""
        if post.status is PostStatus.PUBLISHED:
            await self._receipts.write(post.id)
        await _wonder(post, code)

    async def _ask(self, post: ClaimedPost, publisher: Publisher) -> None:
        try:
            if post.status is PostStatus.PUBLISHED and post.platform_post_id:
                await self._show(post, publisher)
            elif post.handle is None:
                await self._nobody_tells(post, "OUTCOME_UNKNOWN")
            else:
                # What is found on the way to another try was there before its intent.
                intended_at = post.publish_intent_at or post.scheduled_at
                since = min(intended_at, post.scheduled_at) - SKEW
                outcome = await publisher.outcome(
                    post.handle, caption=post.caption, since=since
                )
                await self._settle(post, publisher, outcome)
        except ProviderError as error:
            if publisher.failure_of(error) is Failure.REAUTHENTICATE:
                await self._try_token(post)
            raise

    async def _try_token(self, post: ClaimedPost) -> None:
        """Find out by a refresh whether a refused token means the grant's end."""
        try:
            await self._publishers.refresh(post.account_id)
        except ReauthenticationNeededError:
            return  # which the account says by now
        except (InvalidStateError, ProviderError) as error:
            log.warning("token not refreshed", code=error.code)

    async def _settle(
        self, post: ClaimedPost, publisher: Publisher, outcome: Outcome
    ) -> None:
        if outcome.stage is Stage.PUBLISHED:
            shown = outcome.published or Published(None)
            if shown.id:
                shown = await _read_back(publisher, shown)
            await self._there(post, shown)
        elif outcome.stage is Stage.LOST:
            await _lost(post, outcome)
        elif outcome.stage is Stage.READY and _is_never_sent(post):
            await _lost(post, Outcome(Stage.LOST, "NEVER_SENT", Failure.RETRY))
        elif outcome.stage is Stage.PREPARING and _age(post) < AT_WORK_FOR:
            await _look_again(post)
        else:
            await _wonder(post, outcome.their_code or "OUTCOME_UNKNOWN")

    async def _show(self, post: ClaimedPost, publisher: Publisher) -> None:
        """Keep what the platform shows of a post whose name there is known."""
        known = Published(post.platform_post_id, permalink=post.permalink)
        await self._there(post, await _read_back(publisher, known))

    async def _there(self, post: ClaimedPost, shown: Published) -> None:
        """Record that a post is there; look again for what is not told yet."""
        is_named = (shown.id or post.platform_post_id) is not None
        is_whole = shown.permalink is not None or (
            is_named and _age(post) > ADDRESS_WITHIN
        )
        check_in = None if is_whole else _pause(post)
        if _is_news(post, shown):
            async with settlement_of(post) as settlement:
                told = Shown(
                    shown.id, shown.published_at, shown.permalink, shown.is_labelled_ai
                )
                await settlement.published(
                    PostStep.READ_BACK, told, check_in=check_in or PATIENCE
                )
                if post.recall_asked_at:
                    await settlement.send(
                        publish(post.id, f"recall-there-{post.fence}")
                    )
        try:
            await self._receipts.write(post.id)
        except ProviderError as error:
            log.warning("receipt not written", post_id=str(post.id), code=error.code)
            check_in = check_in or PATIENCE
        async with settlement_of(post) as settlement:
            await settlement.posts.await_outcome(post, check_in=check_in)


async def _read_back(publisher: Publisher, known: Published) -> Published:
    """Return what the platform shows of a post; what is known, if it shows nothing."""
    try:
        return await publisher.read_back(known.id or "")
    except ProviderError as error:
        log.warning("post not read back", code=error.code, words=error.words)
        return known


async def _lost(post: ClaimedPost, outcome: Outcome) -> None:
    """Settle a post that will never be there: again, if that is still worth it.

    One that was there, by the platform's word or a person's, is never sent again: what
    the platform says of it now is kept, and it is looked at no more.
    """
    failure = outcome.failure or Failure.STOP
    note = Note(PostStep.OUTCOME, outcome.their_code or "LOST", error_class=failure)
    is_worth_it = now() - post.scheduled_at < STILL_WORTH_IT
    async with settlement_of(post) as settlement:
        if post.status is PostStatus.PUBLISHED:
            await settlement.posts.note(post, note)
            await settlement.posts.await_outcome(
                post, check_in=None, error_code=note.outcome
            )
        elif failure is Failure.RETRY and is_worth_it:
            await settlement.retry(note, drop_handle=True)
        else:
            await settlement.fail(note)


async def _be_patient(post: ClaimedPost, error: ProviderError) -> None:
    """Look again where nobody could tell; that alone makes no post unconfirmed yet."""
    log.warning("outcome not found out", post_id=str(post.id), words=error.words)
    is_young = post.status is PostStatus.PROCESSING and _age(post) < AT_WORK_FOR
    if is_young or isinstance(error, RateLimitedError):
        await _look_again(post)
    else:
        await _wonder(post, error.their_code or error.code)


async def _look_again(post: ClaimedPost) -> None:
    pause = _pause(post) or PATIENCE
    async with settlement_of(post) as settlement:
        await settlement.posts.await_outcome(post, check_in=pause + PATIENCE)
        await settlement.send(confirm(post.id, f"look-{post.fence}", pause))


async def _wonder(post: ClaimedPost, code: str) -> None:
    """Say that nobody knows; look again, until only a report or a person can tell."""
    pause = _pause(post)
    async with settlement_of(post) as settlement:
        if post.status is PostStatus.PUBLISHED:
            await settlement.posts.await_outcome(post, check_in=pause)
            return
        if post.status is not PostStatus.UNCONFIRMED:
            await settlement.note(PostStep.OUTCOME, code)
        await settlement.posts.await_outcome(
            post,
            check_in=None if pause is None else pause + PATIENCE,
            error_code=post.error_code or code,
            is_unconfirmed=True,
        )
        if pause is not None:
            await settlement.send(confirm(post.id, f"look-{post.fence}", pause))


def _age(post: ClaimedPost) -> timedelta:
    return now() - (post.publish_intent_at or now())


def _pause(post: ClaimedPost) -> timedelta | None:
    """Return how long to wait for the next look; None if there is none."""
    age = _age(post)
    return next((pause for until, pause in _PAUSES if age < until), None)


def _is_never_sent(post: ClaimedPost) -> bool:
    after = NEVER_SENT_AFTER.get(post.platform)
    return after is not None and _age(post) > after


def _is_news(post: ClaimedPost, shown: Published) -> bool:
    """Tell whether a post is shown otherwise than we know it."""
    if post.status is not PostStatus.PUBLISHED:
        return True
    return (
        (shown.id or post.platform_post_id) != post.platform_post_id
        or (shown.permalink or post.permalink) != post.permalink
        or (
            (shown.is_labelled_ai is not None)
            and shown.is_labelled_ai is not post.label_read_back
        )
    )


def _wait(standing: PostStanding | None) -> float | None:
    """Return when to look again at a post that was not claimed; None for never."""
    if standing is None:
        return UNKNOWN_ROW_WAIT_S
    if standing.status in OPEN and standing.wait_s > 0:
        return standing.wait_s
    return None
