"""Instagram: from a file's address to a post, by way of a container.

https://developers.facebook.com/docs/instagram-platform/content-publishing. A container
is invisible, may be made again, and lives for a day; ``media_publish`` has no
idempotency key, and is called once per container at most.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, Field

from vixenbliss.clock import now
from vixenbliss.credentials import Credential
from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
)
from vixenbliss.loop import all_of
from vixenbliss.models.posts import Failure, PostFormat
from vixenbliss.providers.http import HttpProvider
from vixenbliss.providers.instagram import VERSION, Id, Instagram
from vixenbliss.providers.instagram_outcomes import (
    GONE,
    NAME,
    Container,
    failure_of,
    is_missing,
    outcome_of,
    rest_for,
)
from vixenbliss.providers.publishing import (
    HANDLES_LAST,
    Admit,
    Facts,
    Order,
    Outcome,
    Picture,
    Prepared,
    Published,
    Sent,
    Stage,
)
from vixenbliss.settings import Settings

POST_FIELDS = "id,permalink,timestamp,is_ai_generated,caption"
LOOKED_THROUGH = 25
"""How many of an account's last posts are searched for a lost one."""
CONTAINER = "container"
RATE_LIMITS = MappingProxyType({CONTAINER: (400, timedelta(days=1))})
"""How often an account may be used for a call that Instagram counts by itself."""


class _Made(BaseModel):
    id: Id


class _Media(BaseModel):
    id: Id
    caption: str = ""
    timestamp: datetime
    permalink: str | None = None
    is_ai_generated: bool | None = None


class _Deleted(BaseModel):
    success: bool


class _MediaList(BaseModel):
    data: Annotated[list[_Media], Field(max_length=1_000)]


class InstagramPublisher:
    """Publishes for one account."""

    can_delete = True

    def __init__(
        self, settings: Settings, access: str, user_id: str, admit: Admit
    ) -> None:
        token = Credential("token", (access,))
        base = f"{settings.instagram_graph_base.rstrip('/')}/{VERSION}"
        self._http = HttpProvider(NAME, base, token)
        self._account = Instagram(settings)
        self._access = access
        self._user_id = user_id
        self._admit = admit

    async def facts(self) -> Facts:
        """Return how many posts the account has left.

        Raises:
            ProviderError: Instagram does not tell.
        """
        return Facts(quota=await self._account.quota(self._access, self._user_id))

    async def prepare(self, order: Order) -> Prepared:
        """Have a container made; several make no difference.

        Raises:
            ProviderError: there is none; see ``failure_of``.
        """
        expires_at = now() + HANDLES_LAST
        return Prepared(await self._container_of(order), expires_at)

    async def readiness(self, handle: str) -> Outcome:
        """Return how a container stands; one that is not found is lost.

        Raises:
            ProviderError: Instagram does not say.
        """
        try:
            return await self._standing(handle)
        except ProviderRefusedError as error:
            if not is_missing(error):
                raise
            return Outcome(Stage.LOST, error.their_code, Failure.RETRY)

    async def publish(self, order: Order, prepared: Prepared) -> Sent:
        """Publish a container. Never call it twice for one.

        Raises:
            OutcomeUnknownError: it may be published; look at the container.
            ProviderError: it is not.
        """
        del order  # which the container holds
        made = await self._http.call(
            "POST",
            f"/{self._user_id}/media_publish",
            _Made,
            effect=True,
            form={"creation_id": prepared.handle or ""},
        )
        return Sent(post_id=made.id)

    async def outcome(self, handle: str, *, caption: str, since: datetime) -> Outcome:
        """Return whether a container was published, and as which post.

        A container does not say which post it has become: that one is found by its
        words and its time. Two that are alike are told apart by nobody. One that is
        not found any more may have become a post: that is not said.

        Raises:
            OutcomeUnknownError: the container is not found.
            ProviderError: Instagram does not say.
        """
        try:
            told = await self._standing(handle)
        except ProviderRefusedError as error:
            if not is_missing(error):
                raise
            reason = "the container is not found"
            code = error.their_code
            raise OutcomeUnknownError(NAME, reason, their_code=code) from error
        if told.stage is not Stage.PUBLISHED:
            return told
        return Outcome(Stage.PUBLISHED, published=await self._find(caption, since))

    async def read_back(self, post_id: str) -> Published:
        """Return a post as Instagram shows it.

        Raises:
            ProviderError: it is not shown.
        """
        media = await self._http.call(
            "GET", f"/{post_id}", _Media, query={"fields": POST_FIELDS}
        )
        return _published(media)

    async def delete(self, post_id: str) -> None:
        """Take a post back; one that is gone already is gone.

        Raises:
            ProviderError: it is still there, or Instagram does not say.
        """
        try:
            told = await self._http.call("DELETE", f"/{post_id}", _Deleted)
        except ProviderRefusedError as error:
            if error.their_code != GONE or await self._is_shown(post_id):
                raise
            return
        if not told.success:
            reason = "the post was not deleted"
            raise ProviderRefusedError(NAME, reason, their_code="not_deleted")

    def failure_of(self, error: ProviderError) -> Failure:
        """Return what is to be done about an error of Instagram's."""
        return failure_of(error)

    def rest_for(self, error: ProviderError) -> timedelta | None:
        """Return for how long an error wants the account left alone, if it does."""
        return rest_for(error)

    async def _standing(self, handle: str) -> Outcome:
        told = await self._http.call(
            "GET", f"/{handle}", Container, query={"fields": "status_code,status"}
        )
        return outcome_of(told)

    async def _is_shown(self, post_id: str) -> bool:
        """Tell whether a post is there that a call says it cannot find.

        It says the same where a permission is missing, or the call is not supported.
        """
        try:
            await self.read_back(post_id)
        except ProviderRefusedError as error:
            if error.their_code != GONE:
                raise
            return False
        return True

    async def _find(self, caption: str, since: datetime) -> Published | None:
        query = {"fields": POST_FIELDS, "limit": str(LOOKED_THROUGH)}
        media = await self._http.call(
            "GET", f"/{self._user_id}/media", _MediaList, query=query
        )
        found = [m for m in media.data if m.caption == caption and m.timestamp >= since]
        return _published(found[0]) if len(found) == 1 else None

    async def _container_of(self, order: Order) -> str:
        said = {"caption": order.caption, "is_ai_generated": order.is_ai}
        if order.format is PostFormat.STORY:  # which shows one thing, without alt text
            story = {"media_type": "STORIES", **_address(order)}
            return await self._container(story | said)
        if order.video:
            return await self._container(_reel(order) | said)
        if len(order.pictures) == 1:
            return await self._container(_picture(order.pictures[0]) | said)
        return await self._carousel(order.pictures, said)

    async def _carousel(
        self, pictures: Sequence[Picture], said: Mapping[str, Any]
    ) -> str:
        """Have the children made at once: Instagram may take a minute for each."""
        for _ in (*pictures, said):
            await self._admit(CONTAINER)
        children = await all_of(  # a label on them is an error
            *(
                self._make(_picture(picture) | {"is_carousel_item": True})
                for picture in pictures
            )
        )
        parent = {"media_type": "CAROUSEL", "children": ",".join(children)}
        return await self._make(parent | dict(said))

    async def _container(self, parameters: Mapping[str, Any]) -> str:
        await self._admit(CONTAINER)
        return await self._make(parameters)

    async def _make(self, parameters: Mapping[str, Any]) -> str:
        form = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in parameters.items()
        }
        path = f"/{self._user_id}/media"
        return (await self._http.call("POST", path, _Made, form=form)).id


def _address(order: Order) -> dict[str, Any]:
    if order.video:
        return {"video_url": order.video.url}
    return {"image_url": order.pictures[0].url}


def _picture(picture: Picture) -> dict[str, Any]:
    parameters: dict[str, Any] = {"image_url": picture.url}
    if picture.alt_text:
        parameters["alt_text"] = picture.alt_text
    return parameters


def _reel(order: Order) -> dict[str, Any]:
    parameters = {"media_type": "REELS", **_address(order)}
    parameters["share_to_feed"] = order.wishes.share_to_feed
    if order.wishes.cover_ms is not None:
        parameters["thumb_offset"] = order.wishes.cover_ms
    return parameters


def _published(media: _Media) -> Published:
    return Published(media.id, media.timestamp, media.permalink, media.is_ai_generated)
