"""What TikTok reports of posts, and of people who leave our app there.

A report on a post is a doorbell (decision 8): it says where to look, and the worker
that looks believes what it reads. Only names are taken over, for nobody else tells
them: the handle that a lost answer would have brought, and the id of a public post.
"""

import json
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from vixenbliss.database import Connection
from vixenbliss.errors import ValidationError as InvalidReportError
from vixenbliss.ids import digest, new_id
from vixenbliss.jobs.messages import confirm
from vixenbliss.models.social_accounts import Platform
from vixenbliss.models.webhook_events import WebhookSource, WebhookStatus
from vixenbliss.repositories.post_reports import PostReportRepository
from vixenbliss.repositories.webhook_events import (
    Delivery,
    WebhookEventRepository,
    storable,
)
from vixenbliss.services.deauthorizing import DeauthorizingService
from vixenbliss.services.outbox import Outbox

# Webhooks, "Events"; some pages say completed, and the misspelled one is TikTok's own.
REMOVED = "authorization.removed"
THERE = frozenset(
    {
        "post.publish.complete",
        "post.publish.completed",
        "post.publish.publicly_available",
        "video.publish.completed",
    }
)
"""That a post is there, in the words of today and of before."""
OUTCOMES = THERE | {"post.publish.failed", "video.upload.failed"}
"""What becomes of the one call."""
LATER = frozenset(
    {
        "post.publish.no_longer_publicaly_available",
        "post.publish.no_longer_publicly_available",
    }
)
"""What becomes of a post afterwards."""
PUBLIC = "post.publish.publicly_available"
INBOX_SHARE = "INBOX_SHARE"
"""Of a draft that its owner posts or not; we make none."""

Name = Annotated[
    str | None,
    BeforeValidator(lambda told: str(told) if type(told) is int else told),
    Field(min_length=1, max_length=120),
]
"""Told as a number here and as text there."""


class _Content(BaseModel):
    """What an event is about, as far as we look at it."""

    publish_id: Name = None
    share_id: Name = None
    """How the Share Kit, and its events, named what is a ``publish_id`` today."""
    post_id: Name = None
    publish_type: str | None = None

    @property
    def handle(self) -> str | None:
        return self.publish_id or self.share_id


class _Event(BaseModel):
    """An event, as TikTok posts it."""

    client_key: str = Field(max_length=120)
    event: str = Field(min_length=1, max_length=120)
    create_time: int = Field(ge=0, le=2**36)
    user_openid: str = Field(min_length=1, max_length=120)
    content: str = ""
    """JSON within the JSON."""

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.create_time, UTC)

    def about(self) -> _Content:
        """Return what it is about; nothing, where that is told in no way we know."""
        try:
            return _Content.model_validate_json(self.content)
        except ValidationError:
            return _Content()

    def name(self) -> str:
        """Return what makes it the same event; TikTok gives none a name."""
        about = self.about()
        return json.dumps(
            [
                self.event,
                self.user_openid,
                about.handle,
                about.post_id,
                self.create_time,
            ]
        )


class TikTokReports:
    """Takes TikTok's verified events in."""

    def __init__(self, connection: Connection, client_key: str) -> None:
        self._connection = connection
        self._client_key = client_key
        self._events = WebhookEventRepository(connection)
        self._posts = PostReportRepository(connection)

    async def take(self, payload: dict[str, Any]) -> None:
        """Store an event and do what it asks for; again changes nothing.

        An event on a post that nobody knows is kept open: it may have been faster than
        our own note of how TikTok knows the post.

        Raises:
            InvalidReportError: it is signed, and yet no event.
        """
        try:
            kept = storable(payload)
            event = _Event.model_validate(kept)
        except (ValidationError, RecursionError) as error:
            message = "The body is not an event."
            raise InvalidReportError(message) from error
        event_id = new_id()
        stored = await self._events.store(
            Delivery(
                id=event_id,
                source=WebhookSource.TIKTOK,
                external_id=digest(event.name()).hex(),
                event_type=event.event,
                subject_id=None,
                provider_object_id=event.about().handle,
                payload=kept,
                occurred_at=event.at,
            )
        )
        if stored:
            await self._events.settle(event_id, await self._act(event))

    async def _act(self, event: _Event) -> WebhookStatus:
        if not self._client_key or event.client_key != self._client_key:
            return WebhookStatus.IGNORED
        if event.event == REMOVED:
            leaving = DeauthorizingService(self._connection, "")
            await leaving.deauthorize(Platform.TIKTOK, event.user_openid, event.at)
            return WebhookStatus.PROCESSED
        about = event.about()
        if event.event not in OUTCOMES | LATER or about.handle is None:
            return WebhookStatus.IGNORED
        return await self._ring(event, about, about.handle)

    async def _ring(self, event: _Event, about: _Content, handle: str) -> WebhookStatus:
        """Have the posts looked at that the event is about."""
        known = await self._known_as(event, handle)
        post_ids = known or await self._tied(event, about)
        if not post_ids:
            return WebhookStatus.RECEIVED
        shown_as = await self._shown_as(handle)
        for post_id in post_ids:
            if event.event in THERE:
                await self._posts.doubt(post_id)
            if shown_as:
                await self._posts.show(post_id, shown_as)
            message = confirm(post_id, digest(event.name()).hex())
            await Outbox(self._connection).send(message)
        await self._events.close_on(WebhookSource.TIKTOK, handle)
        return WebhookStatus.PROCESSED

    async def _shown_as(self, handle: str) -> str | None:
        """Return the public id that this event tells, or one that came too early."""
        told = await self._events.open_on(WebhookSource.TIKTOK, handle)
        ids = (
            _Event.model_validate(payload).about().post_id
            for event_type, payload in told
            if event_type == PUBLIC
        )
        return next(filter(None, ids), None)

    async def _known_as(self, event: _Event, handle: str) -> list[UUID]:
        return await self._posts.known_as(Platform.TIKTOK, event.user_openid, handle)

    async def _tied(self, event: _Event, about: _Content) -> list[UUID]:
        """Return the one post whose lost answer would have brought this handle.

        Of two that may be it neither is taken: a person, or TikTok's next word, can
        tell them apart. Whoever had to wait may find that another report was faster.
        """
        handle = about.publish_id
        if not handle or about.publish_type == INBOX_SHARE:
            return []
        if event.event not in THERE:
            return []  # it may be of an earlier try, whose handle nobody knows any more
        nameless = await self._posts.lock_nameless(
            Platform.TIKTOK, event.user_openid, at=event.at
        )
        if len(nameless) == 1 and await self._posts.name(nameless[0], handle):
            return list(nameless)
        return await self._known_as(event, handle)
