"""Tokens of social accounts, sealed for their row and nobody else's.

Envelope encryption: KMS wraps a key of the row's own, AES-256-GCM seals the tokens with
it. Workspace, account, platform and version are KMS's encryption context and AES's
additional data, so a ciphertext that is moved to another row does not open there.
"""

import json
import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vixenbliss.errors import ProviderRefusedError
from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.kms import KeyWrapper
from vixenbliss.providers.oauth import Tokens

NONCE_BYTES = 12  # NIST SP 800-38D


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

    def bound_to(self, kind: str) -> bytes:
        """Return the additional data of one ciphertext of the row."""
        return json.dumps(self.context | {"kind": kind}, sort_keys=True).encode()


@dataclass(frozen=True, slots=True)
class Sealed:
    """Tokens as they lie in the database."""

    data_key: bytes
    access: bytes
    refresh: bytes | None


class TokenVault:
    """Seals and opens tokens."""

    def __init__(self, keys: KeyWrapper) -> None:
        self._keys = keys

    async def seal(self, holder: Holder, tokens: Tokens) -> Sealed:
        """Return the tokens sealed for a row, under a new key.

        Raises:
            ProviderUnavailableError: KMS made no key.
        """
        key = await self._keys.make(holder.context)
        cipher = AESGCM(key.plain)
        refresh = tokens.refresh
        return Sealed(
            data_key=key.wrapped,
            access=_sealed(cipher, tokens.access, holder.bound_to("access")),
            refresh=_sealed(cipher, refresh, holder.bound_to("refresh"))
            if refresh
            else None,
        )

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
