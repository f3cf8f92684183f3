"""/api/v1/provenance/{sha256}: where a file comes from, for anybody who has it."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.dependencies import Database
from vixenbliss.api.responses import problems
from vixenbliss.schemas.assets import ProvenanceRead
from vixenbliss.schemas.base import HEX_SHA256
from vixenbliss.services.provenance import ProvenanceService
from vixenbliss.settings import settings

app = create_app("Provenance", needs=(settings().database,))


async def _provenance(database: Database) -> ProvenanceService:
    return ProvenanceService(database)


Provenance = Annotated[ProvenanceService, Depends(_provenance)]
Hash = Annotated[str, Path(pattern=HEX_SHA256, description="SHA-256, hex")]


@app.get(
    "/api/v1/provenance/{sha256}",
    responses=problems(HTTPStatus.NOT_FOUND),
    tags=["provenance"],
)
async def read_provenance(
    sha256: Hash, provenance: Provenance, response: Response
) -> ProvenanceRead:
    """Return the signed statement about a file with this SHA-256."""
    found = await provenance.find(sha256)
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["ETag"] = f'"{sha256}"'
    return found


handler = lambda_handler(app)
