"""Having platforms tell us what happens at the accounts that are connected."""

from vixenbliss.deadline import time_to_ask
from vixenbliss.errors import ProviderError
from vixenbliss.log import log
from vixenbliss.providers.oauth import Grant, OauthPlatform

ASKING_S = 4
"""How long a browser is kept waiting for what does not decide where it goes."""


async def subscribe(platform: OauthPlatform, grant: Grant) -> None:
    """Have a platform tell us of an account.

    One of which it will not tell is connected all the same: posts need none of it.
    """
    try:
        with time_to_ask(ASKING_S):
            await platform.subscribe(grant.tokens.access, grant.platform_user_id)
    except ProviderError as error:
        log.warning("account not subscribed", platform=platform.name, code=error.code)
