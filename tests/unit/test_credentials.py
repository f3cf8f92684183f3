"""Secrets, from the environment or from Secrets Manager."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest

from vixenbliss import credentials
from vixenbliss.credentials import Credential, SecretsManager
from vixenbliss.errors import (
    ProviderUnavailableError,
    SettingInvalidError,
    SettingMissingError,
)

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

NAME = "test/jwt"
NOBODY = "http://127.0.0.1:9"


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


def test_a_secret_that_cannot_be_read_anew_is_used_as_it_was(
    keeper: "SecretsManagerClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SecretsManager()
    store.versions(NAME)
    monkeypatch.setattr(credentials, "REFRESH_AFTER_S", 0)
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOBODY)

    assert store.versions(NAME) == ("first",)


def test_a_secret_that_was_never_read_is_unavailable(
    keeper: "SecretsManagerClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOBODY)

    with pytest.raises(ProviderUnavailableError, match="EndpointConnectionError"):
        SecretsManager().versions(NAME)


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


def test_a_new_value_signs_once_everybody_knows_it(
    keeper: "SecretsManagerClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.put_secret_value(SecretId=NAME, SecretString="second")
    secret = Credential("JWT_SECRET", secret_id=NAME, ripens=True)
    monkeypatch.setattr(credentials, "_store", SecretsManager())

    green = secret.current()
    monkeypatch.setattr(credentials, "RIPE_AFTER_S", -1)
    ripe = secret.current()

    assert (green, ripe) == ("first", "second")


def test_what_only_we_read_is_used_at_once(
    keeper: "SecretsManagerClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "_store", SecretsManager())
    keeper.put_secret_value(SecretId=NAME, SecretString="second")

    assert Credential("STRIPE_API_KEY", secret_id=NAME).current() == "second"


def test_the_first_value_of_all_signs_at_once(
    keeper: "SecretsManagerClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "_store", SecretsManager())

    assert Credential("JWT_SECRET", secret_id=NAME, ripens=True).current() == "first"


def test_a_secret_that_is_too_short_is_not_used() -> None:
    short = Credential("JWT_SECRET", ("x" * 31,), at_least_bytes=32)

    with pytest.raises(SettingInvalidError, match="JWT_SECRET") as caught:
        short.current()

    assert "x" * 31 not in str(caught.value)
