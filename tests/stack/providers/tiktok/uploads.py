"""The upload address: chunks in their order, as the media transfer guide has them.

It wants no token, answers in bare HTTP, and dies after an hour.
"""

import re
import secrets
from http import HTTPStatus

from starlette.responses import Response
from starlette.routing import Route

from tests.stack.providers.calls import Call, RefusedError, routes
from tests.stack.providers.tiktok.dialects import UploadDialect
from tests.stack.providers.tiktok.engine import TikTok
from tests.stack.providers.tiktok.posts import Post, Status, Upload
from tests.stack.providers.world import World

_PATH = "/tiktok/open-upload/video/"
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_TYPES = {"video/mp4", "video/quicktime", "video/webm"}


class UploadApi:
    """The one call."""

    def __init__(self, tiktok: TikTok) -> None:
        self._tiktok = tiktok

    def routes(self) -> list[Route]:
        """Return the path."""
        table = [("PUT", _PATH, "video.upload", self.send)]
        return routes(self._tiktok.world, UploadDialect(), table)

    async def send(self, call: Call) -> Response:
        """Take the next chunk; with the last one, the post is on its way out."""
        post, upload = self._task(call)
        call.about |= post.noted()
        _check(call, upload)
        upload.take(call.body)
        headers = _so_far(upload)
        if not upload.is_whole:
            return Response(status_code=HTTPStatus.PARTIAL_CONTENT, headers=headers)
        self._tiktok.has_come(post)
        call.effect(**post.noted())
        await self._tiktok.told_early(post)
        return Response(status_code=HTTPStatus.CREATED, headers=headers)

    def _task(self, call: Call) -> tuple[Post, Upload]:
        """Return what is being sent here, while that can be."""
        query = call.request.query_params
        for post in self._tiktok.posts.values():
            upload = post.upload
            if upload is None or upload.id != query.get("upload_id"):
                continue
            if not secrets.compare_digest(upload.token, query.get("upload_token", "")):
                break
            if post.status is Status.FAILED:
                break
            if self._tiktok.world.clock.now() >= upload.expires_at:
                raise _refused(HTTPStatus.FORBIDDEN)
            return post, upload
        raise _refused(HTTPStatus.NOT_FOUND)


def address_of(upload: Upload, world: World) -> str:
    """Return where a video is sent, which nobody can guess."""
    query = f"upload_id={upload.id}&upload_token={upload.token}"
    return f"{world.origin}{_PATH}?{query}"


def _check(call: Call, upload: Upload) -> None:
    """Check that this is the chunk whose turn it is.

    Raises:
        RefusedError: 400 for what the headers say, 416 for another's turn.
    """
    headers = call.request.headers
    place = _RANGE.fullmatch(headers.get("content-range", ""))
    if place is None or headers.get("content-type") not in _TYPES:
        raise _refused(HTTPStatus.BAD_REQUEST)
    first, last, total = map(int, place.groups())
    if total != upload.plan.video_size or last - first + 1 != len(call.body):
        raise _refused(HTTPStatus.BAD_REQUEST)
    if first != upload.uploaded:
        raise _refused(HTTPStatus.RANGE_NOT_SATISFIABLE, upload)
    if len(call.body) != upload.next_size():
        raise _refused(HTTPStatus.BAD_REQUEST)


def _so_far(upload: Upload) -> dict[str, str]:
    """Return the range that has come, by which a caller finds its place again."""
    came = f"0-{upload.uploaded - 1}" if upload.uploaded else "*"
    return {"content-range": f"bytes {came}/{upload.plan.video_size}"}


def _refused(status: HTTPStatus, upload: Upload | None = None) -> RefusedError:
    headers = {} if upload is None else _so_far(upload)
    return RefusedError(Response(status_code=status, headers=headers))
