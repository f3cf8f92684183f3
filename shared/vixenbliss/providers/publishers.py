"""All publishers, by their platforms."""

from vixenbliss.errors import ProviderUnavailableError
from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.instagram_publishing import InstagramPublisher
from vixenbliss.providers.publishing import Admit, Publisher
from vixenbliss.settings import Settings


def publisher_of(
    platform: Platform, settings: Settings, *, access: str, user_id: str, admit: Admit
) -> Publisher:
    """Return who publishes for an account.

    Raises:
        ProviderUnavailableError: nothing is published there yet.
    """
    if platform is Platform.INSTAGRAM:
        return InstagramPublisher(settings, access, user_id, admit)
    raise ProviderUnavailableError(platform, "nothing is published there yet")
