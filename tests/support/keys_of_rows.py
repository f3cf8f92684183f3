"""KMS in a dictionary: data keys that open for their context alone."""

import secrets
from collections.abc import Mapping

from vixenbliss.errors import ProviderRefusedError
from vixenbliss.providers.kms import DataKey


class KeyRing:
    """All keys that were made here."""

    def __init__(self, *, looks_at_contexts: bool = True) -> None:
        self._looks = looks_at_contexts
        self._keys: dict[bytes, tuple[bytes, Mapping[str, str]]] = {}

    async def make(self, context: Mapping[str, str]) -> DataKey:
        key = DataKey(secrets.token_bytes(32), secrets.token_bytes(16))
        self._keys[key.wrapped] = (key.plain, dict(context))
        return key

    async def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        plain, made_for = self._keys[wrapped]
        if self._looks and made_for != context:
            raise ProviderRefusedError("KMS", "not this row's key")
        return plain
