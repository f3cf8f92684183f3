"""What the rules look at, made into files and orders that a platform gets."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.support.tiktok import video
from tests.support.world import World
from tests.unit.providers_standins.host import film, picture
from vixenbliss.loop import run
from vixenbliss.models.posts import PostFormat
from vixenbliss.models.social_accounts import AccountStatus, Platform
from vixenbliss.providers.instagram_publishing import InstagramPublisher
from vixenbliss.providers.publishing import (
    Order,
    Picture,
    Publisher,
    Video,
    Wishes,
)
from vixenbliss.providers.s3 import Bucket
from vixenbliss.providers.tiktok_publishing import TikTokPublisher
from vixenbliss.services.media_rules import FORMATS
from vixenbliss.services.publishing_rules import Candidate, Shown, labelled
from vixenbliss.settings import settings

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PICTURE = Shown(width=360, height=450, is_ready=True, is_ai=True, alt_text="waves")
FILM = Shown(
    width=720,
    height=1280,
    is_ready=True,
    is_ai=True,
    is_video=True,
    duration_s=5,
    frames_per_s=30,
    size_bytes=1_000,
)
USERNAME = "luna.vega"


def candidate(platform: Platform, form: PostFormat, **changes: Any) -> Candidate:
    """Return something that keeps every rule of a format."""
    takes = FORMATS[platform, form]
    shown = [PICTURE if takes.pictures else FILM] * takes.counts[0]
    fine = Candidate(
        platform=platform,
        format=form,
        caption="A slow morning by the sea",
        pictures=shown,
        is_approved=True,
        is_publishable=True,
        is_presentable=True,
        is_for_all=True,
        is_paused=False,
        account_id=UUID(int=1),
        is_of_its_avatar=True,
        account_status=AccountStatus.CONNECTED,
        token_ends=NOW + timedelta(days=30),
        can_refresh=True,
        facts=None,
        wishes=Wishes(privacy_level="PUBLIC_TO_EVERYONE"),
        scheduled_at=NOW,
        now=NOW,
        is_duplicate=False,
    )
    return replace(fine, **changes)


def publisher(world: World, platform: Platform) -> Publisher:
    """Return somebody's account there."""

    async def admit(call: str) -> None:
        """Let every call pass."""

    given = world.tell(platform, "tokens", username=USERNAME)
    if platform is Platform.TIKTOK:
        return TikTokPublisher(settings(), given["access_token"], admit)
    token, user_id = given["access_token"], given["user_id"]
    return InstagramPublisher(settings(), token, user_id, admit)


def order_of(offered: Candidate) -> Order:
    """Return the order of a candidate, its files in the bucket; wants AWS."""
    return Order(
        format=offered.format,
        caption=labelled(offered),
        is_ai=offered.is_ai,
        pictures=[_picture(one) for one in offered.pictures if not one.is_video],
        video=next((_video(one) for one in offered.pictures if one.is_video), None),
        wishes=offered.wishes,
    )


def _picture(one: Shown) -> Picture:
    key = f"renditions/{one.width}x{one.height}.jpg"
    return Picture(
        _put(key, picture(one.width, one.height), "image/jpeg"), one.alt_text
    )


def _video(one: Shown) -> Video:
    content = film(seconds=int(one.duration_s), width=one.width)
    if one.size_bytes > 2**32:  # whose bytes nobody gets to see
        return replace(video(content), size_bytes=one.size_bytes)
    content += bytes(one.size_bytes - len(content))
    key = f"renditions/{one.width}-{one.duration_s:g}-{one.size_bytes}.mp4"
    return video(content, _put(key, content, "video/mp4"))


def _put(key: str, content: bytes, content_type: str) -> str:
    bucket = Bucket()
    run(bucket.put(key, content, content_type))
    return bucket.link(key)[0]
