"""The schema goes up, down and up again, with and without data."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import timedelta
from functools import partial

import psycopg
import pytest
from alembic import command
from botocore.httpsession import DEFAULT_TIMEOUT
from sqlalchemy.exc import DBAPIError, OperationalError

from tests.conftest import Set
from tests.stack.postgres import Postgres
from tests.support.containers import births, live_in
from tests.support.database import content
from tests.support.studio import Studio
from vixenbliss import database as connections
from vixenbliss import postgres
from vixenbliss.errors import InvalidStateError
from vixenbliss.loop import run
from vixenbliss.migrations.run import (
    DEPLOYMENT_PATIENCE,
    PATIENCE,
    config,
    current,
    downgrade,
    upgrade,
)

HEAD = "0008"
OURS = (
    "select count(*) from pg_class where relnamespace = 'public'::regnamespace"
    " and relkind in ('r', 'v', 'S') and relname <> 'alembic_version'"
)
WORK = "select pg_advisory_xact_lock(7406115)"  # as a migration does
FUNCTIONS = "select count(*) from pg_proc where pronamespace = 'public'::regnamespace"


@pytest.fixture
def bare(server: Postgres, surroundings: Set) -> str:
    """Return the address of a database with nothing in it."""
    server.drop("bare")
    url = server.create("bare")
    surroundings(DATABASE_URL=url)
    return url


def left(url: str) -> tuple[int, int]:
    """Return how many relations and functions of ours a database has."""
    with psycopg.connect(url) as connection:
        counts = [connection.execute(query).fetchone() for query in (OURS, FUNCTIONS)]
    relations, functions = (int(row[0]) for row in counts if row)
    return relations, functions


def test_an_empty_database_goes_up_down_and_up(bare: str) -> None:
    assert upgrade() == HEAD
    there = left(bare)
    downgrade("base")
    assert left(bare) == (0, 0)

    assert upgrade() == HEAD
    assert left(bare) == there


def test_a_database_with_data_goes_down_and_up(
    studio: Studio, database: str, aws: dict[str, str]
) -> None:
    studio.bring_home(*studio.wish())
    studio.sql.close()

    downgrade("base")
    assert left(database) == (0, 0)

    assert upgrade() == HEAD


def test_taking_the_guards_down_and_up_keeps_every_row(studio: Studio) -> None:
    studio.wish()
    studio.sql.execute("delete from letters")  # a table of a later revision
    before = content(studio.sql)

    downgrade("0001")
    assert current() == "0001"
    upgrade()

    assert content(studio.sql) == before


def test_every_revision_stands_alone(bare: str) -> None:
    up = [upgrade("0001"), upgrade(HEAD)]
    down = [downgrade("0001"), current(), downgrade("base"), current()]

    assert up == ["0001", HEAD]
    assert down == [True, "0001", True, None]
    assert upgrade("0001") == "0001"


def test_going_up_twice_is_going_up_once(bare: str) -> None:
    upgrade()
    there = left(bare)

    assert upgrade() == HEAD
    assert left(bare) == there


def test_the_migrations_make_what_the_models_say(bare: str) -> None:
    upgrade()

    command.check(config())


def test_a_migration_gives_way_to_traffic(database: str) -> None:
    run(connections.engine().dispose())
    with psycopg.connect(database) as busy:
        busy.execute("select count(*) from posts")

        with pytest.raises(OperationalError, match="lock timeout"):
            downgrade("0007")

    assert current() == HEAD


def test_postgres_ends_a_migration_that_takes_too_long(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "MIGRATION_TIMEOUT_MS", 50)
    with psycopg.connect(database) as other:
        other.execute(WORK)

        with pytest.raises(DBAPIError, match="transaction timeout"):
            upgrade()


@pytest.mark.parametrize("way", [upgrade, partial(downgrade, "0007")])
def test_whoever_waits_for_another_migration_gives_up(
    database: str, way: Callable[..., object]
) -> None:
    with psycopg.connect(database) as other:
        other.execute(WORK)

        with pytest.raises(InvalidStateError, match="Another migration"):
            way(patience=timedelta(milliseconds=50))

    assert current() == HEAD


def test_whoever_waits_is_told_before_anybody_asks_or_ends_it() -> None:
    asked_again = timedelta(seconds=DEFAULT_TIMEOUT)  # by the AWS CLI
    ended = timedelta(milliseconds=postgres.MIGRATION_TIMEOUT_MS)

    assert asked_again > PATIENCE
    assert ended > DEPLOYMENT_PATIENCE > PATIENCE


def go_back(environment: Mapping[str, str], revision: str) -> bool:
    """Go back in a container of its own, however long it takes to begin."""
    live_in(environment)
    return downgrade(revision, patience=timedelta(minutes=4))


def let_wait(count: int, others: Sequence[Future[bool]], url: str) -> None:
    """Return once so many migrations wait for another one."""
    waiting = (
        "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    )
    with psycopg.connect(url, autocommit=True) as watch:
        while watch.execute(waiting).fetchone() != (count,):
            assert not any(other.done() for other in others), "It did not wait."


def test_two_who_go_back_at_one_moment_go_once(bare: str) -> None:
    upgrade()
    here = dict(os.environ)

    with ProcessPoolExecutor(2, births()) as containers:
        with psycopg.connect(bare) as other:
            other.execute(WORK)
            both = [containers.submit(go_back, here, "0007") for _ in range(2)]
            let_wait(2, both, bare)
        changed = [one.result(timeout=60) for one in both]

    assert sorted(changed) == [False, True]
    assert current() == "0007"


def test_a_migration_that_fails_leaves_nothing_behind(bare: str) -> None:
    with psycopg.connect(bare, autocommit=True) as connection:
        connection.execute("create table reviews (id int)")

    with pytest.raises(Exception, match="reviews"):
        upgrade()

    assert current() is None
    assert left(bare) == (1, 0)
