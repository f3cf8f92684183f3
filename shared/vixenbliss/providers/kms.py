"""AWS KMS: the keys that sign statements and wrap data keys, and never leave it."""

import asyncio
import base64
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from vixenbliss.aws import PATIENCE, until_restored, words_of
from vixenbliss.errors import ProviderRefusedError, ProviderUnavailableError
from vixenbliss.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

ALGORITHM: Literal["ECDSA_SHA_256"] = "ECDSA_SHA_256"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature (DER), and the key under which anyone can check it."""

    value: bytes
    key_id: str
    algorithm: str
    public_key_pem: str


@cache
def _client() -> "KMSClient":
    until_restored(_client)
    return boto3.client("kms", config=PATIENCE)


@cache
def _public_key(key_id: str) -> tuple[str, str]:
    """Return the key's ARN and its public half as PEM."""
    answer = _client().get_public_key(KeyId=key_id)
    encoded = base64.b64encode(answer["PublicKey"]).decode()
    lines = "\n".join(textwrap.wrap(encoded, 64))
    pem = f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"
    return answer["KeyId"], pem


class Signer:
    """The provenance key."""

    def __init__(self) -> None:
        self._key_id = settings().provenance_key_id

    async def sign(self, message: bytes) -> Signature:
        """Return the signature of up to 4,096 bytes.

        Raises:
            ProviderUnavailableError: KMS did not sign.
        """
        return await asyncio.to_thread(self._sign, message)

    def _sign(self, message: bytes) -> Signature:
        try:
            key_id, pem = _public_key(self._key_id)
            answer = _client().sign(
                KeyId=self._key_id,
                Message=message,
                MessageType="RAW",
                SigningAlgorithm=ALGORITHM,
            )
        except (BotoCoreError, ClientError) as error:
            raise ProviderUnavailableError(
                "KMS", "not signed", words=words_of(error)
            ) from error
        return Signature(answer["Signature"], key_id, ALGORITHM, pem)


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key for one row: as it is, and as only KMS can open it."""

    plain: bytes
    wrapped: bytes

    def __repr__(self) -> str:
        """Say nothing of it."""
        return "DataKey()"


class KeyWrapper:
    """The key that wraps data keys; each is bound to a context of names and values."""

    def __init__(self) -> None:
        self._key_id = settings().token_key_id

    async def make(self, context: Mapping[str, str]) -> DataKey:
        """Return a new key of 256 bits.

        Raises:
            ProviderUnavailableError: KMS made none.
        """
        return await asyncio.to_thread(self._make, context)

    async def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Return a key as it is; only the context it was made with opens it.

        Raises:
            ProviderRefusedError: it is not this context's.
            ProviderUnavailableError: KMS did not answer.
        """
        return await asyncio.to_thread(self._unwrap, wrapped, context)

    def _make(self, context: Mapping[str, str]) -> DataKey:
        try:
            answer = _client().generate_data_key(
                KeyId=self._key_id, KeySpec="AES_256", EncryptionContext=context
            )
        except (BotoCoreError, ClientError) as error:
            raise ProviderUnavailableError(
                "KMS", "no data key", words=words_of(error)
            ) from error
        return DataKey(answer["Plaintext"], answer["CiphertextBlob"])

    def _unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        try:
            answer = _client().decrypt(
                KeyId=self._key_id, CiphertextBlob=wrapped, EncryptionContext=context
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "InvalidCiphertextException":
                raise ProviderRefusedError("KMS", "not this row's key") from error
            raise ProviderUnavailableError(
                "KMS", "key not unwrapped", words=words_of(error)
            ) from error
        except BotoCoreError as error:
            raise ProviderUnavailableError(
                "KMS", "key not unwrapped", words=words_of(error)
            ) from error
        return answer["Plaintext"]
