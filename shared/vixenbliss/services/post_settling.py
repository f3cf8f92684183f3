"""How a step of a post ends: row, notes, letters and trail together, or not at all."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from vixenbliss.clock import now
from vixenbliss.database import Connection, transaction
from vixenbliss.errors import LeaseLostError, ProviderError
from vixenbliss.jobs.messages import Message, Queue
from vixenbliss.log import log
from vixenbliss.models.posts import MAX_POST_ATTEMPTS, Failure, PostStep
from vixenbliss.providers.publishing import Publisher
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.dead_letters import Burial, DeadLetterRepository
from vixenbliss.repositories.post_claims import ClaimedPost
from vixenbliss.repositories.post_progress import Note, PostProgressRepository, Shown
from vixenbliss.services.outbox import Outbox
from vixenbliss.settings import settings

JITTER = 0.25
PATIENCE = timedelta(minutes=2)
"""How long a message may be late before the sweeper sends another."""


@asynccontextmanager
async def settlement_of(post: ClaimedPost) -> AsyncGenerator["PostSettlement"]:
    """Yield the settlement of a step; write it whole, or nothing if it is not ours."""
    try:
        async with transaction() as connection:
            yield PostSettlement(connection, post)
    except LeaseLostError:
        log.warning("lease lost", post_id=str(post.id))


class PostSettlement:
    """The end of a step of a claimed post, within one transaction.

    Every method raises ``LeaseLostError`` if the post is no longer ours.
    """

    def __init__(self, connection: Connection, post: ClaimedPost) -> None:
        self.posts = PostProgressRepository(connection)
        self.connection = connection
        self._post = post

    async def send(self, message: Message) -> None:
        """Leave a message that goes with the commit."""
        await Outbox(self.connection).send(message)

    async def note(
        self, step: PostStep, outcome: str, detail: str | None = None
    ) -> None:
        """Keep that a step was taken, and what came of it."""
        await self.posts.note(self._post, Note(step, outcome, detail))

    async def hold_back(
        self,
        step: PostStep,
        code: str,
        reason: str,
        *,
        due_in: timedelta | None = None,
    ) -> None:
        """Return a post to the calendar for a reason that is not its own.

        It stays due, or is due so much later, and has all its tries.
        """
        note = Note(step, code, reason)
        await self.posts.note_once(self._post, note)
        await self.posts.put_back(self._post, due_in=due_in, burns_try=False, note=note)
        log.warning("post held back", post_id=str(self._post.id), code=code)

    async def fail_try(
        self, step: PostStep, publisher: Publisher, error: ProviderError
    ) -> None:
        """End a try that certainly had no effect; another follows if that may help.

        What wants the account left alone burns no try: the post is not to blame.
        """
        failure = publisher.failure_of(error)
        note = note_of(step, error, failure)
        rest = publisher.rest_for(error)
        if rest:
            await self.posts.rest(self._post.account_id, now() + rest)
        if failure is Failure.RETRY and rest:
            await self._put_back(note, rest, burns_try=False)
        elif failure in (Failure.RETRY, Failure.REAUTHENTICATE):
            await self.retry(note, retry_after_s=error.retry_after_s)
        else:
            await self.fail(note)

    async def retry(
        self, note: Note, *, retry_after_s: int | None = None, drop_handle: bool = False
    ) -> None:
        """Return a post to the calendar for its next try, or end it after the third."""
        if self._post.attempts >= MAX_POST_ATTEMPTS:
            await self.fail(note)
            return
        delay = _delay(self._post.attempts, retry_after_s)
        await self._put_back(note, delay, burns_try=True, drop_handle=drop_handle)

    async def _put_back(
        self,
        note: Note,
        due_in: timedelta,
        *,
        burns_try: bool,
        drop_handle: bool = False,
    ) -> None:
        keep = self.posts.note if burns_try else self.posts.note_once
        await keep(self._post, note)
        await self.posts.put_back(
            self._post,
            due_in=due_in,
            burns_try=burns_try,
            note=note,
            drop_handle=drop_handle,
        )
        log.warning("try failed", post_id=str(self._post.id), code=note.outcome)

    async def fail(self, note: Note) -> None:
        """End a post that certainly is not there; the reason stays in a dead letter."""
        await self.posts.note(self._post, note)
        await self.posts.fail(self._post, note)
        await DeadLetterRepository(self.connection).add(
            Burial(
                queue=Queue.PUBLISH,
                dedupe_key=f"{self._post.id}-{self._post.fence}",
                code=note.outcome,
                reason=note.detail or note.outcome,
                subject_id=self._post.id,
                workspace_id=self._post.workspace_id,
            )
        )
        await self.tell("failed", code=note.outcome)

    async def published(
        self, step: PostStep, shown: Shown, *, check_in: timedelta | None
    ) -> None:
        """Record that a post is there."""
        await self.note(step, "PUBLISHED", shown.permalink)
        await self.posts.publish(self._post, shown, check_in=check_in)
        if self._post.published_at is None:
            await self.tell("published", platform_post_id=shown.id)

    async def recalled(self) -> None:
        """Record that a post has been taken back."""
        await self.note(PostStep.RECALL, "RECALLED")
        await self.posts.recall(self._post)
        await self.tell("recalled")

    async def tell(self, what: str, **detail: object) -> None:
        """Record in the trail what has happened to the post."""
        await AuditRepository(self.connection).add_by_system(
            self._post.workspace_id, f"post.{what}", ("post", self._post.id), **detail
        )
        log.info("post settled", what=what, post_id=str(self._post.id))


def note_of(
    step: PostStep, error: ProviderError, failure: Failure | None = None
) -> Note:
    """Return what is kept of an error: the platform's code, and our own sentence."""
    code = error.their_code or error.code
    return Note(step, code, error.reason, error.status, failure)


def _delay(attempts: int, asked_s: int | None) -> timedelta:
    """Return the pause after so many tries: the longer of ours and the wish."""
    delays_s = settings().retry_delays_s
    base = max(delays_s[min(attempts, len(delays_s)) - 1], asked_s or 0)
    jitter = secrets.randbelow(1000) / 1000 * JITTER
    return timedelta(seconds=base * (1 + jitter))
