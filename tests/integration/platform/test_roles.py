"""The role that functions sign in as: it works with rows, and owns nothing."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import make_url

from tests.conftest import Set
from tests.support.books import Till
from tests.support.database import Sql, count
from tests.support.people import avatar, sign_up
from tests.support.studio import Studio
from vixenbliss.database import engine
from vixenbliss.errors import SettingInvalidError
from vixenbliss.loop import run
from vixenbliss.migrations.run import upgrade

ROLE = "app-of-tests"  # it needs its quotes
DDL = [
    "drop table todos",
    "alter table users add column spy text",
    "alter table todos disable trigger all",
    "truncate todos",
    "create table mine (id int)",
    "create temporary table mine (id int)",
    "create schema mine",
    "create index on users (email)",
    "drop trigger audit_chain on audit_log",
    "create or replace function refuse() returns int language sql as 'select 1'",
    "update alembic_version set version_num = 'x'",
    "create role mine",
    "set session_replication_role = replica",
]
PATIENCE = {
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",
}


@pytest.fixture
def as_role(
    database: str, own_engine: None, surroundings: Set, sql: Sql
) -> Iterator[str]:
    """Have the migrations let the role in; then let it be who functions are."""
    surroundings(DATABASE_APP_USER=ROLE)
    upgrade()
    url = make_url(database).set(username=ROLE).render_as_string(hide_password=False)
    surroundings(DATABASE_URL=url, DATABASE_APP_USER=None)
    yield url
    run(engine().dispose())
    sql.execute(f'drop owned by "{ROLE}"; drop role "{ROLE}"'.encode())


@pytest.fixture
def app(as_role: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(as_role, autocommit=True) as connection:
        yield connection


def test_somebody_signs_up_and_makes_an_avatar(as_role: str, sql: Sql) -> None:
    person = sign_up()
    avatar(person)

    assert engine().url.username == ROLE
    assert count(sql, "users") == count(sql, "avatars") == 1


def test_content_is_made(as_role: str, studio: Studio, aws: dict[str, str]) -> None:
    (job_id,) = studio.wish()
    studio.bring_home(job_id)

    assert engine().url.username == ROLE
    assert studio.standing(job_id) == ("succeeded", 1)


def test_a_sale_is_booked(as_role: str, sql: Sql) -> None:
    person = sign_up()
    Till(person.workspace_id, avatar(person)).sell()

    answer = person.api("GET", "/api/v1/ledger/balances")

    assert answer.status == 200
    assert count(sql, "ledger_transactions") >= 1


@pytest.mark.parametrize("statement", ["update {} set id = id", "delete from {}"])
@pytest.mark.parametrize("table", ["ledger_entries", "ledger_transactions"])
def test_the_books_are_append_only_for_it(
    as_role: str, sql: Sql, statement: str, table: str
) -> None:
    person = sign_up()
    Till(person.workspace_id, avatar(person)).sell()

    with (
        psycopg.connect(as_role) as connection,
        pytest.raises(errors.IntegrityConstraintViolation),
    ):
        connection.execute(statement.format(table).encode())


@pytest.mark.parametrize("statement", DDL)
def test_it_changes_no_table(app: psycopg.Connection, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute(statement.encode())


def test_its_patience_is_its_own(app: psycopg.Connection) -> None:
    told = {
        name: (app.execute(f"show {name}".encode()).fetchone() or [""])[0]
        for name in PATIENCE
    }

    assert told == PATIENCE


def test_a_table_of_tomorrow_is_open_to_it(app: psycopg.Connection, sql: Sql) -> None:
    sql.execute("create table tomorrow (id bigserial, said text)")

    row = app.execute("insert into tomorrow (said) values ('x') returning id")

    assert row.fetchone() == (1,)


def test_letting_it_in_twice_is_once(
    as_role: str, database: str, surroundings: Set
) -> None:
    surroundings(DATABASE_URL=database, DATABASE_APP_USER=ROLE)

    assert upgrade() == upgrade()


def test_on_rds_it_signs_in_with_iam(
    database: str, surroundings: Set, sql: Sql
) -> None:
    sql.execute("create role rds_iam")
    surroundings(DATABASE_APP_USER=ROLE)
    try:
        upgrade()

        member = sql.execute(
            "select pg_has_role(%s, 'rds_iam', 'member') as is_one", (ROLE,)
        ).fetchone()
        assert member == {"is_one": True}
    finally:
        sql.execute(
            f'drop owned by "{ROLE}"; drop role "{ROLE}"; drop role rds_iam'.encode()
        )


def test_the_owner_is_not_let_in_as_a_guest(database: str, surroundings: Set) -> None:
    surroundings(DATABASE_APP_USER="postgres")

    with pytest.raises(SettingInvalidError, match="DATABASE_APP_USER"):
        upgrade()
