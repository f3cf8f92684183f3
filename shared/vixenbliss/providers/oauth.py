"""What the platforms have in common when somebody lets us publish for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from vixenbliss.clock import now


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


@dataclass(frozen=True, slots=True)
class Grant:
    """What an account's owner has let us do, and who that is."""

    tokens: Tokens
    platform_user_id: str
    username: str
    scopes: tuple[str, ...]


class OauthPlatform(Protocol):
    """A platform whose accounts can be connected."""

    needs_verifier: bool
    """Whether it takes part in PKCE."""

    def consent_url(self, *, state: str, redirect_uri: str, verifier: str) -> str:
        """Return where the account's owner says yes."""
        ...

    async def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Grant:
        """Turn the code that came back into what it grants; a code works once."""
        ...

    async def refresh(self, access: str, refresh: str | None) -> Tokens:
        """Return new tokens for old ones."""
        ...

    async def revoke(self, access: str) -> None:
        """Give a token back."""
        ...


def lasting(seconds: int) -> datetime:
    """Return when what lasts so long from now ends."""
    return now() + timedelta(seconds=seconds)
