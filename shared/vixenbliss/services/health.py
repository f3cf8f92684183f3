"""Whether what the functions stand on is there."""

from vixenbliss.database import reading
from vixenbliss.errors import DatabaseError
from vixenbliss.repositories.schema import SchemaRepository
from vixenbliss.schemas.operations import Readiness


async def readiness() -> Readiness:
    """Ask the database for its schema's revision."""
    try:
        async with reading() as connection:
            revision = await SchemaRepository(connection).revision()
    except DatabaseError:
        return Readiness(database="unavailable", migrations=None)
    return Readiness(database="ok", migrations=revision)
