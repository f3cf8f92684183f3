"""Tokens: an access token says who it is for; refresh tokens and keys say nothing.

The access token is a JWT (RFC 7519) with a short life; that the session behind it still
lives is asked of the database with every request. The refresh token is the session's id
and twice 256 random bits, of which only hashes are kept: the first stay the same as
long as the session lives, the second are spent.

An API key is ``vb_``, a prefix to recognise it by, ``_``, and 256 random bits. SHA-256
is enough for those: Argon2 makes guessing dear where people choose what is guessed, and
of so many bits nobody guesses any; so a key costs a request nothing, and its hash is
found by an index.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import jwt

from vixenbliss.clock import now
from vixenbliss.credentials import Credential
from vixenbliss.errors import UnauthorizedError
from vixenbliss.ids import digest, new_prefix, new_secret

ACCESS_LASTS = timedelta(minutes=15)
REFRESH_LASTS = timedelta(days=30)
REUSE_GRACE = timedelta(seconds=10)
ISSUER = "vixenbliss"
AUDIENCE = "vixenbliss-api"
ALGORITHM = "HS256"
LEEWAY_S = 30
_KEY = re.compile(r"vb_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_REQUIRED = ["exp", "iat", "nbf", "iss", "aud", "sub", "sid", "jti", "typ"]


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says."""

    user_id: int
    session_id: UUID


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token, taken apart."""

    session_id: UUID
    family: str
    once: str

    @classmethod
    def of(cls, session_id: UUID) -> "RefreshToken":
        """Return the first token of a new session."""
        return cls(session_id, new_secret(), new_secret())

    @property
    def following(self) -> "RefreshToken":
        """Another token of the same session."""
        return RefreshToken(self.session_id, self.family, new_secret())

    @classmethod
    def read(cls, text: str) -> "RefreshToken | None":
        """Return the token that a text spells, or None if it spells none."""
        try:
            session_id, family, once = text.split(".")
            return cls(UUID(session_id), family, once)
        except ValueError:
            return None

    def __str__(self) -> str:
        """Return what the client is told, once."""
        return f"{self.session_id}.{self.family}.{self.once}"

    @property
    def family_hash(self) -> bytes:
        """What is kept of all tokens of the session."""
        return digest(self.family)

    @property
    def hash(self) -> bytes:
        """What is kept of this one."""
        return digest(f"{self.family}.{self.once}")


@dataclass(frozen=True, slots=True)
class KeyText:
    """An API key as its owner is told it, once."""

    prefix: str
    text: str

    @classmethod
    def of(cls, prefix: str | None = None) -> "KeyText":
        """Return a new key; with a prefix, a new secret for one that is known by it."""
        prefix = prefix or new_prefix()
        return cls(prefix, f"vb_{prefix}_{new_secret()}")

    @classmethod
    def read(cls, text: str) -> "KeyText | None":
        """Return the key that a text spells, or None if it spells none."""
        spelled = _KEY.fullmatch(text)
        return cls(spelled[1], text) if spelled else None

    @property
    def hash(self) -> bytes:
        """What is kept of it."""
        return digest(self.text)


class AccessTokens:
    """Makes and reads access tokens."""

    def __init__(self, secret: Credential) -> None:
        self._secret = secret

    def issue(self, claims: Claims) -> str:
        """Return a token that lasts for a quarter of an hour."""
        issued = now()
        return jwt.encode(
            {
                "iss": ISSUER,
                "aud": AUDIENCE,
                "sub": str(claims.user_id),
                "sid": str(claims.session_id),
                "jti": new_secret(),
                "typ": "access",
                "iat": issued,
                "nbf": issued,
                "exp": issued + ACCESS_LASTS,
            },
            self._secret.current(),
            algorithm=ALGORITHM,
        )

    def read(self, token: str) -> Claims:
        """Return what a token says, after checking that we have signed it.

        Raises:
            UnauthorizedError: it is not ours, not an access token, or too old.
        """
        for secret in self._secret.versions():
            try:
                said = jwt.decode(
                    token,
                    secret,
                    algorithms=[ALGORITHM],
                    issuer=ISSUER,
                    audience=AUDIENCE,
                    leeway=LEEWAY_S,
                    options={"require": _REQUIRED},
                )
                return _claims(said)
            except jwt.InvalidSignatureError:
                continue  # signed before a rotation, perhaps
            except (jwt.InvalidTokenError, ValueError):
                break
        message = "The bearer token is not valid, or no longer."
        raise UnauthorizedError(message)


def _claims(said: dict[str, str]) -> Claims:
    if said["typ"] != "access":
        message = "not an access token"
        raise jwt.InvalidTokenError(message)
    return Claims(int(said["sub"]), UUID(said["sid"]))
