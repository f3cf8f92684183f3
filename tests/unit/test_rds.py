"""A password for one connection to RDS, as botocore would make it."""

from datetime import UTC, datetime

import boto3
import botocore.auth
import pytest

from tests.conftest import Set
from vixenbliss.errors import DatabaseUnavailableError, ProviderUnavailableError
from vixenbliss.postgres import _show_a_token
from vixenbliss.providers import rds

AT = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)
HOSTS = [
    ("db.abc.eu-west-1.rds.amazonaws.com", 5432),
    ("front.proxy-abc.eu-west-1.rds.amazonaws.com", 6432),
]


@pytest.fixture(autouse=True)
def _at_that_time(surroundings: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: AT)
    rds._session.cache_clear()  # noqa: SLF001 - a container keeps it for life


@pytest.mark.parametrize(("host", "port"), HOSTS)
@pytest.mark.parametrize("user", ["vixenbliss", "some_body"])
@pytest.mark.parametrize("session", [None, "of a role/+="])
def test_a_token_is_botocore_s(
    host: str, port: int, user: str, session: str | None, surroundings: Set
) -> None:
    surroundings(AWS_SESSION_TOKEN=session)
    expected = (
        boto3.session.Session()
        .client("rds")
        .generate_db_auth_token(DBHostname=host, Port=port, DBUsername=user)
    )

    assert rds.token(host, port, user) == expected


def test_a_token_says_where_who_and_for_how_long() -> None:
    token = rds.token("db.internal", 5432, "vixenbliss")

    assert token.startswith("db.internal:5432/?Action=connect&DBUser=vixenbliss&")
    assert "X-Amz-Expires=900&" in token
    assert "eu-west-1%2Frds-db%2Faws4_request" in token


def test_nobody_without_credentials_signs_in(
    surroundings: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    surroundings(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")

    with pytest.raises(ProviderUnavailableError):
        rds.token("db.internal", 5432, "vixenbliss")


def test_to_the_product_that_is_a_database_that_is_away(
    surroundings: Set,
) -> None:
    surroundings(AWS_DEFAULT_REGION=None)

    with pytest.raises(DatabaseUnavailableError):
        _show_a_token(None, None, None, {"host": "h", "port": 5432, "user": "u"})
