"""Instagram's HTTP API with Instagram Login, as far as publishing needs it.

Two hosts become two paths: ``/instagram/login`` for the pages of instagram.com and
api.instagram.com, ``/instagram/graph`` for graph.instagram.com. The graph's calls may
name a version, save those about tokens.
"""

from collections.abc import Iterator

from starlette.convertors import Convertor, StringConvertor, register_url_convertor
from starlette.responses import Response
from starlette.routing import Route

from tests.stack.providers.calls import routes
from tests.stack.providers.guests import Door
from tests.stack.providers.instagram import errors
from tests.stack.providers.instagram.doors import Doors
from tests.stack.providers.instagram.engine import COMMENT, CONTAINER, USER, Instagram
from tests.stack.providers.instagram.gate import (
    GRAPH,
    LOGIN,
    PREFIX,
    Gate,
    InstagramDialect,
    Opened,
)
from tests.stack.providers.instagram.insights import Insights
from tests.stack.providers.instagram.login import Login
from tests.stack.providers.instagram.people import People
from tests.stack.providers.instagram.publishing import Publishing
from tests.stack.providers.instagram.settings import InstagramSettings
from tests.stack.providers.instagram.talk import Talk
from tests.stack.providers.world import World

_PARTS = {
    "ig_version": r"v(?:[1-9]|1\d|2[0-6])\.0",  # an expired one is served as the oldest
    "ig_user": rf"{USER}\d+|me",
    "ig_container": rf"{CONTAINER}\d+",
    "ig_comment": rf"{COMMENT}\d+",
    "ig_media": r"\d+",
}


class InstagramGuest:
    """The stand-in for Instagram."""

    prefix = f"{PREFIX}/"

    def __init__(self, world: World) -> None:
        self._world = world
        self._instagram = Instagram(world)
        self._doors = Doors(self._instagram)

    def routes(self) -> list[Route]:
        """Return the calls, each with its path."""
        for name, pattern in _PARTS.items():
            register_url_convertor(name, _part(pattern))
        gate, login = Gate(self._instagram), Login(self._instagram)
        dialect = InstagramDialect(self._instagram)
        token = f"{LOGIN}/oauth/access_token"
        outside = [
            ("GET", f"{LOGIN}/oauth/authorize", "oauth.authorize", login.authorize),
            ("POST", token, "oauth.access_token", login.exchange_code),
        ]
        unversioned = [
            ("GET", "/access_token", "tokens.exchange", login.lengthen),
            ("GET", "/refresh_access_token", "tokens.refresh", login.refresh),
        ]
        inside = [
            *((m, f"{GRAPH}{path}", n, h) for m, path, n, h in unversioned),
            *(
                (method, f"{GRAPH}{version}{path}", name, handler)
                for method, path, name, handler in self._graph()
                for version in ("", "/{version:ig_version}")
            ),
        ]
        opened = [(m, path, n, gate.opened(handler)) for m, path, n, handler in inside]
        return routes(self._world, dialect, [*outside, *opened])

    def doors(self) -> list[Door]:
        """Return what a test may do to the platform."""
        return self._doors.table()

    def unknown_path(self, path: str) -> Response:
        """Answer as the graph does."""
        known = path.removeprefix(GRAPH).removeprefix(LOGIN)
        return errors.unknown_path(known).response()

    def forget(self) -> None:
        """Let go of all accounts, tokens, containers, posts and comments."""
        self._instagram.forget()

    def reset(self) -> None:
        """Take back all settings."""
        self._instagram.settings = InstagramSettings()

    async def close(self) -> None:
        """Close what is open to the outside."""
        await self._instagram.fetcher.close()
        await self._instagram.courier.close()

    def _graph(self) -> Iterator[tuple[str, str, str, Opened]]:
        people, publishing = People(self._instagram), Publishing(self._instagram)
        user, post = "/{user_id:ig_user}", "/{media_id:ig_media}"
        apps = f"{user}/subscribed_apps"
        yield "GET", user, "accounts.get", people.profile
        yield "GET", f"{user}/content_publishing_limit", "accounts.limit", people.limit
        yield "GET", apps, "subscriptions.get", people.subscriptions
        yield "POST", apps, "subscriptions.create", people.subscribe
        yield "DELETE", apps, "subscriptions.delete", people.unsubscribe
        yield "POST", f"{user}/media", "media.create", publishing.create
        yield "POST", f"{user}/media_publish", "media_publish", publishing.publish
        yield "GET", f"{user}/media", "media.list", publishing.posts
        yield (
            "GET",
            "/{container_id:ig_container}",
            "media.status",
            publishing.container,
        )
        yield from self._talk(publishing)
        insights = Insights(self._instagram, publishing)
        yield "GET", f"{post}/insights", "media.insights", insights.post
        yield "GET", post, "media.get", publishing.post
        yield "DELETE", post, "media.delete", publishing.delete

    def _talk(self, publishing: Publishing) -> Iterator[tuple[str, str, str, Opened]]:
        talk = Talk(self._instagram, publishing)
        comment, comments = "/{comment_id:ig_comment}", "/{media_id:ig_media}/comments"
        yield "GET", comments, "comments.list", talk.comments
        yield "POST", comments, "comments.create", talk.comment
        yield "GET", f"{comment}/replies", "comments.replies", talk.replies
        yield "POST", f"{comment}/replies", "comments.reply", talk.reply
        yield "GET", comment, "comments.get", talk.one
        yield "POST", comment, "comments.hide", talk.hide
        yield "DELETE", comment, "comments.delete", talk.delete


def _part(pattern: str) -> Convertor[str]:
    """Return what makes a part of a path look like an id of its kind."""

    class Part(StringConvertor):
        regex = pattern

    return Part()
