"""From an account of ours to somebody who publishes for it, in the platform's bounds.

Each call that a platform counts is counted here first, in the database, whichever
worker makes it; so a limit is known before it is met.
"""

from uuid import UUID

from vixenbliss.database import transaction
from vixenbliss.errors import RateLimitedError
from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.publishers import RATE_LIMITS, publisher_of
from vixenbliss.providers.publishing import Admit, Publisher
from vixenbliss.repositories.platform_calls import PlatformCallRepository
from vixenbliss.services.token_keeping import TokenKeeper
from vixenbliss.settings import Settings


class Publishers:
    """Opens accounts for publishing."""

    def __init__(self, settings: Settings, keeper: TokenKeeper) -> None:
        self._settings = settings
        self._keeper = keeper

    async def open(
        self, account_id: UUID, platform: Platform, platform_user_id: str
    ) -> Publisher:
        """Return who publishes for an account.

        Raises:
            ReauthenticationNeededError: its owner has to say yes again.
            InvalidStateError: it is disabled or disconnected.
            ProviderError: the token has ended and could not be refreshed yet.
        """
        access = await self._keeper.access_for(account_id)
        return publisher_of(
            platform,
            self._settings,
            access=access,
            user_id=platform_user_id,
            admit=admit_for(account_id, platform),
        )

    async def refresh(self, account_id: UUID) -> bool:
        """Find out, by a refresh, whether a refused token means the end of the grant.

        False if somebody else is at it, or just was.

        Raises:
            ReauthenticationNeededError: it does.
            ProviderError: nobody can tell now.
        """
        return await self._keeper.refresh(account_id)


def admit_for(
    account_id: UUID, platform: Platform, *, is_looking: bool = False
) -> Admit:
    """Return what counts an account's calls.

    Whoever only looks has half of each window: the rest of it is the workers'.
    """

    async def admit(call: str) -> None:
        most, per = RATE_LIMITS[platform][call]
        if is_looking:
            most //= 2
        async with transaction() as connection:
            wait = await PlatformCallRepository(connection).take(
                account_id, call, most=most, per=per
            )
        if wait is not None:
            raise RateLimitedError(platform, wait_s=wait.total_seconds())

    return admit
