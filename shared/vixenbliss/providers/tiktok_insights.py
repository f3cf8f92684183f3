"""TikTok: how often videos were seen, liked, answered and passed on.

``POST /v2/video/query/``, developers.tiktok.com/doc/tiktok-api-v2-video-query and
-video-object: of 20 videos a call, and only of those that everybody sees; photos are
not told of. 600 calls a minute (doc/tiktok-api-v2-rate-limit).
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from vixenbliss.credentials import Credential
from vixenbliss.errors import ProviderError
from vixenbliss.models.analytics import Numbers
from vixenbliss.providers.http import HttpProvider
from vixenbliss.providers.insights import Count, Subject
from vixenbliss.providers.tiktok_data import NAME, Envelope, ask
from vixenbliss.settings import Settings

SCOPE = "video.list"
"""Without which nothing is told."""
AT_ONCE = 20
_FIELDS = "id,view_count,like_count,comment_count,share_count"


class _Clip(BaseModel):
    id: str
    view_count: Count | None = None
    like_count: Count | None = None
    comment_count: Count | None = None
    share_count: Count | None = None


class _Clips(BaseModel):
    videos: Annotated[tuple[_Clip, ...], Field(max_length=AT_ONCE)] = ()


class _Found(Envelope):
    data: _Clips = _Clips()


class TikTokInsights:
    """Reads the numbers of one account's videos."""

    at_once = AT_ONCE

    def __init__(self, settings: Settings, access: str) -> None:
        token = Credential("token", (access,))
        self._http = HttpProvider(NAME, settings.tiktok_api_base, token)

    async def read(self, posts: Sequence[Subject]) -> Mapping[str, Numbers]:
        """Return what is told of videos.

        Raises:
            ProviderError: nothing is told.
        """
        names = [post.platform_post_id for post in posts]
        body = {"filters": {"video_ids": names}}
        query = {"fields": _FIELDS}
        found = await ask(self._http, "/v2/video/query/", _Found, body, query=query)
        return {
            clip.id: Numbers(
                clip.view_count, clip.like_count, clip.comment_count, clip.share_count
            )
            for clip in found.data.videos
            if clip.view_count is not None and clip.id in names
        }

    def is_of_token(self, error: ProviderError) -> bool:
        """Tell whether the access token opens nothing any more."""
        return error.their_code == "access_token_invalid"

    def must_wait(self, error: ProviderError) -> bool:
        """Tell whether TikTok takes no more calls just now."""
        return bool(error.retry_after_s) or error.their_code == "rate_limit_exceeded"
