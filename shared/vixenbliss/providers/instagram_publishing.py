"""Instagram: from a picture's address to a post, by way of a container.

https://developers.facebook.com/docs/instagram-platform/content-publishing. A container
is invisible, may be made again, and lives for a day; ``media_publish`` has no
idempotency key, and is called once per container at most.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from vixenbliss.credentials import Credential
from vixenbliss.errors import OutcomeUnknownError, ProviderError
from vixenbliss.providers.http import HttpProvider
from vixenbliss.providers.instagram import VERSION, Id
from vixenbliss.providers.publishing import (
    Failure,
    Order,
    Picture,
    Published,
    Readiness,
    Stage,
)
from vixenbliss.settings import Settings

NAME = "Instagram"
POST_FIELDS = "id,permalink,timestamp,is_ai_generated,caption"
LOOKED_THROUGH = 25
"""How many of an account's last posts are searched for a lost one."""
_STAGES = {
    "IN_PROGRESS": Stage.PREPARING,
    "FINISHED": Stage.READY,
    "PUBLISHED": Stage.PUBLISHED,
    "ERROR": Stage.LOST,
    "EXPIRED": Stage.LOST,
}
# Error codes, https://developers.facebook.com/docs/instagram-platform: the code alone,
# or with its subcode where that makes the difference.
_FAILURES: Mapping[str, Failure] = {
    **dict.fromkeys(("190", "102"), Failure.REAUTHENTICATE),
    **dict.fromkeys(("10", "3", "200"), Failure.REAUTHENTICATE),
    **dict.fromkeys(("1", "2", "-1", "-2", "24", "9007"), Failure.RETRY),
    **dict.fromkeys(("4", "17", "32", "613", "80001", "80002"), Failure.RETRY),
    "9/2207042": Failure.RETRY,  # the quota of a day
    "1/2207057": Failure.FIX_CONTENT,
    "4/2207051": Failure.STOP,  # taken for spam
    **dict.fromkeys(("25", "368", "506"), Failure.STOP),
    **dict.fromkeys(
        ("352", "9004", "36000", "36001", "36003", "36004", "100"), Failure.FIX_CONTENT
    ),
}


class _Made(BaseModel):
    id: Id


class _Container(BaseModel):
    status_code: str
    status: str = ""


class _Media(BaseModel):
    id: Id
    caption: str = ""
    timestamp: datetime
    permalink: str | None = None
    is_ai_generated: bool | None = None


class _MediaList(BaseModel):
    data: Annotated[list[_Media], Field(max_length=1_000)]


class InstagramPublisher:
    """Publishes pictures for one account."""

    def __init__(self, settings: Settings, access: str, user_id: str) -> None:
        token = Credential("token", (access,))
        base = f"{settings.instagram_graph_base.rstrip('/')}/{VERSION}"
        self._http = HttpProvider(NAME, base, token)
        self._user_id = user_id

    async def prepare(self, order: Order) -> str:
        """Have a container made, and return its id; several make no difference.

        Raises:
            ProviderError: there is none; see ``failure_of``.
        """
        if order.is_story:  # which takes one picture, and no alt text
            story = {"media_type": "STORIES", "image_url": order.pictures[0].url}
            return await self._container(story | _told(order))
        if len(order.pictures) == 1:
            return await self._container(_picture(order.pictures[0]) | _told(order))
        children = [
            await self._container(_picture(picture) | {"is_carousel_item": True})
            for picture in order.pictures
        ]
        parent = {"media_type": "CAROUSEL", "children": ",".join(children)}
        return await self._container(parent | _told(order))

    async def readiness(self, container_id: str) -> Readiness:
        """Return how a container stands.

        Raises:
            ProviderError: Instagram does not say.
        """
        container = await self._http.call(
            "GET",
            f"/{container_id}",
            _Container,
            query={"fields": "status_code,status"},
        )
        stage = _STAGES.get(container.status_code)
        if stage is None:
            raise OutcomeUnknownError(NAME, f"status {container.status_code[:40]}")
        return Readiness(stage, container.status[:60] if stage is Stage.LOST else "")

    async def publish(self, container_id: str) -> str:
        """Publish a container, and return the post's id. Never call it twice for one.

        Raises:
            OutcomeUnknownError: it may be published; look at the container.
            ProviderError: it is not.
        """
        made = await self._http.call(
            "POST",
            f"/{self._user_id}/media_publish",
            _Made,
            effect=True,
            form={"creation_id": container_id},
        )
        return made.id

    async def read_back(self, post_id: str) -> Published:
        """Return a post as Instagram shows it.

        Raises:
            ProviderError: it is not shown.
        """
        media = await self._http.call(
            "GET", f"/{post_id}", _Media, query={"fields": POST_FIELDS}
        )
        return _published(media)

    async def find(self, caption: str, *, since: datetime) -> Published | None:
        """Return the post that a lost call led to, by its words and its time.

        Raises:
            ProviderError: the account's posts could not be read.
        """
        query = {"fields": POST_FIELDS, "limit": str(LOOKED_THROUGH)}
        media = await self._http.call(
            "GET", f"/{self._user_id}/media", _MediaList, query=query
        )
        found = [m for m in media.data if m.caption == caption and m.timestamp >= since]
        return _published(found[0]) if len(found) == 1 else None

    async def _container(self, parameters: Mapping[str, Any]) -> str:
        form = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in parameters.items()
        }
        path = f"/{self._user_id}/media"
        return (await self._http.call("POST", path, _Made, form=form)).id


def failure_of(error: ProviderError) -> Failure:
    """Return what is to be done about an error of Instagram's.

    What it has not told a code for is a hiccup; a code that we do not know is a matter
    for a person.
    """
    code = error.their_code
    if not code:
        return Failure.RETRY
    known = _FAILURES.get(code) or _FAILURES.get(code.partition("/")[0])
    return known or Failure.STOP


def _picture(picture: Picture) -> dict[str, Any]:
    parameters: dict[str, Any] = {"image_url": picture.url}
    if picture.alt_text:
        parameters["alt_text"] = picture.alt_text
    return parameters


def _told(order: Order) -> dict[str, Any]:
    """Return what is said of a post as a whole: its words, and who has made it."""
    return {"caption": order.caption, "is_ai_generated": order.is_ai}


def _published(media: _Media) -> Published:
    return Published(
        media.id, media.caption, media.timestamp, media.permalink, media.is_ai_generated
    )
