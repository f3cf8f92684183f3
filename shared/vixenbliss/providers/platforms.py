"""All platforms that accounts can be connected to."""

from collections.abc import Mapping

from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.instagram import Instagram
from vixenbliss.providers.oauth import OauthPlatform
from vixenbliss.providers.tiktok import TikTok
from vixenbliss.settings import Settings

type Platforms = Mapping[Platform, OauthPlatform]


def platforms(settings: Settings) -> Platforms:
    """Return our app at each platform."""
    return {
        Platform.INSTAGRAM: Instagram(settings),
        Platform.TIKTOK: TikTok(settings),
    }
