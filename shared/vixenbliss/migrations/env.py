"""How Alembic reaches the database: one transaction, one migration at a time."""

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine, text

from vixenbliss.credentials import database_url
from vixenbliss.models.all import metadata
from vixenbliss.settings import settings

ONE_AT_A_TIME = 7_406_115  # any number, the same for every deployment
LOCK_TIMEOUT = "2s"  # rather fail a deployment than hold up the requests behind a lock


def migrate(connection: Connection) -> None:
    """Run the wanted migrations, alone, giving way to traffic."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": ONE_AT_A_TIME})
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


engine = create_engine(database_url(settings().database.current()), poolclass=NullPool)
with engine.begin() as opened:
    migrate(opened)
