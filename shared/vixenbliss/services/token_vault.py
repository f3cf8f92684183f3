"""Tokens of social accounts, sealed for their row and nobody else's.

Envelope encryption: KMS wraps a key of the row's own, AES-256-GCM seals the tokens with
it. Workspace, account, platform and version are KMS's encryption context and AES's
additional data, so a ciphertext that is moved to another row does not open there.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vixenbliss.errors import ProviderRefusedError
from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.kms import DataKey
from vixenbliss.providers.oauth import Tokens
from vixenbliss.repositories.social_tokens import Sealed

NONCE_BYTES = 12  # NIST SP 800-38D


class Keys(Protocol):
    """Whoever makes data keys and opens them again: KMS, or a test."""

    async def make(self, context: Mapping[str, str]) -> DataKey:
        """Return a new key, bound to a context."""
        ...

    async def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Return a key as it is; only its own context opens it."""
        ...


@dataclass(frozen=True, slots=True)
class Holder:
    """The row, at the version, for which tokens are sealed."""

    account_id: UUID
    workspace_id: UUID
    platform: Platform
    version: int

    @property
    def context(self) -> dict[str, str]:
        """What KMS binds the row's key to, and CloudTrail shows."""
        return {
            "account_id": str(self.account_id),
            "workspace_id": str(self.workspace_id),
            "platform": self.platform.value,
            "token_version": str(self.version),
        }

    @property
    def next(self) -> Self:
        """The same row after its next change of tokens."""
        return replace(self, version=self.version + 1)

    def bound_to(self, kind: str) -> bytes:
        """Return the additional data of one ciphertext of the row."""
        return json.dumps(self.context | {"kind": kind}, sort_keys=True).encode()


@dataclass(frozen=True, slots=True)
class Seal:
    """A data key that has been made already; to seal with it cannot fail."""

    holder: Holder
    key: DataKey

    def __repr__(self) -> str:
        """Say nothing of the key."""
        return f"Seal({self.holder!r})"

    def close(self, tokens: Tokens) -> Sealed:
        """Return the tokens sealed for the holder."""
        cipher = AESGCM(self.key.plain)
        refresh = tokens.refresh
        return Sealed(
            data_key=self.key.wrapped,
            access=_sealed(cipher, tokens.access, self.holder.bound_to("access")),
            refresh=_sealed(cipher, refresh, self.holder.bound_to("refresh"))
            if refresh
            else None,
        )


class TokenVault:
    """Seals and opens tokens."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def seal(self, holder: Holder) -> Seal:
        """Return what seals tokens for a row, under a new key.

        Before the tokens are asked for: those that came and cannot be kept are lost.

        Raises:
            ProviderUnavailableError: KMS made no key.
        """
        return Seal(holder, await self._keys.make(holder.context))

    async def open(self, holder: Holder, sealed: Sealed) -> tuple[str, str | None]:
        """Return a row's access token, and its refresh token if it has one.

        Raises:
            ProviderRefusedError: they were sealed for another row or version.
            ProviderUnavailableError: KMS did not answer.
        """
        cipher = AESGCM(await self._keys.unwrap(sealed.data_key, holder.context))
        access = _opened(cipher, sealed.access, holder.bound_to("access"))
        if sealed.refresh is None:
            return access, None
        return access, _opened(cipher, sealed.refresh, holder.bound_to("refresh"))


def _sealed(cipher: AESGCM, text: str, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, text.encode(), bound_to)


def _opened(cipher: AESGCM, blob: bytes, bound_to: bytes) -> str:
    nonce, sealed = blob[:NONCE_BYTES], blob[NONCE_BYTES:]
    try:
        return cipher.decrypt(nonce, sealed, bound_to).decode()
    except InvalidTag as error:
        raise ProviderRefusedError("vault", "not this row's token") from error
