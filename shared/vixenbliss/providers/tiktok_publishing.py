"""TikTok: from a file to a post, by way of a publish_id.

developers.tiktok.com/doc/content-posting-api-reference-direct-post, -photo-post and
-get-video-status. A video is announced first, which nobody sees, and becomes a post
with its last byte. Photos are fetched by TikTok as soon as they are named: that call is
the only one, and there is no idempotency key.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, Field

from vixenbliss.credentials import Credential
from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from vixenbliss.models.posts import Failure
from vixenbliss.providers.http import HttpProvider
from vixenbliss.providers.publishing import (
    Admit,
    Facts,
    Order,
    Outcome,
    Prepared,
    Published,
    Sent,
    Stage,
    Video,
)
from vixenbliss.providers.tiktok_data import NAME, Envelope, ask, creator_of
from vixenbliss.providers.tiktok_outcomes import (
    UPLOADING,
    Progress,
    failure_of,
    outcome_of,
)
from vixenbliss.providers.tiktok_uploads import Upload, may_send_to, plan_of
from vixenbliss.settings import Settings

CREATOR_INFO, INIT, STATUS = "creator_info", "init", "status"
_MINUTE = timedelta(minutes=1)
RATE_LIMITS = MappingProxyType(
    {CREATOR_INFO: (20, _MINUTE), INIT: (6, _MINUTE), STATUS: (30, _MINUTE)}
)
"""How often an account may be used for a call (doc/tiktok-api-v2-rate-limit)."""
_RESTS = MappingProxyType(
    {
        "rate_limit_exceeded": _MINUTE,
        "spam_risk_too_many_posts": timedelta(hours=6),
        "reached_active_user_cap": timedelta(hours=6),
        "spam_risk_user_banned_from_posting": timedelta(days=1),
    }
)
"""For how long an account is left alone; TikTok names no time, these are ours."""
_POST = "/v2/post/publish"
_VIDEO_FIELDS = "id,create_time,share_url"


class _BegunData(BaseModel):
    publish_id: str = Field(default="", max_length=120)
    upload_url: str = Field(default="", max_length=2_048, repr=False)


class _Begun(Envelope):
    data: _BegunData = _BegunData()


class _Status(Envelope):
    data: Progress = Progress()


class _Clip(BaseModel):
    id: str
    create_time: Annotated[int, Field(ge=0, le=4_102_444_800)]  # before 2100
    share_url: Annotated[str, Field(max_length=512)] = ""


class _Clips(BaseModel):
    videos: Annotated[tuple[_Clip, ...], Field(max_length=20)] = ()


class _Found(Envelope):
    data: _Clips = _Clips()


class TikTokPublisher:
    """Publishes for one account."""

    can_delete = False

    def __init__(self, settings: Settings, access: str, admit: Admit) -> None:
        self._base = settings.tiktok_api_base
        self._http = HttpProvider(NAME, self._base, Credential("token", (access,)))
        self._admit = admit

    async def facts(self) -> Facts:
        """Return what the creator's next post may be.

        Raises:
            ProviderError: TikTok does not tell, or lets the account post nothing.
        """
        await self._admit(CREATOR_INFO)
        creator = await creator_of(self._http)
        return Facts(
            quota=creator.quota,
            privacy_levels=creator.data.privacy_level_options,
            longest_video_s=creator.data.max_video_post_duration_sec,
            comments_are_off=creator.data.comment_disabled,
            duets_are_off=creator.data.duet_disabled,
            stitches_are_off=creator.data.stitch_disabled,
        )

    async def prepare(self, order: Order) -> Prepared:
        """Announce a video, which nobody sees; photos are only counted.

        To count writes to our database: done after the intent, a failure of it would
        leave open what was never sent.

        Raises:
            ProviderError: nothing is announced; see ``failure_of``.
        """
        if order.wishes.mode != "direct":  # where the AI label would be lost
            reason = "nothing is left in inboxes"
            raise ProviderRefusedError(NAME, reason, their_code="upload_mode")
        await self._admit(INIT)
        if order.video is None:
            return Prepared()
        begun = await self._begin("/video/init/", _video(order, order.video))
        if not may_send_to(begun.upload_url, self._base):
            reason = "the upload address is not TikTok's"
            raise ProviderRefusedError(NAME, reason, their_code="upload_elsewhere")
        return Prepared(begun.publish_id, upload_url=begun.upload_url)

    async def readiness(self, handle: str) -> Outcome:
        """Return whether a video's bytes are awaited.

        They still are, by TikTok's word, while it works on them.

        Raises:
            ProviderError: TikTok does not say.
        """
        told = await self._status(handle)
        if told.status == UPLOADING:
            return Outcome(Stage.READY)
        return outcome_of(handle, told)

    async def publish(self, order: Order, prepared: Prepared) -> Sent:
        """Send a video's bytes, or name the photos. Never twice for one post.

        Raises:
            OutcomeUnknownError: it may be on its way; of photos nothing is left to ask.
            ProviderError: it is not.
        """
        if order.video is None:
            begun = await self._begin("/content/init/", _photos(order), effect=True)
            return Sent(begun.publish_id)
        if prepared.upload_url is None:
            raise ProviderUnavailableError(NAME, "no address to send the video to")
        await Upload(order.video, prepared.upload_url).send()
        return Sent(prepared.handle)

    async def outcome(self, handle: str, *, caption: str, since: datetime) -> Outcome:
        """Return what has become of a post.

        Its id is told only of what everybody can see, and only after moderation.

        Raises:
            ProviderError: TikTok does not say.
        """
        del caption, since  # a publish_id is one post
        return outcome_of(handle, await self._status(handle))

    async def read_back(self, post_id: str) -> Published:
        """Return a post as TikTok shows it: videos that everybody sees, nothing else.

        Raises:
            ProviderError: TikTok does not say.
        """
        try:
            found = await ask(
                self._http,
                "/v2/video/query/",
                _Found,
                {"filters": {"video_ids": [post_id]}},
                query={"fields": _VIDEO_FIELDS},
            )
        except ProviderRefusedError as error:
            if error.their_code != "scope_not_authorized":
                raise
            return Published(post_id)  # video.list is not needed for publishing
        clip = next((one for one in found.data.videos if one.id == post_id), None)
        return _published(clip) if clip else Published(post_id)

    async def delete(self, post_id: str) -> None:
        """Say that TikTok has no such call.

        Raises:
            ProviderRefusedError: always.
        """
        del post_id
        reason = "posts are deleted in its app alone"
        raise ProviderRefusedError(NAME, reason, their_code="no_delete")

    def failure_of(self, error: ProviderError) -> Failure:
        """Return what is to be done about an error of TikTok's."""
        return failure_of(error)

    def rest_for(self, error: ProviderError) -> timedelta | None:
        """Return for how long an error wants the account left alone, if it does."""
        if error.retry_after_s:
            return timedelta(seconds=error.retry_after_s)
        return _RESTS.get(error.their_code)

    async def _begin(
        self, path: str, body: Mapping[str, Any], *, effect: bool = False
    ) -> _BegunData:
        begun = await ask(self._http, f"{_POST}{path}", _Begun, body, effect=effect)
        if not begun.data.publish_id:
            kind = OutcomeUnknownError if effect else ProviderUnavailableError
            raise kind(NAME, "no publish_id was told")
        return begun.data

    async def _status(self, handle: str) -> Progress:
        await self._admit(STATUS)
        body = {"publish_id": handle}
        return (await ask(self._http, f"{_POST}/status/fetch/", _Status, body)).data


def _video(order: Order, video: Video) -> dict[str, Any]:
    plan = plan_of(video.size_bytes)
    info = _info(order) | {
        "title": order.caption,
        "disable_duet": not order.wishes.duets,
        "disable_stitch": not order.wishes.stitches,
        "is_aigc": order.is_ai,
    }
    if order.wishes.cover_ms is not None:
        info["video_cover_timestamp_ms"] = order.wishes.cover_ms
    source = {
        "source": "FILE_UPLOAD",
        "video_size": plan.size,
        "chunk_size": plan.chunk,
        "total_chunk_count": plan.count,
    }
    return {"post_info": info, "source_info": source}


def _photos(order: Order) -> dict[str, Any]:
    """Return what is said of photos: all words below them, and no title.

    There is no flag for what a machine made: the words say it.
    """
    return {
        "media_type": "PHOTO",
        "post_mode": "DIRECT_POST",
        "post_info": _info(order)
        | {"description": order.caption, "auto_add_music": order.wishes.music},
        "source_info": {
            "source": "PULL_FROM_URL",
            "photo_cover_index": 0,
            "photo_images": [picture.url for picture in order.pictures],
        },
    }


def _info(order: Order) -> dict[str, Any]:
    return {
        "privacy_level": order.wishes.privacy_level,
        "disable_comment": not order.wishes.comments,
        "brand_content_toggle": order.wishes.branded_content,
        "brand_organic_toggle": order.wishes.own_brand,
    }


def _published(clip: _Clip) -> Published:
    """Return a video as shown; which address it has depends on its creator's name."""
    link = clip.share_url if clip.share_url.startswith("https://") else None
    return Published(clip.id, datetime.fromtimestamp(clip.create_time, UTC), link)
