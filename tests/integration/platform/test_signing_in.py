"""Signing in to RDS: with a token of IAM that was made for the connection, over TLS."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import botocore.auth
import certifi
import pytest
from sqlalchemy import make_url, text

from tests.conftest import Set
from tests.stack.postgres import Postgres
from tests.support.api import Api
from tests.support.database import Sql
from tests.support.rds import HOST, Rds
from vixenbliss import credentials, postgres
from vixenbliss.database import engine, reading
from vixenbliss.errors import DatabaseUnavailableError
from vixenbliss.loop import run
from vixenbliss.migrations.run import current

USER = "app_of_tests"
OF_RDS = postgres.RDS_ROOTS
MINUTE = timedelta(minutes=1)


@pytest.fixture
def rds(  # noqa: PLR0913, PLR0917 - a fixture is asked for by naming it
    server: Postgres,
    database: str,
    own_engine: None,
    sql: Sql,
    surroundings: Set,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Rds]:
    """Let RDS answer for the test's database, and a user sign in with IAM."""
    sql.execute(f"create role {USER} login".encode())
    sql.execute(f"grant select on alembic_version to {USER}".encode())
    with Rds(server.port, tmp_path) as instance:
        monkeypatch.setattr(postgres, "RDS_ROOTS", instance.roots)
        surroundings(
            DATABASE_URL=None,
            DATABASE_HOST=HOST,
            DATABASE_PORT=str(instance.port),
            DATABASE_NAME=make_url(database).database,
            DATABASE_USER=USER,
        )
        yield instance
        run(engine().dispose())
    sql.execute(f"drop owned by {USER}; drop role {USER}".encode())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a minute pass between two signatures."""
    minutes = iter(range(1_000))
    start = datetime(2026, 11, 21, tzinfo=UTC)

    def later() -> datetime:
        return start + next(minutes) * MINUTE

    monkeypatch.setattr(botocore.auth, "get_current_datetime", later)


async def whoami() -> object:
    async with reading() as connection:
        row = await connection.one(text("select current_user as me"))
    assert row is not None
    return row["me"]


def test_a_connection_shows_a_token_made_for_it(rds: Rds) -> None:
    me = run(whoami())

    ((user, token),) = rds.shown
    assert me == user == USER
    assert token.startswith(f"{HOST}:{rds.port}/?Action=connect&DBUser={USER}&")
    assert "&X-Amz-Signature=" in token


def test_a_connection_that_is_kept_shows_none_again(rds: Rds) -> None:
    run(whoami())
    run(whoami())

    assert len(rds.shown) == 1


def test_a_new_connection_shows_a_fresh_token(rds: Rds, clock: None) -> None:
    run(whoami())
    run(engine().dispose())
    run(whoami())

    (_, first), (_, second) = rds.shown
    assert first != second
    assert "X-Amz-Date=20261121T000000Z" in first


def test_a_connection_that_broke_is_followed_by_one_with_a_fresh_token(
    rds: Rds, clock: None, sql: Sql
) -> None:
    run(whoami())
    sql.execute(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
        " where usename = %s",
        (USER,),
    )
    rds.wait_until_left()

    assert run(whoami()) == USER
    assert len(set(rds.shown)) == 2


def test_who_cannot_prove_to_be_rds_is_told_nothing(
    rds: Rds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "RDS_ROOTS", OF_RDS)

    with pytest.raises(DatabaseUnavailableError):
        run(whoami())

    assert rds.shown == []


def test_a_host_by_another_name_is_told_nothing(rds: Rds, surroundings: Set) -> None:
    surroundings(DATABASE_HOST="127.0.0.1")

    with pytest.raises(DatabaseUnavailableError):
        run(whoami())

    assert rds.shown == []


def test_a_proxy_is_believed_if_the_public_authorities_vouch_for_it(
    rds: Rds, surroundings: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certifi, "where", lambda: str(rds.roots))
    monkeypatch.setattr(postgres, "RDS_ROOTS", Path("/nowhere"))
    surroundings(DATABASE_VIA_PROXY="true")

    assert run(whoami()) == USER


def test_the_function_for_readiness_answers(rds: Rds) -> None:
    ready = Api()("GET", "/health/ready").ok()

    assert ready["database"] == "ok"
    assert len(rds.shown) == 1


def test_the_owner_migrates_with_the_password_that_rds_keeps(
    rds: Rds, surroundings: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Keeper:
        def versions(self, _: str) -> tuple[str, ...]:
            return (json.dumps({"username": "postgres", "password": "s:e/c@ret"}),)

        def is_ripe(self, _: str) -> bool:
            return True

    monkeypatch.setattr(credentials, "_store", Keeper())
    surroundings(DATABASE_USER=None, DATABASE_SECRET_ARN="arn:of:the:owner")

    revision = current()

    assert revision
    assert rds.shown == [("postgres", "s:e/c@ret")]
