"""All platforms whose numbers can be read."""

from collections.abc import Mapping

from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers import instagram_insights, tiktok_insights
from vixenbliss.providers.insights import Insights
from vixenbliss.providers.instagram_insights import InstagramInsights
from vixenbliss.providers.tiktok_insights import TikTokInsights
from vixenbliss.settings import Settings

SCOPES: Mapping[Platform, str] = {
    Platform.INSTAGRAM: instagram_insights.SCOPE,
    Platform.TIKTOK: tiktok_insights.SCOPE,
}
"""What an account must have granted for its numbers to be told."""


def insights_of(platform: Platform, settings: Settings, *, access: str) -> Insights:
    """Return who reads an account's numbers, with its token."""
    if platform is Platform.INSTAGRAM:
        return InstagramInsights(settings, access)
    return TikTokInsights(settings, access)
