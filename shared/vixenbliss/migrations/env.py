"""How Alembic reaches the database: one transaction, one migration at a time."""

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine, text

from vixenbliss.migrations.roles import let_in
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
    connection.execute(text(f"SET LOCAL transaction_timeout = {MIGRATION_TIMEOUT_MS}"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": ONE_AT_A_TIME})
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
    if settings().database_app_user:
        let_in(connection, settings().database_app_user)


engine = create_engine(address(), poolclass=NullPool, hide_parameters=True)
sign_in(engine)
with engine.begin() as opened:
    migrate(opened)
