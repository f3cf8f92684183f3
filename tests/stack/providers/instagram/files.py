"""The files behind ``image_url`` and ``video_url``, which the platform fetches itself.

Figures: "Content publishing" and the reference of ``IG User/media``. The platform says
nothing of redirects, so none is followed.
"""

import io
from dataclasses import dataclass

import httpx
from PIL import Image, UnidentifiedImageError

from tests.stack.providers.instagram import errors, loopback
from tests.stack.providers.instagram.captions import digest_of
from tests.stack.providers.instagram.errors import Problem
from tests.stack.providers.instagram.videos import Film, broken_rule

LARGEST_IMAGE = 8 * 1024 * 1024
LARGEST_REEL = 300 * 1024 * 1024
LARGEST_STORY = 100 * 1024 * 1024
NARROWEST, WIDEST = 320, 1440
TALLEST_RATIO, BROADEST_RATIO = 4 / 5, 1.91
_A_PIXEL = 0.01
_BAD_VIDEO = 2207026


@dataclass(frozen=True)
class Medium:
    """A file as it was when the platform fetched it."""

    url: str
    content: bytes
    film: Film | None = None
    subcode: int | None = None
    """Why its processing will fail, if so."""

    @property
    def sha256(self) -> str:
        """The file's digest."""
        return digest_of(self.content.decode("latin-1"))


class Fetcher:
    """Fetches files, from this machine only."""

    def __init__(self) -> None:
        self._client = loopback.client()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def image(self, url: str, *, timeout_s: float) -> bytes:
        """Return a JPEG of eight megabytes at most.

        Raises:
            RefusedError: It cannot be fetched, or is not one.
        """
        content = await self._get(url, LARGEST_IMAGE, timeout_s)
        if content is None:
            raise errors.IMAGE_TOO_LARGE.error()
        if not content.startswith(b"\xff\xd8\xff"):
            raise errors.NOT_A_JPEG.error()
        return content

    async def video(
        self, url: str, *, is_story: bool, is_strict: bool, timeout_s: float
    ) -> Medium:
        """Return a video; one that breaks the rules fails only when processed.

        Raises:
            RefusedError: It cannot be fetched.
        """
        largest = LARGEST_STORY if is_story else LARGEST_REEL
        content = await self._get(url, largest, timeout_s)
        film = Film.read(content or b"")
        is_broken = content is None or broken_rule(film, is_story=is_story) is not None
        subcode = _BAD_VIDEO if is_strict and is_broken else None
        return Medium(url, content or b"", film, subcode)

    async def _get(self, url: str, largest: int, timeout_s: float) -> bytes | None:
        """Return the content; none if it is larger than allowed."""
        if not url.isascii() or not loopback.is_near(url):
            raise errors.NOT_FETCHED.error()
        try:
            async with self._client.stream("GET", url, timeout=timeout_s) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise errors.NOT_FETCHED.error()
                return await _up_to(largest, answer)
        except httpx.TimeoutException as error:
            raise errors.FETCH_TIMED_OUT.error() from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise errors.NOT_FETCHED.error() from error


def check_frame(content: bytes, *, strict_width: bool) -> None:
    """Refuse a picture whose shape a feed does not show."""
    problem = _frame_problem(content, strict_width=strict_width)
    if problem is not None:
        raise problem.error()


def _frame_problem(content: bytes, *, strict_width: bool) -> Problem | None:
    try:
        with Image.open(io.BytesIO(content)) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError):
        return errors.NOT_A_JPEG
    ratio = width / height
    if not TALLEST_RATIO - _A_PIXEL <= ratio <= BROADEST_RATIO + _A_PIXEL:
        return errors.WRONG_RATIO
    if strict_width and not NARROWEST <= width <= WIDEST:
        return errors.WRONG_WIDTH
    return None


async def _up_to(largest: int, answer: httpx.Response) -> bytes | None:
    content = bytearray()
    async for part in answer.aiter_bytes():
        content += part
        if len(content) > largest:
            return None
    return bytes(content)
