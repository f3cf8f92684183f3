"""TikTok: a video's bytes, in chunks, to an address that is a key by itself.

developers.tiktok.com/doc/content-posting-api-media-transfer-guide. Chunks come in their
order; nothing is seen before the last one, and one publish_id is one post at most, so a
chunk whose answer is lost is sent again. The address is named nowhere, and gets no
token.
"""

import re
from dataclasses import dataclass

import httpx

from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from vixenbliss.providers.http import BETWEEN, LOOPBACK, NEVER_SENT, client, patience
from vixenbliss.providers.publishing import Video
from vixenbliss.providers.tiktok_data import NAME

CHUNK = 10_000_000  # of 5 to 64 MB allowed, since each is held in memory
TRIES = 3
"""How often in a row a video may be sent without getting any further."""
_HOSTS = ".tiktokapis.com"
_HTTPS = (None, 443)
_SO_FAR = re.compile(r"bytes (?:\*|0-(\d{1,12}))/(\d{1,12})")
# The address is over, nothing is awaited there, or not now: a new init may help.
_ANOTHER_TIME = (403, 404, 429)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a video is cut: into equal chunks, the last of which takes the rest."""

    size: int
    chunk: int

    @property
    def count(self) -> int:
        """How many chunks there are."""
        return self.size // self.chunk

    def last_of(self, first: int) -> int:
        """Return where the chunk ends that a byte is in; both ends count."""
        number = first // self.chunk + 1
        return self.size - 1 if number >= self.count else number * self.chunk - 1


def plan_of(size: int, chunk: int = CHUNK) -> Plan:
    """Return how a video of some bytes is cut; a small one is sent as a whole."""
    return Plan(size, min(size, chunk))


def may_send_to(url: str, base: str) -> bool:
    """Tell whether an address is TikTok's own, and nobody on the way can listen.

    On this machine it may be only where TikTok's API itself is.
    """
    try:
        there, api = httpx.URL(url), httpx.URL(base)
    except httpx.InvalidURL:
        return False
    if there.host in LOOPBACK:
        return api.host in LOOPBACK
    is_private = there.scheme == "https" and there.port in _HTTPS
    return is_private and there.host.endswith(_HOSTS) and not there.userinfo


class Upload:
    """A video on its way to one address."""

    def __init__(self, video: Video, url: str) -> None:
        self._video = video
        self._url = url
        self._plan = plan_of(video.size_bytes)
        self._is_open = False
        """Whether the last byte may have come without our being told.

        It stays so: who says that they wait for it may have it in hand already.
        """

    async def send(self) -> None:
        """Send all of it.

        Raises:
            OutcomeUnknownError: all of it may have come.
            ProviderError: it certainly has not.
        """
        try:
            await self._send()
        except (ProviderRefusedError, ProviderUnavailableError) as error:
            if not self._is_open:
                raise
            reason = "no answer to the last bytes"
            raise OutcomeUnknownError(NAME, reason, status=error.status) from error

    async def _send(self) -> None:
        came = furthest = tries = 0
        while came < self._plan.size:
            told = await self._put(came)
            came = came if told is None else told
            tries = 0 if came > furthest else tries + 1
            furthest = max(furthest, came)
            if tries == TRIES:
                raise ProviderUnavailableError(NAME, "the video does not get through")

    async def _put(self, first: int) -> int | None:
        """Send the next chunk; return how many bytes have come, if that is told."""
        last = self._plan.last_of(first)
        content = await self._video.read(first, last)
        headers = {
            "Content-Type": self._video.content_type,
            "Content-Range": f"bytes {first}-{last}/{self._plan.size}",
        }
        try:
            async with patience(NAME):
                answer = await client().put(self._url, content=content, headers=headers)
        except NEVER_SENT:
            return None
        except (httpx.HTTPError, TimeoutError):
            self._leave_open(last)
            return None
        return self._told(answer, last)

    def _told(self, answer: httpx.Response, last: int) -> int | None:
        status, is_last = answer.status_code, last + 1 == self._plan.size
        if status == (httpx.codes.CREATED if is_last else httpx.codes.PARTIAL_CONTENT):
            return last + 1
        if status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return self._place(answer)
        if status in _ANOTHER_TIME:
            raise ProviderUnavailableError(
                NAME, f"upload: HTTP {status}", status=status
            )
        if _is_refusal(status):
            raise ProviderRefusedError(
                NAME,
                f"upload: HTTP {status}",
                status=status,
                their_code="upload_refused",
            )
        self._leave_open(last)
        return None

    def _leave_open(self, last: int) -> None:
        self._is_open |= last + 1 == self._plan.size

    def _place(self, answer: httpx.Response) -> int | None:
        """Return how much has come by the word of who waits for another chunk."""
        place = _SO_FAR.fullmatch(answer.headers.get("content-range", ""))
        if place is None or int(place[2]) != self._plan.size:
            return None
        came = int(place[1]) + 1 if place[1] else 0
        return came if came <= self._plan.size else None


def _is_refusal(status: int) -> bool:
    is_no = httpx.codes.is_redirect(status) or httpx.codes.is_client_error(status)
    return is_no and status not in BETWEEN
