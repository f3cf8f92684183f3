"""One engine a container, one place that commits, one round trip a read.

A function handles one request or batch at a time, so its engine keeps one connection.
Reads run in autocommit: a statement is a trip, and there is no other. Writes run in
``transaction()``, the only place in the product that commits.
"""

import select
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, NoReturn

import psycopg
from sqlalchemy import Executable, RowMapping, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    OperationalError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from vixenbliss.clock import now
from vixenbliss.errors import (
    ConstraintViolatedError,
    DatabaseError,
    DatabaseUnavailableError,
    ValidationError,
)
from vixenbliss.log import log
from vixenbliss.loop import run
from vixenbliss.postgres import (
    IDLE_IN_TRANSACTION_TIMEOUT_MS,
    STATEMENT_TIMEOUT_MS,
    address,
    sign_in,
)
from vixenbliss.settings import settings
from vixenbliss.snapshots import before_snapshot

CONNECT_TIMEOUT_S = 3
IDLE_AFTER_S = 300
"""For how long an idle connection is trusted.

Lambda freezes containers, who then do not hear a server's farewell, and the network
forgets a connection after 350 s (EC2 guide, "Security group connection tracking").
"""
SILENCE = {
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,
}
"""When a server that says nothing at all is given up: after some five seconds.

One that is lost with its zone does not hang up; the kernel would try for a quarter of
an hour. Seconds, and the last in milliseconds (libpq, "Parameter Key Words").
"""

type AfterCommit[Thing] = Callable[[Sequence[Thing]], Awaitable[None]]


class Connection:
    """A conversation with Postgres, autocommitting or inside a transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._left: dict[AfterCommit[Any], list[Any]] = {}

    async def one(self, statement: Executable, **binds: object) -> RowMapping | None:
        """Return the only row, or None."""
        rows = await self.all(statement, **binds)
        return rows[0] if rows else None

    async def all(self, statement: Executable, **binds: object) -> Sequence[RowMapping]:
        """Return every row, in the statement's order.

        Raises:
            ConstraintViolatedError: a constraint refused the change.
            DatabaseUnavailableError: the server cannot be reached or gave way.
            DatabaseError: anything else the server refused.
        """
        try:
            result = await self._connection.execute(statement, binds)
        except DBAPIError as error:
            _fail(error)
        return result.mappings().all() if result.returns_rows else ()

    async def run(self, statement: Executable, **binds: object) -> int:
        """Execute a statement without rows and return how many rows it changed."""
        try:
            result = await self._connection.execute(statement, binds)
        except DBAPIError as error:
            _fail(error)
        return result.rowcount

    def after_commit[Thing](self, thing: Thing, action: AfterCommit[Thing]) -> None:
        """Leave a thing for an action, which is run once for all of its things.

        It runs when the transaction is stored, and not otherwise.
        """
        self._left.setdefault(action, []).append(thing)

    async def committed(self) -> None:
        """Run what was left to be done; called by ``transaction`` alone."""
        for action, things in self._left.items():
            await action(things)


@asynccontextmanager
async def reading() -> AsyncGenerator[Connection]:
    """Yield a connection on which each statement stands alone."""
    async with _connected("AUTOCOMMIT") as connection:
        yield Connection(connection)


@asynccontextmanager
async def transaction() -> AsyncGenerator[Connection]:
    """Commit when the block ends well, roll back when it raises.

    Nobody else in the product commits. What was left with ``after_commit`` runs
    after the commit, outside the transaction.
    """
    async with _connected("READ COMMITTED") as connection:
        conversation = Connection(connection)
        try:
            async with connection.begin():
                yield conversation
        except DBAPIError as error:  # raised by the commit itself
            _fail(error)
    await conversation.committed()


@asynccontextmanager
async def _connected(isolation: IsolationLevel) -> AsyncGenerator[AsyncConnection]:
    try:
        connection = await engine().connect()
    except DBAPIError as error:
        _fail(error)
    try:
        await connection.execution_options(isolation_level=isolation)
        yield connection
    finally:
        await connection.close()


@cache
def engine() -> AsyncEngine:
    """Return the container's engine: one connection, for one request at a time."""
    made = create_async_engine(
        address().set(drivername="postgresql+asked_once"),
        pool_size=1,
        max_overflow=0,
        use_native_hstore=False,
        hide_parameters=True,  # they are people's data, and errors are logged
        connect_args=_connect_args(via_proxy=settings().database_via_proxy),
    )
    sign_in(made.sync_engine)
    event.listen(made.sync_engine, "checkin", _note_the_time)
    event.listen(made.sync_engine, "checkout", _refuse_a_dead_connection)
    before_snapshot(_hang_up)
    return made


def _hang_up() -> None:
    """Close the connection, and forget the address with the password in it."""
    run(engine().dispose())
    engine.cache_clear()


def _connect_args(*, via_proxy: bool) -> dict[str, Any]:
    """Return what psycopg is told at connect.

    RDS Proxy pins a client to one server connection as soon as it prepares a named
    statement or sets anything, so behind it we do neither: timeouts are on the role.
    """
    patience = {"connect_timeout": CONNECT_TIMEOUT_S, **SILENCE}
    if via_proxy:
        return {**patience, "prepare_threshold": None}
    return {
        **patience,
        "prepare_threshold": 0,
        "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS}"
        f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT_MS}",
    }


def _note_the_time(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["idle_since"] = now()


def _refuse_a_dead_connection(
    connection: Any,  # noqa: ANN401 - SQLAlchemy's adapter
    record: ConnectionPoolEntry,
    _proxy: object,
) -> None:
    """Look at the socket instead of asking a question, as a pre-ping would.

    A healthy idle connection has nothing to say; the end of file or the farewell of a
    server that went away shows as readable. A microsecond instead of a round trip.
    After a long time that proves nothing, so another connection is made.
    """
    since = record.info.get("idle_since")
    if since and (now() - since).total_seconds() > IDLE_AFTER_S:
        raise DisconnectionError
    watch = select.poll()
    watch.register(connection.driver_connection.pgconn.socket, select.POLLIN)
    if watch.poll(0):
        raise DisconnectionError


def _fail(error: DBAPIError) -> NoReturn:
    """Raise what an error means to us.

    Postgres shows the row that breaks a constraint. It is people's data, and errors are
    logged with their causes, so that one is left out.
    """
    cause = None if isinstance(error, IntegrityError) else error
    raise _translate(error) from cause


def _translate(error: DBAPIError) -> Exception:
    cause = error.orig
    if isinstance(error, IntegrityError) and isinstance(cause, psycopg.Error):
        return ConstraintViolatedError(cause.diag.constraint_name or "unnamed")
    if isinstance(error, DataError):
        return ValidationError("A value cannot be stored as it is.")
    if isinstance(error, OperationalError):
        log.warning("database unavailable", reason=type(cause).__name__)
        return DatabaseUnavailableError()
    return DatabaseError("The database refused a statement.")


class AskedOnceDialect(PGDialectAsync_psycopg):
    """SQLAlchemy's dialect, without its questions to the server at first connect.

    What they ask for, libpq has been told during the handshake already, and the schema
    is ours; so a container's first read takes two trips less than it has questions. A
    contract test compares the answers with those of the dialect it derives from.
    """

    supports_statement_cache = True

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...]:  # noqa: ANN401 - SQLAlchemy's signature
        number = connection.connection.driver_connection.info.server_version
        return (number // 10_000, number % 10_000)

    def _get_default_schema_name(self, connection: Any) -> str:  # noqa: ANN401, ARG002 - SQLAlchemy's signature
        return "public"

    def get_default_isolation_level(self, dbapi_conn: Any) -> IsolationLevel:  # noqa: ANN401, ARG002 - SQLAlchemy's signature
        """Return Postgres's default."""
        return "READ COMMITTED"

    def _set_backslash_escapes(self, connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's signature
        info = connection.connection.driver_connection.info
        escapes = info.parameter_status("standard_conforming_strings")
        self._backslash_escapes = escapes == "off"


registry.register("postgresql.asked_once", __name__, AskedOnceDialect.__name__)
