"""What the platforms have in common when somebody lets us publish for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from vixenbliss.clock import now
from vixenbliss.errors import ProviderError


@dataclass(frozen=True, slots=True)
class Tokens:
    """What opens an account, and for how long."""

    access: str
    expires_at: datetime
    refresh: str | None = None
    refresh_expires_at: datetime | None = None

    def __repr__(self) -> str:
        """Say nothing of them."""
        return f"Tokens(expires_at={self.expires_at!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an account's owner has let us do, and who that is."""

    tokens: Tokens
    platform_user_id: str
    app_user_id: str
    """How the platform calls them towards our app, as when they take it back."""
    username: str
    scopes: tuple[str, ...]
    """What was granted; empty if the platform did not say."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How many posts an account may make in a time, and has made."""

    limit: int
    used: int | None
    """None where the platform counts, and does not tell."""
    per: timedelta


class OauthPlatform(Protocol):
    """A platform whose accounts can be connected."""

    name: str
    takes_part_in_pkce: bool
    needed_scopes: frozenset[str]
    """Without which nothing can be published."""
    refreshed_before_end: timedelta
    """How long before its end an access token is refreshed."""

    def consent_url(
        self, *, state: str, redirect_uri: str, verifier: str | None
    ) -> str:
        """Return where the account's owner says yes."""
        ...

    async def exchange(
        self, code: str, *, redirect_uri: str, verifier: str | None
    ) -> Grant:
        """Turn the code that came back into what it grants; a code works once."""
        ...

    async def refresh(self, access: str, refresh: str | None) -> Tokens:
        """Return new tokens for old ones."""
        ...

    def is_over(self, error: ProviderError) -> bool:
        """Tell whether a refresh failed because nothing is granted any more."""
        ...

    async def subscribe(self, access: str, platform_user_id: str) -> None:
        """Have the platform tell us of an account, where that has to be asked for."""
        ...

    async def revoke(self, access: str) -> None:
        """Give a grant back, where the platform takes it from us."""
        ...

    async def quota(self, access: str, platform_user_id: str) -> Quota:
        """Return how much may still be posted."""
        ...


def lasting(seconds: int) -> datetime:
    """Return when what lasts so long from now ends."""
    return now() + timedelta(seconds=seconds)
