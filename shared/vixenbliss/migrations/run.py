"""Migrations without Alembic's command line: by a Lambda function, or a test."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import NullPool, create_engine

from vixenbliss.credentials import database_url
from vixenbliss.settings import settings


def upgrade(revision: str = "head") -> str | None:
    """Bring the schema up to a revision; return where it stands then."""
    command.upgrade(config(), revision)
    return current()


def downgrade(revision: str = "-1") -> str | None:
    """Bring the schema down to a revision, by default one step."""
    command.downgrade(config(), revision)
    return current()


def current() -> str | None:
    """Return the revision that the schema stands at; None for an empty database."""
    url = database_url(settings().database.current())
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def config() -> Config:
    """Return what Alembic needs to know, wherever the package lies."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
