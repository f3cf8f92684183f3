"""Secrets: from the environment at home, from Secrets Manager on AWS.

A secret has a current value and, after a rotation, a previous one; both are accepted
where something is verified, and one is used where something is signed: the previous
until every container has had the time to learn the current.
"""

import time
from dataclasses import dataclass, replace
from typing import Protocol

from vixenbliss.errors import (
    ProviderUnavailableError,
    SettingInvalidError,
    SettingMissingError,
)
from vixenbliss.log import log
from vixenbliss.snapshots import after_restore

_NAME = "Secrets Manager"
REFRESH_AFTER_S = 300  # a rotation takes hold everywhere within five minutes
ASK_AGAIN_AFTER_S = 30
"""When a secret is asked for again that could not be read, but is known from before."""
RIPE_AFTER_S = REFRESH_AFTER_S + 60
"""Of a value that is so old every container knows, though their clocks may differ."""


class SecretStore(Protocol):
    """Whoever keeps the secrets: Secrets Manager, or a dictionary in a test."""

    def versions(self, secret_id: str) -> tuple[str, ...]:
        """Return the current value and, if there is one, the previous."""
        ...

    def is_ripe(self, secret_id: str) -> bool:
        """Tell whether everybody else, too, knows the current value by now."""
        ...


@dataclass(frozen=True, slots=True)
class _Version:
    """A value, and when it was made, in seconds since 1970."""

    value: str
    made_at_s: float


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was read of a secret: when, what, and when it was made.

    Not by the monotonic clock: what that does while a container is frozen, nobody says.
    """

    read_at_s: float
    values: tuple[str, ...]
    made_at_s: float


class SecretsManager:
    """AWS Secrets Manager, asked at most once in five minutes for each secret."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def versions(self, secret_id: str) -> tuple[str, ...]:
        """Return the values staged AWSCURRENT and AWSPREVIOUS, empty ones left out.

        If they cannot be read, those from before go on being used.

        Raises:
            ProviderUnavailableError: there are none from before.
        """
        kept = self._kept.get(secret_id)
        if kept and abs(time.time() - kept.read_at_s) < REFRESH_AFTER_S:
            return kept.values
        if not self._kept:
            after_restore(self.forget)
        try:
            fresh = self._ask(secret_id)
        except ProviderUnavailableError as error:
            if kept is None:
                raise
            log.error("secret not read anew", reason=error.reason)
            again_at_s = time.time() - REFRESH_AFTER_S + ASK_AGAIN_AFTER_S
            fresh = replace(kept, read_at_s=again_at_s)
        self._kept[secret_id] = fresh
        return fresh.values

    def _ask(self, secret_id: str) -> _Kept:
        current = self._read(secret_id, "AWSCURRENT")
        previous = self._read(secret_id, "AWSPREVIOUS")
        values = tuple(version.value for version in (current, previous) if version)
        made_at_s = current.made_at_s if current else 0
        return _Kept(time.time(), values, made_at_s)

    def is_ripe(self, secret_id: str) -> bool:
        """Tell whether the current value is older than what anybody has kept."""
        self.versions(secret_id)
        return time.time() - self._kept[secret_id].made_at_s > RIPE_AFTER_S

    def forget(self) -> None:
        """Ask for each secret anew when it is needed next."""
        self._kept.clear()

    @staticmethod
    def _read(secret_id: str, stage: str) -> "_Version | None":
        # boto3 costs more to import than the rest of a small function; only functions
        # whose secrets lie in Secrets Manager pay for it.
        import boto3  # noqa: PLC0415
        from botocore.exceptions import (  # noqa: PLC0415 - likewise
            BotoCoreError,
            ClientError,
        )

        from vixenbliss.aws import (  # noqa: PLC0415 - likewise
            PATIENCE,
            until_restored,
            words_of,
        )

        until_restored()
        client = boto3.client("secretsmanager", config=PATIENCE)
        try:
            answer = client.get_secret_value(SecretId=secret_id, VersionStage=stage)
        except client.exceptions.ResourceNotFoundException:
            return None
        except (BotoCoreError, ClientError) as error:
            reason = words_of(error)
            raise ProviderUnavailableError(_NAME, reason) from error
        value = answer["SecretString"]
        return _Version(value, answer["CreatedDate"].timestamp()) if value else None


_store: SecretStore = SecretsManager()


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret by its name; where it comes from is decided when it is asked for."""

    name: str
    values: tuple[str, ...] = ()
    secret_id: str | None = None
    at_least_bytes: int = 0
    """How long a value has to be to be used."""
    is_list: bool = True
    """Whether a comma parts two values; it does not in RDS's JSON."""

    ripens: bool = False
    """Whether others check what it has signed, who may not know a new value yet."""

    def versions(self) -> tuple[str, ...]:
        """Return the values to accept, the current one first; none if it is not set."""
        if self.secret_id is None:
            return self.values
        kept = _store.versions(self.secret_id)
        return tuple(filter(None, ",".join(kept).split(","))) if self.is_list else kept

    def current(self) -> str:
        """Return the value to use.

        Raises:
            SettingMissingError: it is not set.
            SettingInvalidError: it is too short to be a secret.
        """
        versions = self.versions()
        if not versions:
            raise SettingMissingError(self.name)
        value = versions[1] if len(versions) > 1 and self._is_green() else versions[0]
        if len(value.encode()) < self.at_least_bytes:
            raise SettingInvalidError(self.name, f"{self.at_least_bytes} bytes or more")
        return value

    def _is_green(self) -> bool:
        """Tell whether others may yet refuse what the newest value has signed."""
        if not self.ripens or self.secret_id is None:
            return False
        return not _store.is_ripe(self.secret_id)
