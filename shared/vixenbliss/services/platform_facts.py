"""What platforms say of accounts right now, as far as they can be asked for nothing.

It has no effect: no token is refreshed, a worker finds room for its own calls, and what
is not told in a few seconds is None.
"""

from collections.abc import Sequence
from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import reading
from vixenbliss.deadline import time_left_s, time_to_ask
from vixenbliss.errors import ProviderError
from vixenbliss.log import log
from vixenbliss.loop import all_of
from vixenbliss.providers.publishers import publisher_of
from vixenbliss.providers.publishing import Facts
from vixenbliss.repositories.social_accounts import (
    AskedAccount,
    SocialAccountRepository,
)
from vixenbliss.services.publisher_access import admit_for
from vixenbliss.services.token_keeping import TokenKeeper
from vixenbliss.settings import Settings

ASKING_S = 4
"""How long whoever plans a post is kept waiting by its platforms."""


class PlatformFacts:
    """Asks platforms about accounts, all at once."""

    def __init__(self, settings: Settings, keeper: TokenKeeper) -> None:
        self._settings = settings
        self._keeper = keeper

    async def of(
        self, caller: Caller, account_ids: Sequence[UUID]
    ) -> dict[UUID, Facts | None]:
        """Return what is told of those of the accounts that are the workspace's.

        Raises:
            UnauthorizedError: the session has ended.
            WorkspaceNotFoundError: the caller is no member of the workspace.
            ForbiddenError: the caller's role does not suffice.
        """
        ids = list(dict.fromkeys(account_ids))
        async with reading() as connection:
            accounts = await SocialAccountRepository(connection).among(caller, ids)
        told: dict[UUID, Facts | None] = dict.fromkeys(ids)

        async def ask(account: AskedAccount) -> None:
            told[account.id] = await self._ask(account)

        with time_to_ask(min(ASKING_S, time_left_s())):
            await all_of(*map(ask, accounts))
        return told

    async def _ask(self, account: AskedAccount) -> Facts | None:
        try:
            access = await self._keeper.access_if_good(account.id)
            if access is None:
                return None
            publisher = publisher_of(
                account.platform,
                self._settings,
                access=access,
                user_id=account.platform_user_id,
                admit=admit_for(account.id, account.platform, is_looking=True),
            )
            return await publisher.facts()
        except ProviderError as error:
            log.warning("account not told of", account_id=account.id, code=error.code)
            return None
