"""The Display API: who a creator is, and which videos everybody can see.

Pages: tiktok-api-v2-get-user-info, -video-list, -video-query, -video-object.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field
from starlette.responses import Response
from starlette.routing import Route

from tests.stack.providers.calls import Call, Handler, routes
from tests.stack.providers.tiktok import errors
from tests.stack.providers.tiktok.access import admitted, counted
from tests.stack.providers.tiktok.creators import Creator
from tests.stack.providers.tiktok.dialects import DataDialect
from tests.stack.providers.tiktok.engine import TikTok
from tests.stack.providers.tiktok.inits import Wire, read
from tests.stack.providers.tiktok.posts import Post

_SCOPES = {
    "user.info.basic": (
        *("open_id", "union_id", "display_name"),
        *("avatar_url", "avatar_url_100", "avatar_large_url"),
    ),
    "user.info.profile": (
        *("bio_description", "profile_deep_link", "is_verified", "username"),
    ),
    "user.info.stats": (
        *("follower_count", "following_count", "likes_count", "video_count"),
    ),
}
_SCOPE_OF = {name: scope for scope, names in _SCOPES.items() for name in names}
_VIDEO = {
    *("id", "create_time", "cover_image_url", "share_url", "video_description"),
    *("duration", "height", "width", "title", "embed_html", "embed_link"),
    *("like_count", "comment_count", "share_count", "view_count"),
}
_WRONG = "invalid_params"
_MOST = 20


class Page(Wire):
    """Which videos a list shows: those before the cursor, in milliseconds."""

    max_count: int = Field(default=10, ge=1, le=_MOST)
    cursor: int | None = None


class Filters(Wire):
    """Which videos are asked for by their ids."""

    video_ids: Annotated[list[str], Field(min_length=1, max_length=_MOST)]


class Query(Wire):
    """What a query asks for."""

    filters: Filters


class DisplayApi:
    """The calls."""

    def __init__(self, tiktok: TikTok) -> None:
        self._tiktok = tiktok

    def routes(self, api: str) -> list[Route]:
        """Return the paths below ``/v2/user`` and ``/v2/video``."""
        table: list[tuple[str, str, str, Handler]] = [
            ("GET", f"{api}/v2/user/info/", "user.info", self.user),
            ("POST", f"{api}/v2/video/list/", "video.list", self.list),
            ("POST", f"{api}/v2/video/query/", "video.query", self.query),
        ]
        return routes(self._tiktok.world, DataDialect(self._tiktok), table)

    async def user(self, call: Call) -> Response:
        """Show the fields of a creator that are asked for."""
        fields = _fields(call, set(_SCOPE_OF))
        for name in fields:
            admitted(call, self._tiktok, _SCOPE_OF[name])
        creator = self._reader(call, *_SCOPES)
        profile = creator.profile() | {"video_count": len(list(self._videos(creator)))}
        return errors.answer({"user": {name: profile[name] for name in fields}})

    async def list(self, call: Call) -> Response:
        """Show a page of a creator's videos, newest first."""
        creator, fields = self._reader(call, "video.list"), _fields(call, _VIDEO)
        page = read(call, Page, _WRONG)
        videos = sorted(self._videos(creator), key=_time_ms, reverse=True)
        if page.cursor:
            videos = [video for video in videos if _time_ms(video) < page.cursor]
        shown = videos[: page.max_count]
        data = {
            "videos": [self._shown(*video, fields) for video in shown],
            "cursor": _time_ms(shown[-1]) if shown else page.cursor or 0,
            "has_more": len(videos) > len(shown),
        }
        return errors.answer(data)

    async def query(self, call: Call) -> Response:
        """Show those of a creator's videos that are named."""
        creator, fields = self._reader(call, "video.list"), _fields(call, _VIDEO)
        wanted = read(call, Query, _WRONG).filters.video_ids
        videos = [
            self._shown(post, number, fields)
            for post, number in self._videos(creator)
            if str(number) in wanted
        ]
        return errors.answer({"videos": videos})

    def _reader(self, call: Call, *scopes: str) -> Creator:
        creator = admitted(call, self._tiktok, *scopes).creator
        most = self._tiktok.settings.quotas.displays_a_minute
        counted(call, self._tiktok, creator, most)
        return creator

    def _videos(self, creator: Creator) -> Iterator[tuple[Post, int]]:
        """Yield the videos everybody can see, each with its id."""
        for post in self._tiktok.posts_of(creator):
            if post.is_available and not post.is_photo:
                yield from ((post, number) for number in post.post_ids)

    def _shown(
        self, post: Post, number: int, fields: Sequence[str]
    ) -> dict[str, object]:
        """Return those fields of a video object."""
        counts = post.counts(self._tiktok.world.clock.now())
        video: dict[str, object] = {
            "id": str(number),
            "create_time": _time_ms((post, number)) // 1000,
            "cover_image_url": f"https://p16-sign.tiktokcdn.com/{number}.jpeg",
            "share_url": f"https://www.tiktok.com/@{post.creator.username}/video/{number}",
            "video_description": post.text,
            "title": post.text,
            "embed_link": f"https://www.tiktok.com/player/v1/{number}",
            "embed_html": "",
            "view_count": counts.views,
            "like_count": counts.likes,
            "comment_count": counts.comments,
            "share_count": counts.shares,
        }
        return {name: video.get(name, 0) for name in fields}


def _fields(call: Call, known: set[str]) -> list[str]:
    """Return the fields a call asks for, which it must."""
    fields = [f for f in call.request.query_params.get("fields", "").split(",") if f]
    if not fields or not set(fields) <= known:
        raise errors.refused(_WRONG, "fields is missing or invalid.")
    return fields


def _time_ms(video: tuple[Post, int]) -> int:
    at = video[0].completed_at or video[0].created_at
    return int(at.timestamp() * 1000)
