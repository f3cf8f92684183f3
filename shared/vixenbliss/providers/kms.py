"""AWS KMS: the key that signs provenance statements, and never leaves it."""

import asyncio
import base64
import textwrap
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from vixenbliss.aws import PATIENCE
from vixenbliss.errors import ProviderUnavailableError
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
            raise ProviderUnavailableError("KMS", "not signed") from error
        return Signature(answer["Signature"], key_id, ALGORITHM, pem)
