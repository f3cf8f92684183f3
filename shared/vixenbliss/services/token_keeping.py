"""The one way to a social account's access token, and to its next one.

Many may want a token at the moment it ends, and a refresh token may be good for one
refresh only. So whoever refreshes holds the row's lease, and stores what they got only
if the row is still at the version that they opened; everybody else waits and looks
again. A failure proves nothing: only the platform's own word that the grant is over,
said of the version that is stored, asks the owner for another.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from vixenbliss.clock import monotonic_s, now
from vixenbliss.database import reading, transaction
from vixenbliss.deadline import time_left_s, time_to_ask
from vixenbliss.errors import (
    DatabaseUnavailableError,
    InvalidStateError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
    ReauthenticationNeededError,
    SocialAccountNotFoundError,
    VixenBlissError,
)
from vixenbliss.log import log
from vixenbliss.loop import all_of
from vixenbliss.models.social_accounts import AccountStatus
from vixenbliss.providers.oauth import OauthPlatform, Tokens
from vixenbliss.providers.platforms import Platforms
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.oauth_states import OauthStateRepository
from vixenbliss.repositories.social_tokens import (
    KeptTokens,
    Replacement,
    Sealed,
    SocialTokenRepository,
)
from vixenbliss.services.token_vault import Holder, Seal, TokenVault

LEASE = timedelta(minutes=1)
ASKING_S = 30
"""For how long of a lease the platform may be asked; the rest is for the answer."""
PATIENCE_S = 20
"""How long whoever wants a token waits for its refresh."""
PAUSE_S = 0.25
STORES = 4
"""How often new tokens are tried to be stored: the old ones may be spent."""
AGAIN = timedelta(minutes=5)
AGAIN_IF_REFUSED = timedelta(hours=1)
LIMIT = 50
STATES_KEPT_FOR = timedelta(days=1)


class TokenKeeper:
    """Keeps the tokens of social accounts alive, and gives them out."""

    def __init__(self, platforms: Platforms, vault: TokenVault) -> None:
        self._platforms = platforms
        self._vault = vault

    async def access_for(self, account_id: UUID) -> str:
        """Return an access token that can be used now.

        Raises:
            SocialAccountNotFoundError: there is no such account.
            ReauthenticationNeededError: its owner has to say yes again.
            InvalidStateError: it is disabled or disconnected.
            ProviderError: the token has ended and could not be refreshed yet.
        """
        ends = monotonic_s() + min(PATIENCE_S, time_left_s())
        while True:
            kept, sealed = await self._find(account_id)
            failure = None if kept.is_fresh else await self._tried(kept, sealed)
            if kept.is_fresh or (failure and kept.lasts):
                access, _ = await self._vault.open(holder_of(kept), sealed)
                return access
            if monotonic_s() >= ends:
                platform = self._platforms[kept.platform].name
                raise failure or ProviderUnavailableError(platform, "no fresh token")
            await asyncio.sleep(PAUSE_S * random.uniform(0.5, 1.5))  # noqa: S311 - no secret

    async def access_if_good(self, account_id: UUID) -> str | None:
        """Return an access token if there is one that can be used; refresh nothing.

        Raises:
            ProviderError: KMS does not open it.
        """
        async with reading() as connection:
            kept = await SocialTokenRepository(connection).find(account_id)
        if kept is None or kept.sealed is None or not kept.lasts:
            return None
        if kept.status in (AccountStatus.NEEDS_REAUTH, AccountStatus.DISABLED):
            return None
        access, _ = await self._vault.open(holder_of(kept), kept.sealed)
        return access

    async def refresh(self, account_id: UUID) -> bool:
        """Refresh a token now, once; False if somebody else is at it or just was.

        Also what a publisher calls whose token was refused: the refresh tells whether
        the grant is over.

        Raises:
            SocialAccountNotFoundError: there is no such account.
            ReauthenticationNeededError: its owner has to say yes again.
            InvalidStateError: it is disconnected.
            ProviderError: it could not be refreshed now.
        """
        kept, sealed = await self._find(account_id, or_disabled=True)
        return await self._refresh(kept, sealed)

    async def refresh_due(self, account_id: UUID) -> bool:
        """Refresh a token unless somebody has since it was found to be due.

        Raises:
            VixenBlissError: as ``refresh`` does.
        """
        kept, sealed = await self._find(account_id, or_disabled=True)
        return bool(kept.is_due) and await self._refresh(kept, sealed)

    async def _find(
        self, account_id: UUID, *, or_disabled: bool = False
    ) -> tuple[KeptTokens, Sealed]:
        async with reading() as connection:
            kept = await SocialTokenRepository(connection).find(account_id)
        if kept is None:
            raise SocialAccountNotFoundError
        if kept.status is AccountStatus.NEEDS_REAUTH:
            raise ReauthenticationNeededError
        is_closed = kept.status is AccountStatus.DISABLED and not or_disabled
        if kept.sealed is None or is_closed:
            message = f"The account is {kept.status}."
            raise InvalidStateError(message)
        return kept, kept.sealed

    async def _tried(self, kept: KeptTokens, sealed: Sealed) -> ProviderError | None:
        """Refresh, or return why it did not come to that."""
        try:
            if await self._refresh(kept, sealed):
                return None
        except ProviderError as error:
            return error
        name = self._platforms[kept.platform].name
        return ProviderUnavailableError(name, "the token is being refreshed")

    async def _refresh(self, kept: KeptTokens, sealed: Sealed) -> bool:
        if kept.is_leased:
            return False
        async with transaction() as connection:
            tokens = SocialTokenRepository(connection)
            lease = await tokens.lease(kept, lasts=LEASE)
        if lease is None:
            return False
        platform = self._platforms[kept.platform]
        try:
            with time_to_ask(min(ASKING_S, time_left_s())):
                seal, new = await self._ask(platform, kept, sealed)
        except ProviderError as error:
            if not platform.is_over(error):
                await _let_go(kept, lease, error)
                raise
            await _end(kept, lease, error)
            return False
        return await _store(kept, _sealed(platform, seal, new))

    async def _ask(
        self, platform: OauthPlatform, kept: KeptTokens, sealed: Sealed
    ) -> tuple[Seal, Tokens]:
        """Return new tokens and what seals them, made before they were asked for.

        A platform that answers without a refresh token means that the old one stays.
        """
        holder = holder_of(kept)
        seal = await self._vault.seal(holder.next)
        access, refresh = await self._vault.open(holder, sealed)
        new = await platform.refresh(access, refresh)
        if new.refresh is None and refresh is not None:
            new = replace(
                new, refresh=refresh, refresh_expires_at=kept.refresh_expires_at
            )
        return seal, new


def holder_of(kept: KeptTokens) -> Holder:
    """Return for whom the tokens of a row are sealed."""
    return Holder(kept.id, kept.workspace_id, kept.platform, kept.token_version)


def replacement(platform: OauthPlatform, sealed: Sealed, tokens: Tokens) -> Replacement:
    """Return what is stored of new tokens.

    They are refreshed so long before their end as the platform has it, but not in the
    first half of their life: TikTok's live for as long as we would refresh ahead.
    """
    ahead = min(platform.refreshed_before_end, (tokens.expires_at - now()) / 2)
    return Replacement(
        sealed=sealed,
        ends=tokens.expires_at,
        refresh_ends=tokens.refresh_expires_at,
        due=tokens.expires_at - ahead,
    )


def _sealed(platform: OauthPlatform, seal: Seal, tokens: Tokens) -> Replacement:
    return replacement(platform, seal.close(tokens), tokens)


async def _store(kept: KeptTokens, new: Replacement) -> bool:
    """Store new tokens, trying hard: nobody can ask for these again."""
    for attempt in range(1, STORES + 1):
        try:
            async with transaction() as connection:
                stored = await SocialTokenRepository(connection).keep(kept, new)
        except DatabaseUnavailableError:
            if attempt == STORES:
                log.error("refreshed token lost", account_id=kept.id)
                raise
            await asyncio.sleep(PAUSE_S * 2**attempt)
        else:
            log.info("token refreshed", account_id=kept.id, platform=kept.platform)
            return stored
    return False


async def _let_go(kept: KeptTokens, lease: datetime, error: ProviderError) -> None:
    is_refused = isinstance(error, ProviderRefusedError)
    async with transaction() as connection:
        await SocialTokenRepository(connection).release(
            kept.id,
            lease,
            reason=error.reason,
            again_in=AGAIN_IF_REFUSED if is_refused else AGAIN,
        )
    log.warning("token not refreshed", account_id=kept.id, code=error.code)


async def _end(kept: KeptTokens, lease: datetime, error: ProviderError) -> None:
    """Ask for a new consent, unless the tokens have been replaced in the meantime."""
    reason = f"{error.provider}: the grant is over"
    async with transaction() as connection:
        ended = await SocialTokenRepository(connection).end(kept, lease, reason=reason)
        if ended:
            await AuditRepository(connection).add_by_system(
                kept.workspace_id,
                "social_account.needs_reauth",
                ("social_account", kept.id),
            )
    if ended:
        log.warning("consent needed again", account_id=kept.id, platform=kept.platform)
        raise ReauthenticationNeededError


@dataclass(slots=True)
class Refreshed:
    """What a run of the schedule did."""

    refreshed: int = 0
    failed: int = 0


async def refresh_due(keeper: TokenKeeper) -> Refreshed:
    """Refresh what is due, all at once; forget journeys that ended long ago.

    Two runs at once refresh different accounts: the lease decides.
    """
    async with transaction() as connection:
        await OauthStateRepository(connection).forget_ended(ended_for=STATES_KEPT_FOR)
        due = await SocialTokenRepository(connection).due(limit=LIMIT)
    done = Refreshed()
    await _refresh_all(keeper, due, done)
    return done


async def _refresh_all(
    keeper: TokenKeeper, due: Sequence[UUID], done: Refreshed
) -> None:
    async def refresh(account_id: UUID) -> None:
        try:
            is_done = await keeper.refresh_due(account_id)
            done.refreshed += is_done  # not in one: the sum would be read before
        except VixenBlissError as error:
            done.failed += 1
            if not error.operational:
                log.warning("account left out", account_id=account_id, code=error.code)

    await all_of(*map(refresh, due))
