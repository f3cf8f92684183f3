"""The files behind ``image_url`` and ``video_url``, which the platform fetches itself.

Figures: "Content publishing" and the reference of ``IG User/media``. The platform says
nothing of redirects, so none is followed.
"""

import io
from dataclasses import dataclass
from hashlib import sha256

import httpx
from PIL import Image, UnidentifiedImageError

from tests.stack.providers.instagram import errors, loopback
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
    sha256: str
    size_bytes: int
    film: Film | None = None
    subcode: int | None = None
    """Why its processing will fail, if so."""


class Fetcher:
    """Fetches files, from this machine only."""

    def __init__(self) -> None:
        self._client = loopback.client()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def image(
        self, url: str, *, timeout_s: float, is_framed: bool, strict_width: bool
    ) -> Medium:
        """Return a JPEG of eight megabytes at most; a framed one in a feed's shape.

        Raises:
            RefusedError: It cannot be fetched, or is not one.
        """
        content = await self._get(url, LARGEST_IMAGE, timeout_s)
        if content is None:
            raise errors.IMAGE_TOO_LARGE.error()
        problem = _image_problem(content, is_framed=is_framed, strict=strict_width)
        if problem is not None:
            raise problem.error()
        return Medium(url, sha256(content).hexdigest(), len(content))

    async def video(
        self, url: str, *, timeout_s: float, is_story: bool, is_strict: bool
    ) -> Medium:
        """Return a video; one that breaks the rules fails only when processed.

        Raises:
            RefusedError: It cannot be fetched.
        """
        largest = LARGEST_STORY if is_story else LARGEST_REEL
        content = await self._get(url, largest, timeout_s)
        film = None if content is None else Film.read(content)
        is_broken = broken_rule(film, is_story=is_story) is not None
        subcode = _BAD_VIDEO if is_strict and is_broken else None
        content = content or b""
        return Medium(url, sha256(content).hexdigest(), len(content), film, subcode)

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


def _image_problem(content: bytes, *, is_framed: bool, strict: bool) -> Problem | None:
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError):
        return errors.NOT_A_JPEG
    if not is_framed:
        return None
    if not TALLEST_RATIO - _A_PIXEL <= width / height <= BROADEST_RATIO + _A_PIXEL:
        return errors.WRONG_RATIO
    return errors.WRONG_WIDTH if strict and not NARROWEST <= width <= WIDEST else None


async def _up_to(largest: int, answer: httpx.Response) -> bytes | None:
    content = bytearray()
    async for part in answer.aiter_bytes():
        content += part
        if len(content) > largest:
            return None
    return bytes(content)
