"""How Postgres is reached: where it is, who we are, and whether it is who it says.

At home a URL says all of it. On AWS the host comes from the environment; the owner, who
migrates, signs in with the password that RDS keeps, everybody else with a token of IAM.
"""

import json
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import certifi
from sqlalchemy import URL, Engine, event, make_url

from vixenbliss.errors import DatabaseUnavailableError, ProviderUnavailableError
from vixenbliss.log import log
from vixenbliss.settings import POSTGRES_PORT, Settings, settings

STATEMENT_TIMEOUT_MS = 5_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000
MIGRATION_TIMEOUT_MS = 280_000
"""Postgres ends a migration before the function that runs it gives up."""
DRIVER = "postgresql+psycopg"
RDS_ROOTS = Path(__file__).with_name("rds_roots.pem")
"""Who vouches for instances of RDS, region by region; see decision 34."""


def address() -> URL:
    """Return where the database is, and who signs in how.

    Raises:
        SettingMissingError: nothing says so.
    """
    told, secret = settings(), settings().database.current()
    if told.database_user:
        return _on_aws(told, username=told.database_user)
    if secret.startswith("{"):
        return _of_secret(told, json.loads(secret))
    scheme, _, rest = secret.partition("://")
    ours = f"{DRIVER}://{rest}" if scheme.startswith("postgres") else secret
    return make_url(ours)


def sign_in(engine: Engine) -> None:
    """Have each new connection of an engine sign in as the settings say.

    A token opens for a quarter of an hour, and a pool connects whenever it likes; so
    every physical connection gets one that was made for it.
    """
    if settings().database_user:
        event.listen(engine, "do_connect", _show_a_token)


def _show_a_token(
    _dialect: object, _record: object, _args: object, told: MutableMapping[str, Any]
) -> None:
    # At home nobody needs botocore to connect.
    from vixenbliss.providers.rds import token  # noqa: PLC0415

    try:
        told["password"] = token(told["host"], told["port"], told["user"])
    except ProviderUnavailableError as error:
        log.error("nothing to sign in with", code=error.code, reason=error.reason)
        raise DatabaseUnavailableError from error


def _of_secret(told: Settings, secret: dict[str, Any]) -> URL:
    """Return an address from what RDS keeps: all of it, or username and password."""
    if told.database_host:
        return _on_aws(told, username=secret["username"], password=secret["password"])
    return URL.create(
        DRIVER,
        username=secret["username"],
        password=secret["password"],
        host=secret["host"],
        port=int(secret.get("port", POSTGRES_PORT)),
        database=secret.get("dbname", "postgres"),
        query=_tls(told),
    )


def _on_aws(told: Settings, *, username: str, password: str | None = None) -> URL:
    return URL.create(
        DRIVER,
        username=username,
        password=password,
        host=told.database_host,
        port=told.database_port,
        database=told.database_name,
        query=_tls(told),
    )


def _tls(told: Settings) -> dict[str, str]:
    """Return how we make sure that it is the host we asked for.

    RDS Proxy shows a certificate of Amazon's public authority, an instance one of RDS's
    own (RDS guide, "Using TLS/SSL with RDS Proxy" and "Using SSL/TLS to encrypt a
    connection to a DB instance").
    """
    roots = certifi.where() if told.database_via_proxy else str(RDS_ROOTS)
    return {"sslmode": "verify-full", "sslrootcert": roots}
