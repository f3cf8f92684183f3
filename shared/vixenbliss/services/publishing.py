"""From a post that is due to the one call that makes it public. Exactly once.

Last checks, whatever may be done again, then the intent, committed, then one call. What
the answer leaves open is found out by reading, in ``confirming``; it is never made
again for something that may be there. A worker that dies before the intent leaves a
post that is taken again; one that dies after it leaves one that is only read.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from vixenbliss.clock import now
from vixenbliss.database import reading, transaction
from vixenbliss.deadline import time_left_s
from vixenbliss.errors import (
    InvalidStateError,
    LeaseLostError,
    ProviderError,
    ReauthenticationNeededError,
)
from vixenbliss.jobs.messages import publish
from vixenbliss.log import log
from vixenbliss.loop import all_of
from vixenbliss.models.posts import Failure, PostStatus, PostStep
from vixenbliss.models.social_accounts import AccountStatus
from vixenbliss.providers.publishing import Publisher
from vixenbliss.repositories.post_claims import (
    ClaimedPost,
    PostClaimRepository,
    PostStanding,
)
from vixenbliss.repositories.post_progress import LastLook, Note
from vixenbliss.services.orders import Orders, Request
from vixenbliss.services.post_facts import PostFacts
from vixenbliss.services.post_settling import PATIENCE, settlement_of
from vixenbliss.services.preparing import prepare
from vixenbliss.services.publisher_access import Publishers
from vixenbliss.services.publishing_rules import Finding, Level, findings
from vixenbliss.services.sending import send
from vixenbliss.services.taking_down import TakingDown
from vixenbliss.settings import Settings

UNKNOWN_ROW_WAIT_S = 60
SAME_MOMENT_WAIT_S = 2
QUOTA_FREE_IN = timedelta(hours=1)
_NOT_ITS_OWN = {"paused": None, "account": None, "token": None, "quota": QUOTA_FREE_IN}
"""Rules that keep a post back without ending it, and for how long."""
_OPEN_ACCOUNTS = (AccountStatus.CONNECTED, AccountStatus.RATE_LIMITED)


class PublishingService:
    """Publishes posts that are due, and takes back those that are recalled."""

    def __init__(
        self,
        settings: Settings,
        *,
        publishers: Publishers,
        orders: Orders,
        taking_down: TakingDown,
    ) -> None:
        self._lease = timedelta(seconds=settings.lease_s)
        # With less time than that, the one call is not begun.
        self._enough_s = min(settings.request_timeout_s, settings.time_to_ask_s / 2)
        self._publishers = publishers
        self._orders = orders
        self._taking_down = taking_down

    async def publish(self, ids: Sequence[UUID]) -> dict[UUID, float]:
        """Publish the posts; return those to be delivered again, in so many seconds.

        Delivered twice, a post is claimed once: nothing but its row decides.
        """
        async with transaction() as connection:
            claims = PostClaimRepository(connection)
            due = await claims.claim_due(ids, lease=self._lease)
            recalled = await claims.claim_recalled(ids, lease=self._lease)
        await all_of(
            *(self._publish(post) for post in due),
            *(self._taking_down.take_down(post) for post in recalled),
        )
        left = set(ids) - {post.id for post in (*due, *recalled)}
        return await self._waits(left) if left else {}

    async def _waits(self, left: set[UUID]) -> dict[UUID, float]:
        async with reading() as connection:
            known = await PostClaimRepository(connection).standing(list(left))
        waits = {post_id: _wait(known.get(post_id)) for post_id in left}
        return {post_id: wait for post_id, wait in waits.items() if wait is not None}

    async def _publish(self, post: ClaimedPost) -> None:
        try:
            publisher = await self._publishers.open(
                post.account_id, post.platform, post.platform_user_id
            )
        except (InvalidStateError, ProviderError) as error:
            async with settlement_of(post) as settlement:
                await settlement.hold_back(
                    PostStep.CHECK, error.code, str(error), due_in=_pause(error)
                )
            return
        try:
            await self._go(post, publisher)
        except LeaseLostError:
            log.warning("lease lost", post_id=str(post.id))

    async def _go(self, post: ClaimedPost, publisher: Publisher) -> None:
        """Take a post as far as it comes.

        Raises:
            LeaseLostError: it is no longer ours.
        """
        step = PostStep.CHECK
        try:
            if not await self._may_go(post, publisher):
                return
            step = PostStep.PREPARE
            request = await self._orders.request_of(post)
            prepared = await prepare(post, publisher, request)
        except ProviderError as error:
            await self._fail_try(post, step, publisher, error)
            return
        if prepared and await self._intend(post, request):
            refusal = await send(post, publisher, request.order, prepared)
            if refusal:
                await self._fail_try(post, PostStep.PUBLISH, publisher, refusal)

    async def _may_go(self, post: ClaimedPost, publisher: Publisher) -> bool:
        """Ask the rules for the last time; settle the post if they say no."""
        facts = await publisher.facts()
        async with reading() as connection:
            known = await PostFacts(connection).of_posts(
                [post.id], {post.account_id: facts}
            )
        candidate = replace(known[post.id], scheduled_at=now())
        wrong = [one for one in findings(candidate) if one.level is Level.ERROR]
        if not wrong:
            return True
        async with settlement_of(post) as settlement:
            finding = _gravest(wrong)
            code = finding.rule.upper()
            if finding.rule in _NOT_ITS_OWN:
                due_in = _NOT_ITS_OWN[finding.rule]
                await settlement.hold_back(
                    PostStep.CHECK, code, finding.message, due_in=due_in
                )
            else:
                detail = f"{finding.message} {finding.fix}"
                note = Note(
                    PostStep.CHECK, code, detail, error_class=Failure.FIX_CONTENT
                )
                await settlement.fail(note)
        return False

    async def _intend(self, post: ClaimedPost, request: Request) -> bool:
        """Commit to the one call, unless something has changed at the last moment."""
        async with settlement_of(post) as settlement:
            look = await settlement.posts.last_look(post)
            obstacle = _obstacle(look)
            if obstacle:
                await settlement.hold_back(PostStep.CHECK, *obstacle)
            elif time_left_s() < self._enough_s:
                await settlement.posts.wait_ready(post, check_in=PATIENCE)
                await settlement.send(publish(post.id, f"time-{post.fence}"))
            elif not look.is_approved:
                detail = "Nobody has approved exactly this content any more."
                await settlement.fail(
                    Note(
                        PostStep.CHECK,
                        "APPROVAL",
                        detail,
                        error_class=Failure.FIX_CONTENT,
                    )
                )
            else:
                await settlement.posts.intend(post, request.told, lease=self._lease)
                await settlement.note(PostStep.PUBLISH, "INTENDED")
                return True
        return False

    async def _fail_try(
        self,
        post: ClaimedPost,
        step: PostStep,
        publisher: Publisher,
        error: ProviderError,
    ) -> None:
        """Settle a try without effect. A refused token is tried out by a refresh."""
        log.warning("call failed", post_id=str(post.id), step=step, words=error.words)
        if publisher.failure_of(error) is Failure.REAUTHENTICATE:
            try:
                await self._publishers.refresh(post.account_id)
            except ReauthenticationNeededError as ended:
                async with settlement_of(post) as settlement:
                    await settlement.hold_back(step, ended.code, str(ended))
                return
            except (InvalidStateError, ProviderError) as other:
                log.warning("token not refreshed", code=other.code)
        async with settlement_of(post) as settlement:
            await settlement.fail_try(step, publisher, error)


def _obstacle(look: LastLook) -> tuple[str, str] | None:
    if look.is_paused:
        return "PAUSED", "Publishing is paused in this workspace."
    if look.account_status not in _OPEN_ACCOUNTS:
        return "ACCOUNT", f"The account is {look.account_status}."
    return None


def _gravest(wrong: Sequence[Finding]) -> Finding:
    """Return what ends a post, if anything does, or else what keeps it back."""
    ends = [finding for finding in wrong if finding.rule not in _NOT_ITS_OWN]
    return (ends or list(wrong))[0]


def _pause(error: InvalidStateError | ProviderError) -> timedelta | None:
    if isinstance(error, ProviderError):
        return timedelta(seconds=error.retry_after_s or PATIENCE.total_seconds())
    return None


def _wait(standing: PostStanding | None) -> float | None:
    """Return when to look again at a post that was not claimed; None for never."""
    if standing is None:
        return UNKNOWN_ROW_WAIT_S
    if standing.status is PostStatus.QUEUED:
        return SAME_MOMENT_WAIT_S
    is_ours = standing.status is PostStatus.PUBLISHING or standing.is_recalled
    if is_ours and standing.wait_s > 0:
        return standing.wait_s
    return None
