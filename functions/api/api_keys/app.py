"""/api/v1/api-keys: what the programs of a workspace's owners sign in with."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Owner
from vixenbliss.api.dependencies import Database, Page, locate
from vixenbliss.api.responses import READS, WRITES, problems
from vixenbliss.schemas.api_keys import ApiKeyCreate, ApiKeyRead, ApiKeyTold
from vixenbliss.schemas.base import Listing
from vixenbliss.services.api_keys import ApiKeyService
from vixenbliss.settings import settings

ALL = "/api/v1/api-keys"
app = create_app("API keys", needs=(settings().database, settings().jwt_secret))


async def _keys(database: Database) -> ApiKeyService:
    return ApiKeyService(database)


Keys = Annotated[ApiKeyService, Depends(_keys)]


@app.post(ALL, status_code=HTTPStatus.CREATED, responses=WRITES, tags=["workspaces"])
async def create_api_key(
    body: ApiKeyCreate, caller: Owner, keys: Keys, response: Response
) -> ApiKeyTold:
    """Make a key for a program; it is told once."""
    key = await keys.create(caller, body)
    locate(response, f"{ALL}/{key.id}")
    return key


@app.get(ALL, responses=READS | problems(HTTPStatus.FORBIDDEN), tags=["workspaces"])
async def list_api_keys(caller: Owner, keys: Keys, page: Page) -> Listing[ApiKeyRead]:
    """List the keys, the newest first; what opens anything is not told again."""
    return await keys.list(caller, page)


@app.post("/api/v1/api-keys/{key_id}/rotate", responses=WRITES, tags=["workspaces"])
async def rotate_api_key(key_id: UUID, caller: Owner, keys: Keys) -> ApiKeyTold:
    """Give a key another secret, told once; the one before is dead at once."""
    return await keys.rotate(caller, key_id)


@app.delete(
    "/api/v1/api-keys/{key_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=WRITES,
    tags=["workspaces"],
)
async def revoke_api_key(key_id: UUID, caller: Owner, keys: Keys) -> None:
    """Revoke a key; nobody gets in with it any more."""
    await keys.revoke(caller, key_id)


handler = lambda_handler(app)
