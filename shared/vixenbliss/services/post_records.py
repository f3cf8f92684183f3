"""Posts as they stand: the calendar, what became of each, and the proof of it."""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from vixenbliss.callers import Caller
from vixenbliss.clock import now
from vixenbliss.database import Connection, reading
from vixenbliss.errors import InvalidStateError, ValidationError
from vixenbliss.repositories.calendars import CalendarRepository
from vixenbliss.repositories.post_records import PostRecordRepository
from vixenbliss.repositories.posts import PostRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.posts import PostAttemptRead, PostRead, ReceiptRead, Slots
from vixenbliss.services import slots
from vixenbliss.services.platform_facts import PlatformFacts
from vixenbliss.services.publishing_rules import FURTHEST


class PostRecordService:
    """The posts of the workspace that the caller works in, to be looked at."""

    def __init__(self, connection: Connection) -> None:
        self._posts = PostRepository(connection)
        self._records = PostRecordRepository(connection)

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[PostRead]:
        """Return the posts that match, in the order in which they are to appear."""
        return await self._posts.list(caller, page, **filters)

    async def get(self, caller: Caller, post_id: UUID) -> PostRead:
        """Return a post.

        Raises:
            PostNotFoundError: the workspace has none of that id.
        """
        return await self._posts.get(caller, post_id)

    async def attempts(
        self, caller: Caller, post_id: UUID
    ) -> Sequence[PostAttemptRead]:
        """Return the steps that a post has taken, the first first.

        Raises:
            PostNotFoundError: the workspace has none of that id.
        """
        return await self._records.attempts(caller, post_id)

    async def receipt(self, caller: Caller, post_id: UUID) -> ReceiptRead:
        """Return what we say of a post that is there, or was until it was taken back.

        Raises:
            PostNotFoundError: the workspace has none of that id.
            InvalidStateError: there is nothing to say yet, or not any more.
        """
        kept = await self._records.receipt(caller, post_id)
        if kept is None:
            message = "The post has no receipt; it is written once the post is there."
            raise InvalidStateError(message)
        return ReceiptRead(
            receipt=json.loads(kept.payload),
            payload=base64.b64encode(kept.payload.encode()).decode(),
            signature=base64.b64encode(kept.signature).decode(),
            algorithm=kept.algorithm,
            key_id=kept.key_id,
            public_key=kept.public_key_pem,
            recalled_at=kept.recalled_at,
        )


class SlotService:
    """The free times of accounts, as far as their platforms tell what is left."""

    def __init__(self, facts: PlatformFacts) -> None:
        self._facts = facts

    async def free(
        self, caller: Caller, account_id: UUID, *, since: datetime | None
    ) -> Slots:
        """Return an account's free times in the two weeks from then on, or from now.

        Raises:
            SocialAccountNotFoundError: the workspace has none of that id.
            ValidationError: nothing is planned so far ahead.
        """
        moment = now()
        if since and since - moment > FURTHEST:
            message = "That is more than a year ahead."
            raise ValidationError(message, field="from")
        async with reading() as connection:
            calendar = await CalendarRepository(connection).find(caller, account_id)
        told = (await self._facts.of(caller, [account_id]))[account_id]
        times = slots.times_of(
            calendar.posting_times,
            ZoneInfo(calendar.timezone),
            since=max(since or moment, moment),
        )
        quota = told.quota if told else None
        free = slots.free(times, planned=calendar.planned, quota=quota, now=moment)
        return Slots(
            account_id=account_id, timezone=calendar.timezone, slots=list(free)
        )
