"""Secrets: from the environment at home, from Secrets Manager on AWS.

A secret has a current value and, during a rotation, a previous one; both are accepted
where something is verified and only the first is used where something is signed.
"""

import json
import time
from dataclasses import dataclass
from typing import Protocol

from vixenbliss.errors import SettingInvalidError, SettingMissingError

REFRESH_AFTER_S = 300  # a rotation takes hold everywhere within five minutes


class SecretStore(Protocol):
    """Whoever keeps the secrets: Secrets Manager, or a dictionary in a test."""

    def versions(self, secret_id: str) -> tuple[str, ...]:
        """Return the current value and, if there is one, the previous."""
        ...


class SecretsManager:
    """AWS Secrets Manager, asked at most once in five minutes for each secret."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, tuple[str, ...]]] = {}

    def versions(self, secret_id: str) -> tuple[str, ...]:
        """Return the values staged AWSCURRENT and AWSPREVIOUS, empty ones left out."""
        kept = self._kept.get(secret_id)
        if kept and time.monotonic() - kept[0] < REFRESH_AFTER_S:
            return kept[1]
        stages = ("AWSCURRENT", "AWSPREVIOUS")
        values = tuple(filter(None, (self._read(secret_id, s) for s in stages)))
        self._kept[secret_id] = (time.monotonic(), values)
        return values

    @staticmethod
    def _read(secret_id: str, stage: str) -> str | None:
        # boto3 costs more to import than the rest of a small function; only functions
        # whose secrets lie in Secrets Manager pay for it.
        import boto3  # noqa: PLC0415

        from vixenbliss.aws import PATIENCE  # noqa: PLC0415 - likewise

        client = boto3.client("secretsmanager", config=PATIENCE)
        try:
            answer = client.get_secret_value(SecretId=secret_id, VersionStage=stage)
        except client.exceptions.ResourceNotFoundException:
            return None
        return answer["SecretString"]


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
        if len(versions[0].encode()) < self.at_least_bytes:
            raise SettingInvalidError(self.name, f"{self.at_least_bytes} bytes or more")
        return versions[0]


def database_url(secret: str) -> str:
    """Return a SQLAlchemy URL from a plain URL or from the JSON that RDS keeps.

    RDS's managed secret has the keys username, password, host, port and dbname.
    """
    if not secret.startswith("{"):
        scheme, _, rest = secret.partition("://")
        return (
            f"postgresql+psycopg://{rest}" if scheme.startswith("postgres") else secret
        )
    # Only here: building a URL from parts must quote the password.
    from sqlalchemy import URL  # noqa: PLC0415

    parts = json.loads(secret)
    return URL.create(
        "postgresql+psycopg",
        username=parts["username"],
        password=parts["password"],
        host=parts["host"],
        port=int(parts.get("port", 5432)),
        database=parts.get("dbname", "postgres"),
        query={"sslmode": "require"},
    ).render_as_string(hide_password=False)
