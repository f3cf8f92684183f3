"""AWS Secrets Manager, as whoever rotates a secret sees it.

A secret has versions, and labels on them: AWSCURRENT on the one in use, AWSPREVIOUS on
the one before, AWSPENDING on the one that a rotation is about to bring in. Source:
Secrets Manager guide, "Lambda rotation functions".
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from vixenbliss.aws import PATIENCE, until_restored
from vixenbliss.errors import ProviderUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

NAME = "Secrets Manager"
CURRENT = "AWSCURRENT"
PENDING = "AWSPENDING"


@cache
def _client() -> "SecretsManagerClient":
    until_restored(_client)
    return boto3.client("secretsmanager", config=PATIENCE)


@contextmanager
def _asking() -> Iterator[None]:
    """Say in our words that a call failed; theirs may tell what is in the secret."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise ProviderUnavailableError(NAME, f"not done ({code})") from error
    except BotoCoreError as error:
        raise ProviderUnavailableError(NAME, "out of reach") from error


class RotatingSecret:
    """A secret in rotation. It blocks: a rotation has nothing else to do meanwhile.

    Everything raises ProviderUnavailableError when it was not done.
    """

    def __init__(self, secret_id: str) -> None:
        self._id = secret_id

    def labels(self) -> dict[str, Sequence[str]] | None:
        """Return the versions' labels, by their ids; None if nobody is to rotate it."""
        with _asking():
            told = _client().describe_secret(SecretId=self._id)
        if not told.get("RotationEnabled"):
            return None
        return dict(told.get("VersionIdsToStages", {}))

    def value(self, version: str, label: str) -> str | None:
        """Return the value of a version under a label; None if there is none."""
        with _asking():
            try:
                told = _client().get_secret_value(
                    SecretId=self._id, VersionId=version, VersionStage=label
                )
            except _client().exceptions.ResourceNotFoundException:
                return None
        return told.get("SecretString")

    def propose(self, version: str, value: str) -> None:
        """Put a value under AWSPENDING; the same again changes nothing."""
        with _asking():
            _client().put_secret_value(
                SecretId=self._id,
                ClientRequestToken=version,
                SecretString=value,
                VersionStages=[PENDING],
            )

    def promote(self, version: str, *, instead_of: str) -> None:
        """Move AWSCURRENT from a version to another; AWSPREVIOUS follows by itself."""
        with _asking():
            _client().update_secret_version_stage(
                SecretId=self._id,
                VersionStage=CURRENT,
                MoveToVersionId=version,
                RemoveFromVersionId=instead_of,
            )
