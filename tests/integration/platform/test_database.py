"""One engine, one place that commits, and a server that may be away."""

import asyncio
import traceback
from collections.abc import Sequence

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.conftest import Set
from tests.stack import children
from tests.stack.postgres import Postgres
from tests.support.api import ROOT
from tests.support.database import Sql, count
from tests.support.people import Person
from vixenbliss import database as module
from vixenbliss.database import Connection, engine, reading, transaction
from vixenbliss.errors import (
    ConstraintViolatedError,
    DatabaseError,
    DatabaseUnavailableError,
    ValidationError,
)
from vixenbliss.loop import run

ADD = text("insert into notes values (:said)")
ANYBODY = text("select 1 as one")
GONE = text("select pg_terminate_backend(pg_backend_pid())")
# Waits until they are gone: the next request may be faster than a signal.
OTHERS_GO = (
    "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"
)


async def told_to_libpq() -> dict[str, str]:
    """Return what the container's connection was told."""
    async with engine().connect() as connection:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        return dict(raw.driver_connection.info.get_parameters())


@pytest.fixture
def notes(sql: Sql) -> Sql:
    """A table to write to."""
    sql.execute("create table notes (said text constraint short check (said < 'x'))")
    return sql


@pytest.fixture
def renewed(own_engine: None, surroundings: Set) -> Set:
    """Start the container's engine anew, in other surroundings."""

    def renew(**variables: str | None) -> None:
        run(engine().dispose())
        surroundings(**variables)
        engine.cache_clear()

    return renew


async def add(said: str, then: BaseException | None = None) -> None:
    """Write a note in a transaction that may end badly."""
    async with transaction() as connection:
        await connection.run(ADD, said=said)
        if then is not None:
            raise then


async def ask(statement: str) -> object:
    """Return the only value of a statement."""
    async with reading() as connection:
        row = await connection.one(text(statement))
    assert row is not None
    return next(iter(row.values()))


def test_a_block_that_ends_well_is_committed(notes: Sql) -> None:
    run(add("a"))

    assert count(notes, "notes", said="a") == 1


@pytest.mark.parametrize(
    "trouble",
    [
        ValidationError("no"),
        RuntimeError(),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_block_that_raises_is_rolled_back(notes: Sql, trouble: BaseException) -> None:
    with pytest.raises(type(trouble)):
        run(add("a", trouble))

    assert count(notes, "notes") == 0


def test_a_task_that_is_cancelled_while_it_waits_leaves_nothing(notes: Sql) -> None:
    async def cancelled() -> None:
        written = asyncio.Event()

        async def work() -> None:
            async with transaction() as connection:
                await connection.run(ADD, said="a")
                written.set()
                await connection.run(text("select pg_sleep(4)"))

        task = asyncio.create_task(work())
        await written.wait()
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        run(cancelled())

    assert count(notes, "notes") == 0


def test_after_any_of_it_the_connection_is_good_for_the_next(notes: Sql) -> None:
    with pytest.raises(asyncio.CancelledError):
        run(add("a", asyncio.CancelledError()))
    with pytest.raises(ConstraintViolatedError):
        run(add("z"))

    run(add("b"))

    assert count(notes, "notes") == 1


def test_nobody_else_commits() -> None:
    ours = [*ROOT.glob("shared/**/*.py"), *ROOT.glob("functions/**/*.py")]

    commits = [path.name for path in ours if ".commit(" in path.read_text()]
    begins = [path.name for path in ours if ".begin(" in path.read_text()]

    assert commits == []
    assert sorted(begins) == ["database.py", "env.py"]


def test_what_is_left_for_after_the_commit_sees_it_done(notes: Sql) -> None:
    seen: list[tuple[Sequence[str], int]] = []

    async def look(things: Sequence[str]) -> None:
        seen.append((things, count(notes, "notes")))

    async def work() -> None:
        async with transaction() as connection:
            await connection.run(ADD, said="a")
            connection.after_commit("one", look)
            connection.after_commit("two", look)

    run(work())

    assert seen == [(["one", "two"], 1)]


def test_after_a_rollback_nothing_is_done(notes: Sql) -> None:
    done: list[str] = []

    async def act(things: Sequence[str]) -> None:
        done.extend(things)

    async def work() -> None:
        async with transaction() as connection:
            connection.after_commit("one", act)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        run(work())

    assert done == []


def test_a_commit_that_is_refused_is_an_error_of_ours(notes: Sql) -> None:
    notes.execute(
        "create table parents (id int primary key);"
        "create table children (id int constraint of_a_parent references parents"
        " deferrable initially deferred)"
    )

    async def orphan() -> None:
        async with transaction() as connection:
            await connection.run(text("insert into children values (1)"))

    with pytest.raises(ConstraintViolatedError) as caught:
        run(orphan())

    assert caught.value.constraint == "of_a_parent"


@pytest.mark.parametrize("method", ["run", "all", "one"])
def test_a_constraint_is_named(notes: Sql, method: str) -> None:
    async def work() -> None:
        async with transaction() as connection:
            await getattr(connection, method)(ADD, said="z")

    with pytest.raises(ConstraintViolatedError) as caught:
        run(work())

    assert caught.value.constraint == "short"


def test_a_value_that_cannot_be_stored_is_the_callers_fault(notes: Sql) -> None:
    with pytest.raises(ValidationError):
        run(add("nul \x00"))


def test_a_statement_that_is_wrong_is_an_error_of_ours(database: str) -> None:
    with pytest.raises(DatabaseError):
        run(ask("select nothing from nowhere"))


def test_a_row_that_is_refused_is_not_told_by_its_error(notes: Sql) -> None:
    with pytest.raises(ConstraintViolatedError) as caught:
        run(add("z"))

    assert "Failing row" not in "".join(traceback.format_exception(caught.value))


def test_a_read_is_in_no_transaction(notes: Sql) -> None:
    async def read_twice() -> list[object]:
        async with reading() as connection:
            return [await _xact(connection), await _xact(connection)]

    first, second = run(read_twice())

    assert first != second


async def _xact(connection: Connection) -> object:
    row = await connection.one(text("select now()"))
    return row and row["now"]


def test_a_statement_that_takes_too_long_is_ended(
    renewed: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STATEMENT_TIMEOUT_MS", 50)
    renewed()

    with pytest.raises(DatabaseUnavailableError):
        run(ask("select pg_sleep(4)"))

    assert run(ask("select 1")) == 1


@pytest.mark.parametrize(
    ("setting", "value"),
    [("statement_timeout", "5s"), ("idle_in_transaction_session_timeout", "10s")],
)
def test_nothing_holds_the_server_up(database: str, setting: str, value: str) -> None:
    assert run(ask(f"show {setting}")) == value


def test_behind_a_proxy_nothing_is_set_and_nothing_prepared(renewed: Set) -> None:
    renewed(DATABASE_VIA_PROXY="true")

    assert run(ask("show statement_timeout")) == "0"
    assert run(ask("select count(*) from pg_prepared_statements")) == 0


def test_a_dead_connection_is_noticed_before_it_is_used(luna: Person, sql: Sql) -> None:
    sql.execute(OTHERS_GO)

    luna.api("GET", "/api/v1/avatars").ok()


def test_a_connection_that_idled_for_long_is_not_trusted(
    renewed: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = "select pg_backend_pid()"
    renewed()
    first, soon = run(ask(pid)), run(ask(pid))

    monkeypatch.setattr(module, "IDLE_AFTER_S", -1)
    late = run(ask(pid))

    assert first == soon
    assert late != first


@pytest.mark.parametrize("via_proxy", ["true", "false"])
def test_a_server_that_is_silent_is_given_up(renewed: Set, via_proxy: str) -> None:
    renewed(DATABASE_VIA_PROXY=via_proxy)

    told = run(told_to_libpq())

    assert {name: int(told[name]) for name in module.SILENCE} == module.SILENCE


def test_a_write_after_a_dead_connection_succeeds(luna: Person, sql: Sql) -> None:
    sql.execute(OTHERS_GO)

    luna.api("POST", "/api/v1/workspaces", {"name": "Another"}).ok(201)


def test_a_connection_that_dies_in_a_transaction_is_unavailable(notes: Sql) -> None:
    async def dying() -> None:
        async with transaction() as connection:
            await connection.run(ADD, said="a")
            await connection.run(GONE)

    with pytest.raises(DatabaseUnavailableError):
        run(dying())

    assert count(notes, "notes") == 0
    assert run(ask("select 1")) == 1


def test_what_was_answered_outlives_the_servers_death(
    luna: Person, server: Postgres
) -> None:
    made = luna.api("POST", "/api/v1/workspaces", {"name": "Another"}).ok(201)

    children.kill(server.pid)
    server.restart()

    luna.api("GET", f"/api/v1/workspaces/{made['id']}").ok()


def test_an_unreachable_database_is_503_and_back_it_is_200(
    luna: Person, renewed: Set, database: str
) -> None:
    renewed(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere")
    answer = luna.api("GET", "/api/v1/avatars")
    renewed(DATABASE_URL=database)

    assert (answer.status, answer.code) == (503, "UNAVAILABLE")
    assert answer.headers["retry-after"] == "2"
    luna.api("GET", "/api/v1/avatars").ok()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/workspaces"),
        ("POST", "/api/v1/workspaces"),
        ("POST", "/api/auth/logout"),
    ],
)
def test_without_a_database_every_method_is_503(
    luna: Person, renewed: Set, method: str, path: str
) -> None:
    renewed(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere")

    assert luna.api(method, path, {"name": "Another"}).status == 503


def test_a_full_server_is_unavailable_and_not_broken(
    luna: Person, renewed: Set, sql: Sql
) -> None:
    name = psycopg.sql.Identifier(sql.info.dbname)
    sql.execute(psycopg.sql.SQL("alter database {} connection limit 0").format(name))
    sql.execute("create role guest login; grant all on schema public to guest")
    renewed(
        DATABASE_URL=f"postgresql://guest@127.0.0.1:{sql.info.port}/{sql.info.dbname}"
    )

    answer = luna.api("GET", "/api/v1/avatars")

    sql.execute("drop owned by guest; drop role guest")
    assert (answer.status, answer.code) == (503, "UNAVAILABLE")


def test_our_dialect_knows_what_the_other_asks(database: str) -> None:
    async def told(url: str) -> tuple[object, ...]:
        asked = create_async_engine(url)
        async with asked.connect() as connection:
            await connection.execute(text("select 1"))
        dialect = asked.dialect
        await asked.dispose()
        return (
            dialect.server_version_info,
            dialect.default_schema_name,
            dialect.default_isolation_level,
            dialect._backslash_escapes,  # type: ignore[attr-defined]  # noqa: SLF001 - there is no other way to it
        )

    url = database.replace("postgresql:", "postgresql+psycopg:")

    ours = run(told(url.replace("+psycopg", "+asked_once")))
    assert ours == run(told(url))
