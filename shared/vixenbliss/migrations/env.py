"""How Alembic reaches the database: one transaction, one migration at a time."""

from datetime import timedelta

from alembic import context
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from vixenbliss.errors import InvalidStateError
from vixenbliss.migrations.roles import let_in
from vixenbliss.migrations.run import PATIENCE
from vixenbliss.models.all import metadata
from vixenbliss.postgres import MIGRATION_TIMEOUT_MS, address, sign_in
from vixenbliss.settings import settings

ONE_AT_A_TIME = 7_406_115  # any number, the same for every deployment
LOCK_TIMEOUT = "2s"  # rather fail a deployment than hold up the requests behind a lock


def migrate(connection: Connection) -> None:
    """Run the wanted migrations, alone, giving way to traffic.

    Postgres notices only at the end of a statement that a function was ended; until
    then its locks would hold up requests, and the migration that takes it back.
    """
    told = context.config.attributes
    connection.execute(text(f"SET LOCAL transaction_timeout = {MIGRATION_TIMEOUT_MS}"))
    _wait_for_others(connection, told.get("patience", PATIENCE))
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
    context.configure(connection=connection, target_metadata=metadata)
    if look := told.get("look"):
        look(context.get_context().get_current_revision())
    with context.begin_transaction():
        context.run_migrations()
    if settings().database_app_user:
        let_in(connection, settings().database_app_user)


def _wait_for_others(connection: Connection, patience: timedelta) -> None:
    """Return when no other migration runs.

    Raises:
        InvalidStateError: one still runs after that long.
    """
    patience_ms = patience // timedelta(milliseconds=1)
    connection.execute(text(f"SET LOCAL lock_timeout = {patience_ms}"))
    mine = text("SELECT pg_advisory_xact_lock(:id)")
    try:
        connection.execute(mine, {"id": ONE_AT_A_TIME})
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        message = "Another migration is at work; ask again when it has ended."
        raise InvalidStateError(message) from error


engine = create_engine(address(), poolclass=NullPool, hide_parameters=True)
sign_in(engine)
with engine.begin() as opened:
    migrate(opened)
