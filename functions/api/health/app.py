"""/, /health, /openapi.json, and every path that nobody else answers."""

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path

from fastapi import Response

from vixenbliss.api.app import PROJECT, VERSION, create_app, lambda_handler
from vixenbliss.api.responses import problems
from vixenbliss.clock import timestamp
from vixenbliss.schemas.operations import Health, Home, Readiness
from vixenbliss.services.health import readiness

app = create_app("Health")

OPENAPI = Path(__file__).with_name("openapi.json")


@app.get("/", responses=problems(), tags=["health"])
async def read_home() -> Home:
    """Say what this is."""
    return Home(message="The API answers.", project=PROJECT, version=VERSION)


@app.get("/health", responses=problems(), tags=["health"])
async def read_health() -> Health:
    """Say that the function runs."""
    return Health(service="vixenbliss", version=VERSION, timestamp=timestamp())


@app.get(
    "/health/ready",
    responses={503: {"model": Readiness, "description": "The database is away"}},
    tags=["health"],
)
async def read_readiness(response: Response) -> Readiness:
    """Say whether the database answers, and which schema it has."""
    ready = await readiness()
    if ready.database != "ok":
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return ready


@app.get("/openapi.json", include_in_schema=False)
async def read_openapi() -> Response:
    """Return the contract of the whole API."""
    text, etag = _contract()
    headers = {"ETag": etag, "Cache-Control": "public, max-age=60"}
    return Response(text, media_type="application/json", headers=headers)


@cache
def _contract() -> tuple[bytes, str]:
    text = OPENAPI.read_bytes()
    return text, f'"{hashlib.sha256(text).hexdigest()[:32]}"'


handler = lambda_handler(app)
