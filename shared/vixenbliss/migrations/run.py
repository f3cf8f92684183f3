"""Migrations without Alembic's command line: by a Lambda function, or a test."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine

from vixenbliss.log import log
from vixenbliss.postgres import address, sign_in


def upgrade(revision: str = "head") -> str | None:
    """Bring the schema up to a revision; return where it stands then."""
    command.upgrade(config(), revision)
    return current()


def deploy(request: str) -> dict[str, str]:
    """Bring the schema up for a deployment, a ``Create`` or an ``Update`` of its stack.

    An update may be the way back to older code. It leaves a schema alone that is ahead
    of the code, which bears that: migrations only add what older code does not miss
    (decision 35). A new stack that finds such a schema was given someone else's.
    """
    at = current()
    if request == "Update" and at is not None and not _is_known(at):
        log.warning("schema is ahead of the code", revision=at)
        return {"Revision": at, "IsAhead": "true"}
    return {"Revision": upgrade() or "", "IsAhead": "false"}


def downgrade(revision: str = "-1") -> str | None:
    """Bring the schema down to a revision, by default one step."""
    command.downgrade(config(), revision)
    return current()


def current() -> str | None:
    """Return the revision that the schema stands at; None for an empty database."""
    engine = create_engine(address(), poolclass=NullPool, hide_parameters=True)
    sign_in(engine)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def config() -> Config:
    """Return what Alembic needs to know, wherever the package lies."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _is_known(revision: str) -> bool:
    """Tell whether this code has a migration of that name."""
    scripts = ScriptDirectory.from_config(config()).walk_revisions()
    return revision in {script.revision for script in scripts}
