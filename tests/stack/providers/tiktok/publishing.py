"""The Content Posting API: what a creator allows, inits, status, cancel.

Pages: content-posting-api-reference-query-creator-info, -direct-post, -upload-video,
-photo-post, -get-video-status; cancel: content-posting-api-media-transfer-guide.
"""

from datetime import timedelta

from starlette.responses import Response
from starlette.routing import Route

from tests.stack.providers.calls import Call, Handler, routes
from tests.stack.providers.tiktok import errors
from tests.stack.providers.tiktok.access import admitted, counted
from tests.stack.providers.tiktok.creators import Creator
from tests.stack.providers.tiktok.dialects import DataDialect
from tests.stack.providers.tiktok.engine import TikTok
from tests.stack.providers.tiktok.inits import (
    ContentInit,
    DraftInit,
    FileUpload,
    PhotoPull,
    PostInfo,
    PublishId,
    Source,
    VideoInit,
    read,
)
from tests.stack.providers.tiktok.posts import Post, Upload
from tests.stack.providers.tiktok.rules import check_audience, check_ownership, obstacle
from tests.stack.providers.tiktok.uploads import address_of

_PUBLISH = "video.publish"
_UPLOAD = "video.upload"


class PublishingApi:
    """The calls."""

    def __init__(self, tiktok: TikTok) -> None:
        self._tiktok = tiktok

    def routes(self, api: str) -> list[Route]:
        """Return the paths below ``/v2/post/publish``."""
        v2 = f"{api}/v2/post/publish"
        inbox = f"{v2}/inbox/video/init/"
        table: list[tuple[str, str, str, Handler]] = [
            ("POST", f"{v2}/creator_info/query/", "creator_info.query", self.creator),
            ("POST", f"{v2}/video/init/", "video.init", self.video),
            ("POST", inbox, "inbox.video.init", self.draft),
            ("POST", f"{v2}/content/init/", "content.init", self.photos),
            ("POST", f"{v2}/status/fetch/", "status.fetch", self.status),
            ("POST", f"{v2}/cancel/", "publish.cancel", self.cancel),
        ]
        return routes(self._tiktok.world, DataDialect(self._tiktok), table)

    async def creator(self, call: Call) -> Response:
        """Show what the creator's next post may be."""
        creator = admitted(call, self._tiktok, _PUBLISH).creator
        most = self._tiktok.settings.quotas.creator_infos_a_minute
        counted(call, self._tiktok, creator, most)
        code = obstacle(self._tiktok, creator, is_draft=False)
        return errors.told(code) if code else errors.answer(creator.info())

    async def video(self, call: Call) -> Response:
        """Take on a video to be posted."""
        creator = self._beginner(call, _PUBLISH)
        asked = read(call, VideoInit)
        check_audience(self._tiktok, creator, asked.post_info)
        post = self._post(creator, asked.source_info, asked.post_info, is_draft=False)
        return await self._begin(call, post)

    async def draft(self, call: Call) -> Response:
        """Take on a video for the creator's inbox."""
        creator = self._beginner(call, _UPLOAD)
        asked = read(call, DraftInit)
        post = self._post(creator, asked.source_info, None, is_draft=True)
        return await self._begin(call, post)

    async def photos(self, call: Call) -> Response:
        """Take on photos, for all to see or for the inbox."""
        creator = self._beginner(call, _PUBLISH, _UPLOAD)
        asked = read(call, ContentInit)
        is_draft = asked.post_mode == "MEDIA_UPLOAD"
        admitted(call, self._tiktok, _UPLOAD if is_draft else _PUBLISH)
        if not is_draft:
            check_audience(self._tiktok, creator, asked.post_info)
        source, info = asked.source_info, asked.post_info
        post = self._post(creator, source, info, is_draft=is_draft)
        return await self._begin(call, post)

    async def status(self, call: Call) -> Response:
        """Show how far a post has come."""
        return errors.answer(self._asked_for(call).on_the_wire())

    async def cancel(self, call: Call) -> Response:
        """End a download that still goes on."""
        post = self._asked_for(call)
        if not self._tiktok.cancel(post):
            raise errors.refused("publish_not_cancellable")
        call.effect(id=post.id)
        return errors.done()

    def _beginner(self, call: Call, *scopes: str) -> Creator:
        """Return whose post a call wants to begin."""
        creator = admitted(call, self._tiktok, *scopes).creator
        counted(
            call, self._tiktok, creator, self._tiktok.settings.quotas.inits_a_minute
        )
        return creator

    def _post(
        self, creator: Creator, source: Source, info: PostInfo | None, *, is_draft: bool
    ) -> Post:
        """Return the post asked for, not yet begun."""
        code = obstacle(self._tiktok, creator, is_draft=is_draft)
        if code is not None:
            raise errors.refused(code)
        check_ownership(self._tiktok, source.urls)
        now = self._tiktok.world.clock.now()
        ends_at = now + timedelta(seconds=self._tiktok.settings.upload_url_s)
        return Post(
            creator=creator,
            is_draft=is_draft,
            is_photo=isinstance(source, PhotoPull),
            info={} if info is None else info.model_dump(),
            created_at=now,
            upload=Upload(source, ends_at) if isinstance(source, FileUpload) else None,
            urls=source.urls,
            cover_index=source.cover_index,
        )

    async def _begin(self, call: Call, post: Post) -> Response:
        """Begin the post; it is on its way out already, unless bytes must be sent."""
        self._tiktok.begin(post)
        if post.upload is not None:
            call.about |= post.noted()
            where = address_of(post.upload, self._tiktok.world)
            return errors.answer({"publish_id": post.id, "upload_url": where})
        call.effect(**post.noted())
        await self._tiktok.told_early(post)
        return errors.answer({"publish_id": post.id})

    def _asked_for(self, call: Call) -> Post:
        """Return the post that a call names, if it is its caller's."""
        creator = admitted(call, self._tiktok, _PUBLISH, _UPLOAD).creator
        most = self._tiktok.settings.quotas.statuses_a_minute
        counted(call, self._tiktok, creator, most)
        post = self._tiktok.posts.get(read(call, PublishId).publish_id)
        if post is None:
            raise errors.refused("invalid_publish_id")
        if post.creator is not creator:
            raise errors.refused("token_not_authorized_for_specified_publish_id")
        call.about |= {"id": post.id, "job": post.job}
        return post
