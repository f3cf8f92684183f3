"""Who has let the app in: codes, access tokens, and refresh tokens that rotate."""

import base64
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.stack.providers.settings import Clock
from tests.stack.providers.tiktok.creators import Creator
from tests.stack.providers.tiktok.settings import TikTokSettings

_CODE_S = 300


@dataclass
class Authorization:
    """A creator's consent, until it is taken back."""

    creator: Creator
    scopes: tuple[str, ...]
    is_removed: bool = False


@dataclass
class Code:
    """What the callback carries; it works once."""

    authorization: Authorization
    redirect_uri: str
    challenge: str | None
    expires_at: datetime


@dataclass
class Token:
    """An access or a refresh token."""

    authorization: Authorization
    expires_at: datetime

    def works(self, now: datetime) -> bool:
        """Whether it opens anything."""
        return now < self.expires_at and not self.authorization.is_removed


class Tokens:
    """All that was ever given out and is not used up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._codes: dict[str, Code] = {}
        self._access: dict[str, Token] = {}
        self._refresh: dict[str, Token] = {}

    def code(
        self, authorization: Authorization, redirect_uri: str, challenge: str | None
    ) -> str:
        """Return a new code; it has letters that an address must escape."""
        text = f"{secrets.token_urlsafe(48)}*v!{secrets.randbelow(9000) + 1000}.va"
        expires_at = self._in(_CODE_S)
        self._codes[text] = Code(authorization, redirect_uri, challenge, expires_at)
        return text

    def redeem(self, code: str) -> Code | None:
        """Return what a code stands for, once, while it is fresh."""
        kept = self._codes.pop(code, None)
        if kept is None or self._clock.now() >= kept.expires_at:
            return None
        return kept

    def grant(
        self, authorization: Authorization, settings: TikTokSettings
    ) -> dict[str, object]:
        """Return a new pair, as the token endpoint answers it."""
        access, refresh = _text("act."), _text("rft.")
        self._access[access] = Token(authorization, self._in(settings.access_token_s))
        self._refresh[refresh] = Token(
            authorization, self._in(settings.refresh_token_s)
        )
        return {
            "access_token": access,
            "expires_in": settings.access_token_s,
            "open_id": authorization.creator.open_id,
            "refresh_expires_in": settings.refresh_token_s,
            "refresh_token": refresh,
            "scope": ",".join(authorization.scopes),
            "token_type": "Bearer",
        }

    def refreshed(
        self, refresh: str, settings: TikTokSettings
    ) -> dict[str, object] | None:
        """Return the next pair for a refresh token; none if that does not work.

        The old refresh token stops working at once (oauth-refresh-a-user-access-token);
        the old access token lives until its own end.
        """
        kept = self._refresh.get(refresh)
        if kept is None or not kept.works(self._clock.now()):
            return None
        pair = self.grant(kept.authorization, settings)
        if settings.rotates:
            del self._refresh[refresh]
            return pair
        del self._refresh[str(pair["refresh_token"])]
        return pair | {"refresh_token": refresh}

    def authorization(self, access: str) -> Authorization | None:
        """Return whose access token that is, if it works."""
        kept = self._access.get(access)
        works = kept is not None and kept.works(self._clock.now())
        return kept.authorization if kept and works else None

    def behind(self, token: str) -> Authorization | None:
        """Return the consent behind a token of either kind, alive or not."""
        kept = self._access.get(token) or self._refresh.get(token)
        return kept.authorization if kept else None

    def remove(self, open_id: str) -> bool:
        """Take a creator's consent back; return whether there was any."""
        found = False
        for token in self._of(open_id, self._everything()):
            found = found or not token.authorization.is_removed
            token.authorization.is_removed = True
        return found

    def expire(self, open_id: str | None, kind: str) -> int:
        """End tokens of one creator or of all, and return how many ended."""
        kinds = {"access": self._access, "refresh": self._refresh}
        now, ended = self._clock.now(), 0
        for name, kept in kinds.items():
            tokens = self._of(open_id, kept.values()) if kind in {name, "all"} else []
            for token in tokens:
                ended += token.works(now)
                token.expires_at = min(token.expires_at, now)
        return ended

    def forget(self) -> None:
        """Know nobody."""
        self._codes.clear()
        self._access.clear()
        self._refresh.clear()

    def _everything(self) -> list[Token]:
        return [*self._access.values(), *self._refresh.values()]

    @staticmethod
    def _of(open_id: str | None, tokens: Iterable[Token]) -> list[Token]:
        return [
            token
            for token in tokens
            if open_id in {None, token.authorization.creator.open_id}
        ]

    def _in(self, seconds: float) -> datetime:
        return self._clock.now() + timedelta(seconds=seconds)


def challenge_of(verifier: str, kind: str) -> str:
    """Return the challenge of a verifier, in hexadecimals or as RFC 7636 has it."""
    digest = hashlib.sha256(verifier.encode()).digest()
    if kind == "hex":
        return digest.hex()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _text(prefix: str) -> str:
    return f"{prefix}{secrets.token_urlsafe(40)}!{secrets.randbelow(9000) + 1000}.va"
