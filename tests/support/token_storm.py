"""Many who want a token at the moment it ends, and a platform that often fails."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from tests.support.keys_of_rows import KeyRing
from vixenbliss.callers import Member, Role
from vixenbliss.clock import now
from vixenbliss.database import transaction
from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from vixenbliss.ids import new_id, new_secret
from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.oauth import Grant, Quota, Tokens
from vixenbliss.repositories.social_consents import Consent, SocialConsentRepository
from vixenbliss.repositories.social_tokens import Replacement
from vixenbliss.services.token_keeping import TokenKeeper
from vixenbliss.services.token_vault import Holder, TokenVault

MOST_S = 0.05
"""How long a call is under way, each way, at most."""
TWO_HOURS = timedelta(hours=2)


@dataclass
class Unreliable:
    """A platform where refresh tokens are good for one refresh.

    A call fails before it has an effect, or its answer is lost, as luck has it.
    """

    luck: random.Random
    fails: float = 0.0
    is_lost: float = 0.0
    rotates: bool = True
    name: str = "TikTok"
    takes_part_in_pkce: bool = False
    needed_scopes: frozenset[str] = frozenset()
    refreshed_before_end: timedelta = TWO_HOURS
    valid: dict[str, str] = field(default_factory=dict)
    """Refresh token to the account it is of."""
    refreshed: list[str] = field(default_factory=list)
    """The accounts of refreshes that had their effect."""
    refused: list[str] = field(default_factory=list)

    def grant(self, account: str) -> Tokens:
        refresh = f"rft.{new_secret()}"
        self.valid[refresh] = account
        ends = now() + TWO_HOURS
        return Tokens(f"act.{account}.{new_secret()}", ends, refresh, ends)

    async def refresh(self, access: str, refresh: str | None) -> Tokens:
        await asyncio.sleep(self.luck.random() * MOST_S)
        if self.luck.random() < self.fails:
            raise ProviderUnavailableError(self.name, "not reached")
        account = self.valid.get(refresh or "")
        if account is None:
            self.refused.append(access)
            raise ProviderRefusedError(self.name, "no", their_code="invalid_grant")
        if self.rotates:
            del self.valid[refresh or ""]
        new = self.grant(account)
        self.refreshed.append(account)
        await asyncio.sleep(self.luck.random() * MOST_S)
        if self.luck.random() < self.is_lost:
            raise OutcomeUnknownError(self.name, "no answer")
        return new

    def is_over(self, error: ProviderError) -> bool:
        return error.their_code == "invalid_grant"

    async def subscribe(self, access: str, platform_user_id: str) -> None:
        """Nothing is told of this one."""

    async def revoke(self, access: str) -> None:
        raise NotImplementedError

    async def quota(self, access: str, platform_user_id: str) -> Quota:
        raise NotImplementedError

    def consent_url(
        self, *, state: str, redirect_uri: str, verifier: str | None
    ) -> str:
        raise NotImplementedError

    async def exchange(
        self, code: str, *, redirect_uri: str, verifier: str | None
    ) -> Grant:
        raise NotImplementedError


@dataclass
class House:
    """A keeper, a platform, and accounts whose tokens have just ended."""

    platform: Unreliable
    vault: TokenVault = field(default_factory=lambda: TokenVault(KeyRing()))

    @property
    def keeper(self) -> TokenKeeper:
        return TokenKeeper({Platform.TIKTOK: self.platform}, self.vault)

    async def account(
        self, workspace_id: UUID, user_id: int, *, ends_in: timedelta
    ) -> UUID:
        """Connect an account whose token ends so soon."""
        account_id, member = new_id(), Member(user_id, workspace_id, Role.OWNER)
        tokens = self.platform.grant(str(account_id))
        holder = Holder(account_id, workspace_id, Platform.TIKTOK, 1)
        seal = await self.vault.seal(holder)
        consent = Consent(
            platform=Platform.TIKTOK,
            platform_user_id=account_id.hex,
            app_user_id=account_id.hex,
            username="luna",
            scopes=[],
            avatar_id=None,
        )
        ends = now() + ends_in
        kept = Replacement(
            sealed=seal.close(tokens), ends=ends, refresh_ends=None, due=now()
        )
        async with transaction() as connection:
            accounts = SocialConsentRepository(connection)
            await accounts.add(member, account_id, consent, kept)
        return account_id
