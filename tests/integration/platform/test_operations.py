"""What a deployment runs: migrations, and the first owner."""

from typing import Any

import psycopg
import pytest

from tests.conftest import Set
from tests.stack.postgres import Postgres
from tests.support.api import Api, handler_of
from tests.support.database import Sql, count
from tests.support.people import PASSWORD, Person
from vixenbliss.errors import (
    DatabaseUnavailableError,
    InvalidStateError,
    ValidationError,
)
from vixenbliss.migrations.run import current

OWNER = {"email": "owner@example.com", "password": "a password of some length"}


def seed(**changes: str) -> dict[str, Any]:
    return dict(handler_of("SeedFunction")(OWNER | changes, None))


def migrate(**event: object) -> dict[str, Any]:
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


def back(revision: object) -> dict[str, Any]:
    return migrate(action="downgrade", revision=revision)


def test_a_deployment_can_go_to_a_revision(bare: str) -> None:
    assert migrate(revision="0001") == {"revision": "0001"}


@pytest.mark.parametrize("revision", ["+1", "-1", "000", "", "base", None])
def test_the_way_up_wants_a_revision_by_its_name(bare: str, revision: object) -> None:
    with pytest.raises(ValidationError, match="name the revision"):
        migrate(revision=revision)

    assert current() is None


@pytest.mark.parametrize("action", ["downgrad", "", None])
def test_what_is_no_action_does_nothing(bare: str, action: object) -> None:
    with pytest.raises(ValidationError, match="upgrade or downgrade"):
        migrate(action=action)

    assert current() is None


def test_the_schema_goes_back_to_a_revision(bare: str) -> None:
    migrate()

    assert back("0007") == {"revision": "0007", "changed": True}
    assert back("base") == {"revision": None, "changed": True}


def test_going_back_twice_is_going_back_once(bare: str) -> None:
    migrate()
    back("0007")

    assert back("0007") == {"revision": "0007", "changed": False}


def test_nothing_goes_back_to_nothing(bare: str) -> None:
    assert back("base") == {"revision": None, "changed": False}


NO_NAMES = ("-1", "0008-1", "+1", "000", "", "head", "9999", "0008:0007", None, 7)


@pytest.mark.parametrize("revision", NO_NAMES)
def test_the_way_back_wants_a_revision_by_its_name(bare: str, revision: object) -> None:
    migrate()

    with pytest.raises(ValidationError, match="name the revision"):
        back(revision)

    assert current() == "0008"


def test_the_way_back_has_no_length_of_its_own(bare: str) -> None:
    migrate()

    with pytest.raises(ValidationError, match="name the revision"):
        migrate(action="downgrade")

    assert current() == "0008"


@pytest.mark.parametrize("at", ["0007", None])
def test_no_way_back_leads_ahead(bare: str, at: str | None) -> None:
    if at:
        migrate(revision=at)

    with pytest.raises(InvalidStateError, match=f"stands at {at or 'base'}"):
        back("0008")

    assert current() == at


@pytest.mark.parametrize("revision", ["0007", "base"])
def test_code_that_is_behind_knows_no_way_back(bare: str, revision: str) -> None:
    migrate()
    with psycopg.connect(bare) as connection:
        connection.execute("update alembic_version set version_num = '9999'")

    with pytest.raises(InvalidStateError, match="stands at 9999"):
        back(revision)

    assert current() == "9999"


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
