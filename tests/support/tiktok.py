"""A creator at TikTok for whom we publish, and what is published."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.world import World
from tests.unit.providers_standins.host import film, picture
from vixenbliss.clock import now
from vixenbliss.errors import ProviderError
from vixenbliss.loop import run
from vixenbliss.models.posts import PostFormat
from vixenbliss.providers.publishing import Order, Outcome, Picture, Video, Wishes
from vixenbliss.providers.s3 import Bucket
from vixenbliss.providers.tiktok_publishing import TikTokPublisher
from vixenbliss.settings import settings

CAPTION = "A slow morning by the sea #vxpost-1"
PUBLIC = Wishes(privacy_level="PUBLIC_TO_EVERYONE")
FILM = film()
LONG = FILM + bytes(21_000_000)  # which is two chunks
OK = {"code": "ok", "message": "", "log_id": "1"}


def video(content: bytes, url: str = "https://media.test/sea.mp4") -> Video:
    """Return a video whose bytes are read where they are."""

    async def read(first: int, last: int) -> bytes:
        return content[first : last + 1]

    return Video(url, len(content), "video/mp4", read)


CLIP = Order(
    format=PostFormat.VIDEO,
    caption=CAPTION,
    is_ai=True,
    video=video(FILM),
    wishes=PUBLIC,
)


def photos_of_the_sea() -> Order:
    """Return photos, where TikTok finds them; wants AWS."""
    bucket = Bucket()
    run(bucket.put("renditions/sea.jpg", picture(), "image/jpeg"))
    shown = Picture(bucket.link("renditions/sea.jpg")[0], "waves")
    return replace(CLIP, format=PostFormat.PHOTO, video=None, pictures=[shown] * 2)


def publisher(world: World, counted: list[str], **consent: Any) -> TikTokPublisher:
    """Return an account that may publish; what is counted is noted."""

    async def admit(call: str) -> None:
        counted.append(call)

    given = world.tell("tiktok", "tokens", username="luna.vega", **consent)
    return TikTokPublisher(settings(), given["access_token"], admit)


def sent(tiktok: TikTokPublisher, order: Order = CLIP) -> str:
    """Publish something, and return how TikTok knows it."""
    handle = run(tiktok.publish(order, run(tiktok.prepare(order)))).handle
    assert handle is not None
    return handle


def outcome(tiktok: TikTokPublisher, handle: str | None) -> Outcome:
    assert handle is not None
    return run(tiktok.outcome(handle, caption=CAPTION, since=now()))


def failing(tiktok: TikTokPublisher, order: Order = CLIP) -> ProviderError:
    """Return why something could not be published, or may not have been."""
    with pytest.raises(ProviderError) as caught:
        sent(tiktok, order)
    return caught.value


def told(world: World) -> dict[str, Any]:
    """Return the one post that TikTok has."""
    (post,) = world.see("tiktok", "posts")
    assert isinstance(post, dict)
    return post
