"""The control doors below ``/control/tiktok``."""

from http import HTTPStatus
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.stack.providers.audience import Told
from tests.stack.providers.guests import Door, body_of
from tests.stack.providers.tiktok.creators import Creator
from tests.stack.providers.tiktok.engine import TikTok
from tests.stack.providers.tiktok.misfortunes import Misfortune
from tests.stack.providers.tiktok.oauth import SCOPES
from tests.stack.providers.tiktok.posts import Post, Status
from tests.stack.providers.tiktok.settings import TikTokSettings
from tests.stack.providers.tiktok.tokens import Authorization


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Consent(_Order):
    """Whose tokens shall be given out, without any page."""

    username: str
    scopes: tuple[str, ...] = tuple(sorted(SCOPES))


class Expiry(_Order):
    """Whose tokens end now; nobody named, everybody's."""

    username: str | None = None
    kind: Literal["access", "refresh", "all"] = "access"


class Removal(_Order):
    """Who removes the app, and why, as ``authorization.removed`` counts it."""

    username: str
    reason: int = Field(default=1, ge=0, le=5)


class Event(_Order):
    """A webhook out of the blue."""

    username: str
    event: str
    content: dict[str, object] = Field(default_factory=dict)


class Fate(_Order):
    """What shall happen to a post."""

    publish_id: str
    reason: str = "spam_risk"
    """Why it fails, if it does."""


class Doors:
    """What a test may ask, or do."""

    def __init__(self, tiktok: TikTok) -> None:
        self._tiktok = tiktok

    def table(self) -> list[Door]:
        """Return methods, paths and what they do."""
        doors: list[Door] = [
            ("GET", "settings", self.settings),
            ("PUT", "settings", self.change_settings),
            ("GET", "creators", self.creators),
            ("PUT", "creators", self.change_creator),
            ("POST", "tokens", self.grant),
            ("POST", "tokens/expire", self.expire),
            ("POST", "authorizations/remove", self.remove),
            ("GET", "posts", self.posts),
            ("POST", "posts/numbers", self.count),
            ("POST", "posts/fail", self.fail),
            ("POST", "posts/approve", self.approve),
            ("POST", "posts/take_down", self.take_down),
            ("POST", "posts/post_draft", self.post_draft),
            ("GET", "misfortunes", self.misfortunes),
            ("POST", "misfortunes", self.add_misfortune),
            ("DELETE", "misfortunes", self.clear_misfortunes),
            ("POST", "events", self.send),
            ("GET", "deliveries", self.deliveries),
        ]
        return [(method, f"tiktok/{path}", door) for method, path, door in doors]

    async def settings(self, request: Request) -> Response:
        """Show the settings."""
        del request
        return JSONResponse(self._tiktok.settings.model_dump(mode="json"))

    async def change_settings(self, request: Request) -> Response:
        """Change the settings and the quotas that are named, and leave the others."""
        changes = await body_of(request)
        merged = self._tiktok.settings.model_dump(mode="json")
        if not isinstance(changes, dict):
            raise TypeError("settings are an object")
        quotas = changes.get("quotas", {})
        if isinstance(quotas, dict):
            changes["quotas"] = merged["quotas"] | quotas
        self._tiktok.settings = TikTokSettings.model_validate(merged | changes)
        return await self.settings(request)

    async def creators(self, request: Request) -> Response:
        """Show all creators anybody has asked for."""
        del request
        return JSONResponse([_shown(one) for one in self._tiktok.creators()])

    async def change_creator(self, request: Request) -> Response:
        """Change what is named of a creator."""
        told = Creator.model_validate(await body_of(request))
        creator = self._tiktok.creator(told.username)
        for name in told.model_fields_set:
            setattr(creator, name, getattr(told, name))
        return JSONResponse(_shown(creator))

    async def grant(self, request: Request) -> Response:
        """Give out a pair of tokens as if their owner had said yes."""
        consent = Consent.model_validate(await body_of(request))
        creator = self._tiktok.creator(consent.username)
        authorization = Authorization(creator, consent.scopes)
        settings = self._tiktok.settings
        return JSONResponse(self._tiktok.tokens.grant(authorization, settings))

    async def expire(self, request: Request) -> Response:
        """Let tokens end as if their time were over."""
        expiry = Expiry.model_validate(await body_of(request))
        name = expiry.username
        whose = None if name is None else self._tiktok.creator(name).open_id
        ended = self._tiktok.tokens.expire(whose, expiry.kind)
        return JSONResponse({"expired": ended})

    async def remove(self, request: Request) -> Response:
        """Lock the app out of an account, and tell it."""
        removal = Removal.model_validate(await body_of(request))
        creator = self._tiktok.creator(removal.username)
        removed = self._tiktok.remove_authorization(creator, removal.reason)
        return JSONResponse({"removed": removed})

    async def posts(self, request: Request) -> Response:
        """Show all posts, drafts and failures, oldest first."""
        del request
        shown = [post.everything() for post in self._tiktok.posts.values()]
        return JSONResponse(shown)

    async def count(self, request: Request) -> Response:
        """Say how often a post was seen and answered; it is named by its publish_id."""
        said = Told.model_validate(await body_of(request))
        self._post(Fate(publish_id=said.id)).said = said
        return JSONResponse(said.model_dump())

    async def fail(self, request: Request) -> Response:
        """Let a post fail, wherever it stands."""
        fate = Fate.model_validate(await body_of(request))
        post = self._post(fate)
        if post.status is Status.FAILED:
            raise ValueError("it has failed already")
        self._tiktok.fail(post, fate.reason)
        return JSONResponse(post.everything())

    async def approve(self, request: Request) -> Response:
        """End a post's moderation well."""
        post = self._post(Fate.model_validate(await body_of(request)))
        if post.status is not Status.COMPLETE or not post.is_public:
            raise ValueError("only complete public posts are moderated")
        self._tiktok.approve(post)
        return JSONResponse(post.everything())

    async def take_down(self, request: Request) -> Response:
        """Hide a post that everybody could see."""
        post = self._post(Fate.model_validate(await body_of(request)))
        if not post.is_available:
            raise ValueError("nobody sees it")
        self._tiktok.take_down(post)
        return JSONResponse(post.everything())

    async def post_draft(self, request: Request) -> Response:
        """Let the creator post a draft out of the inbox, which may happen often."""
        post = self._post(Fate.model_validate(await body_of(request)))
        if not post.is_draft or post.status not in {Status.IN_INBOX, Status.COMPLETE}:
            raise ValueError("it is no draft in the inbox")
        self._tiktok.post_draft(post)
        return JSONResponse(post.everything())

    async def misfortunes(self, request: Request) -> Response:
        """Show what will fail."""
        del request
        return JSONResponse([one.model_dump() for one in self._tiktok.misfortunes])

    async def add_misfortune(self, request: Request) -> Response:
        """Let posts fail in their processing, or late, in their moderation."""
        told = Misfortune.model_validate(await body_of(request))
        self._tiktok.misfortunes.append(told)
        return await self.misfortunes(request)

    async def clear_misfortunes(self, request: Request) -> Response:
        """Let all posts do well."""
        self._tiktok.misfortunes.clear()
        return await self.misfortunes(request)

    async def send(self, request: Request) -> Response:
        """Send an event of any name about a creator."""
        event = Event.model_validate(await body_of(request))
        creator = self._tiktok.creator(event.username)
        self._tiktok.tell(creator, event.event, event.content)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def deliveries(self, request: Request) -> Response:
        """Show all attempts at delivering webhooks."""
        del request
        return JSONResponse(self._tiktok.courier.deliveries())

    def _post(self, fate: Fate) -> Post:
        post = self._tiktok.posts.get(fate.publish_id)
        if post is None:
            raise ValueError("there is no such publish_id")
        return post


def _shown(creator: Creator) -> dict[str, object]:
    return creator.model_dump(mode="json") | {"open_id": creator.open_id}
