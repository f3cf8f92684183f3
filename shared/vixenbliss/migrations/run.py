"""Migrations without Alembic's command line: by a Lambda function, or a test."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine

from vixenbliss.errors import InvalidStateError, ValidationError
from vixenbliss.log import log
from vixenbliss.postgres import address, sign_in

BASE = "base"
"""What Alembic calls a database before its first revision."""
HEAD = "head"
"""What Alembic calls the newest revision."""
PATIENCE = timedelta(seconds=30)
"""How long one migration waits for another: the AWS CLI hears of it before it gives up
reading, after 60 s, and invokes the function again."""
DEPLOYMENT_PATIENCE = timedelta(seconds=240)
"""A deployment waits for as long as it can still say why it failed: Postgres ends it
after 280 s."""


def upgrade(revision: str = HEAD, *, patience: timedelta = PATIENCE) -> str | None:
    """Bring the schema up to a revision; return where it stands then.

    The revision has its full name, or is ``head``: asked again, nothing is left to do.

    Raises:
        ValidationError: no revision has that name.
        InvalidStateError: another migration took longer than the patience.
    """
    if revision not in [*_revisions(), HEAD]:
        message = f"To go up, name the revision to go to in full, or {HEAD!r}."
        raise ValidationError(message, field="revision")
    command.upgrade(config(patience), revision)
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
    return {"Revision": upgrade(patience=DEPLOYMENT_PATIENCE) or "", "IsAhead": "false"}


def downgrade(revision: str, *, patience: timedelta = PATIENCE) -> bool:
    """Bring the schema down to a revision; tell whether there was a step to go.

    The revision has its full name, or is ``base``: never ``-1``, which would be one
    more step for a caller who had no answer and asks again.

    Raises:
        ValidationError: no revision has that name.
        InvalidStateError: the schema does not stand at the revision or ahead of it, or
            another migration took longer than the patience.
    """
    if revision not in [*_revisions(), BASE]:
        message = f"To go back, name the revision to go to in full, or {BASE!r}."
        raise ValidationError(message, field="revision")
    found: list[str] = []

    def look(at: str | None) -> None:
        found.append(at or BASE)
        if revision not in _way_back(at):
            message = f"The schema stands at {found[0]}: no way back to {revision}."
            raise InvalidStateError(message)

    command.downgrade(config(patience, look), revision)
    return found != [revision]


def current() -> str | None:
    """Return the revision that the schema stands at; None for an empty database."""
    engine = create_engine(address(), poolclass=NullPool, hide_parameters=True)
    sign_in(engine)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def config(
    patience: timedelta = PATIENCE, look: Callable[[str | None], None] | None = None
) -> Config:
    """Return what Alembic needs to know, wherever the package lies.

    Who looks is told where the schema stands when no other migration can change that.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes.update(patience=patience, look=look)
    return config


def _is_known(revision: str) -> bool:
    """Tell whether this code has a migration of that name."""
    return revision in _revisions()


def _revisions() -> list[str]:
    scripts = ScriptDirectory.from_config(config()).walk_revisions()
    return [script.revision for script in scripts]


def _way_back(at: str | None) -> list[str]:
    """Return a revision and all before it; none if this code does not know it."""
    if at is None:
        return [BASE]
    if not _is_known(at):
        return []
    scripts = ScriptDirectory.from_config(config()).iterate_revisions(at, BASE)
    return [*(script.revision for script in scripts), BASE]
