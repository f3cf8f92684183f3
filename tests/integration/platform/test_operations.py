"""What a deployment runs: migrations, and the first owner."""

from typing import Any

import pytest

from tests.conftest import Set
from tests.stack.postgres import Postgres
from tests.support.api import Api, handler_of
from tests.support.database import Sql, count
from tests.support.people import PASSWORD, Person
from vixenbliss.errors import DatabaseUnavailableError

OWNER = {"email": "owner@example.com", "password": "a password of some length"}


def seed(**changes: str) -> dict[str, Any]:
    return dict(handler_of("SeedFunction")(OWNER | changes, None))


def migrate(**event: str) -> dict[str, Any]:
    return dict(handler_of("MigrateFunction")(event, None))


def login(email: str, password: str) -> int:
    credentials = {"email": email, "password": password}
    return Api()("POST", "/api/auth/login", credentials).status


@pytest.fixture
def bare(server: Postgres, surroundings: Set) -> str:
    """Return the address of a database with nothing in it."""
    server.drop("undeployed")
    url = server.create("undeployed")
    surroundings(DATABASE_URL=url)
    return url


def test_a_deployment_brings_the_schema_up(bare: str) -> None:
    assert migrate() == {"revision": "0008"}


def test_a_deployment_that_comes_twice_is_one(bare: str) -> None:
    migrate()

    assert migrate() == {"revision": "0008"}


def test_a_deployment_can_go_one_step_back(bare: str) -> None:
    migrate()

    assert migrate(action="downgrade") == {"revision": "0007"}


def test_a_deployment_can_go_to_a_revision(bare: str) -> None:
    assert migrate(revision="0001") == {"revision": "0001"}
    assert migrate(action="downgrade", revision="base") == {"revision": None}


def test_readiness_tells_the_revision(database: str) -> None:
    ready = Api()("GET", "/health/ready").ok()

    assert ready == {"database": "ok", "migrations": "0008"}


def test_the_first_owner_signs_in_and_has_a_workspace(sql: Sql) -> None:
    assert seed() == {"email": "owner@example.com", "created": True}

    assert login("owner@example.com", OWNER["password"]) == 200
    assert count(sql, "workspace_members", role="owner", is_home=True) == 1


def test_the_first_owner_runs_the_platform(sql: Sql) -> None:
    seed()

    assert count(sql, "users", platform_role="admin") == 1


def test_seeding_twice_is_seeding_once(sql: Sql) -> None:
    seed()

    assert seed() == {"email": "owner@example.com", "created": False}
    assert count(sql, "users") == count(sql, "workspaces") == 1


def test_a_second_seeding_does_not_change_the_password(sql: Sql) -> None:
    seed()

    seed(password="another password altogether")

    assert login("owner@example.com", OWNER["password"]) == 200
    assert login("owner@example.com", "another password altogether") == 401


def test_somebody_who_has_signed_up_is_promoted(luna: Person, sql: Sql) -> None:
    assert seed(email=luna.email)["created"] is False

    assert count(sql, "users", platform_role="admin") == 1
    assert login(luna.email, PASSWORD) == 200


@pytest.mark.parametrize("changes", [{"email": "nobody"}, {"password": "short"}])
def test_no_owner_is_made_whom_nobody_could_be(
    sql: Sql, changes: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=next(iter(changes))):
        seed(**changes)

    assert count(sql, "users") == 0


def test_a_refused_password_is_not_told(sql: Sql) -> None:
    with pytest.raises(ValueError, match="password") as caught:
        seed(password="canary!")

    assert "canary" not in str(caught.value)


def test_without_a_database_nobody_is_made(surroundings: Set) -> None:
    surroundings(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere")

    with pytest.raises(DatabaseUnavailableError):
        seed()
