"""All platforms that can be published to, and how often they take which call."""

from collections.abc import Mapping
from datetime import timedelta

from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers import instagram_publishing, tiktok_publishing
from vixenbliss.providers.instagram_publishing import InstagramPublisher
from vixenbliss.providers.publishing import Admit, Publisher
from vixenbliss.providers.tiktok_publishing import TikTokPublisher
from vixenbliss.settings import Settings

RATE_LIMITS: Mapping[Platform, Mapping[str, tuple[int, timedelta]]] = {
    Platform.INSTAGRAM: instagram_publishing.RATE_LIMITS,
    Platform.TIKTOK: tiktok_publishing.RATE_LIMITS,
}


def publisher_of(
    platform: Platform, settings: Settings, *, access: str, user_id: str, admit: Admit
) -> Publisher:
    """Return who publishes for an account, with its token."""
    if platform is Platform.INSTAGRAM:
        return InstagramPublisher(settings, access, user_id, admit)
    return TikTokPublisher(settings, access, admit)
