"""The one query on the schema itself."""

from typing import Any

from sqlalchemy import Select, column, select, table

from vixenbliss.database import Connection

_REVISION: Select[*tuple[Any, ...]] = select(column("version_num")).select_from(
    table("alembic_version")
)


class SchemaRepository:
    """Where the schema stands; global."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def revision(self) -> str | None:
        """Return the newest migration that has run, or None.

        Raises:
            DatabaseError: the database cannot say, perhaps because none has.
        """
        row = await self._connection.one(_REVISION)
        return row["version_num"] if row else None
