"""Secrets, from the environment or from Secrets Manager."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from sqlalchemy import make_url

from vixenbliss import credentials
from vixenbliss.credentials import Credential, SecretsManager, database_url
from vixenbliss.errors import SettingInvalidError, SettingMissingError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

NAME = "test/jwt"
RDS = {
    "username": "vixen",
    "password": "p@ss/w:rd#%",
    "host": "db.internal",
    "port": 6432,
    "dbname": "creator",
}


@pytest.fixture
def keeper(aws: dict[str, str]) -> Iterator["SecretsManagerClient"]:
    """Secrets Manager, with a secret that was never rotated."""
    client = boto3.client("secretsmanager")
    client.create_secret(Name=NAME, SecretString="first")
    yield client
    client.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)


def test_the_first_value_is_the_one_to_use() -> None:
    secret = Credential("JWT_SECRET", ("current", "previous"))

    assert secret.current() == "current"


def test_a_secret_that_is_not_set_is_named() -> None:
    with pytest.raises(SettingMissingError, match="OPENAI_API_KEY"):
        Credential("OPENAI_API_KEY").current()


def test_a_secret_of_secrets_manager_has_one_value_at_first(
    keeper: "SecretsManagerClient",
) -> None:
    assert SecretsManager().versions(NAME) == ("first",)


def test_after_a_rotation_both_values_are_accepted(
    keeper: "SecretsManagerClient",
) -> None:
    keeper.put_secret_value(SecretId=NAME, SecretString="second")

    assert SecretsManager().versions(NAME) == ("second", "first")


def test_a_value_is_kept_for_a_while(keeper: "SecretsManagerClient") -> None:
    store = SecretsManager()
    store.versions(NAME)
    keeper.put_secret_value(SecretId=NAME, SecretString="second")

    assert store.versions(NAME) == ("first",)


def test_a_rotation_takes_hold_without_a_deployment(
    keeper: "SecretsManagerClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "REFRESH_AFTER_S", 0)
    store = SecretsManager()
    store.versions(NAME)
    keeper.put_secret_value(SecretId=NAME, SecretString="second")

    assert store.versions(NAME)[0] == "second"


def test_a_secret_of_secrets_manager_may_list_several_values(
    keeper: "SecretsManagerClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "_store", SecretsManager())
    keeper.put_secret_value(SecretId=NAME, SecretString="second,third")

    listed = Credential("INSTAGRAM_APP_SECRET", secret_id=NAME).versions()
    whole = Credential("DATABASE_URL", secret_id=NAME, is_list=False).versions()

    assert listed == ("second", "third", "first")
    assert whole == ("second,third", "first")


def test_a_secret_that_is_not_there_has_no_values(aws: dict[str, str]) -> None:
    assert SecretsManager().versions("test/nowhere") == ()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgres_gets_our_driver(scheme: str) -> None:
    url = database_url(f"{scheme}://u:p@127.0.0.1:5/n")

    assert url == "postgresql+psycopg://u:p@127.0.0.1:5/n"


def test_a_secret_of_rds_becomes_an_address() -> None:
    url = make_url(database_url(json.dumps(RDS)))

    assert (url.username, url.password) == (RDS["username"], RDS["password"])
    assert (url.host, url.port, url.database) == ("db.internal", 6432, "creator")


def test_a_database_on_aws_is_spoken_to_in_secret() -> None:
    url = make_url(database_url(json.dumps(RDS)))

    assert url.query["sslmode"] == "require"


def test_a_secret_of_rds_may_leave_out_port_and_name() -> None:
    secret = {k: v for k, v in RDS.items() if k not in ("port", "dbname")}

    url = make_url(database_url(json.dumps(secret)))

    assert (url.port, url.database) == (5432, "postgres")


def test_a_secret_that_is_too_short_is_not_used() -> None:
    short = Credential("JWT_SECRET", ("x" * 31,), at_least_bytes=32)

    with pytest.raises(SettingInvalidError, match="JWT_SECRET") as caught:
        short.current()

    assert "x" * 31 not in str(caught.value)
