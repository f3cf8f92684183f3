"""/api/v1/users/me/export and requests: a copy of all that is known of one."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import SignedIn
from vixenbliss.api.dependencies import locate
from vixenbliss.api.responses import READS, problems
from vixenbliss.providers.s3 import Bucket
from vixenbliss.schemas.privacy import DataRequestRead, ExportRequested
from vixenbliss.services.privacy import PrivacyService
from vixenbliss.settings import settings

app = create_app("Privacy", needs=(settings().database, settings().jwt_secret))


async def _privacy() -> PrivacyService:
    return PrivacyService(Bucket())


Privacy = Annotated[PrivacyService, Depends(_privacy)]


@app.post(
    "/api/v1/users/me/export",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(HTTPStatus.UNAUTHORIZED),
    tags=["privacy"],
)
async def request_export(
    caller: SignedIn, privacy: Privacy, response: Response
) -> ExportRequested:
    """Have a copy made of all that is known of one; a letter says when it is there."""
    requested = await privacy.export(caller)
    locate(response, f"/api/v1/users/me/requests/{requested.request_id}")
    return requested


@app.get("/api/v1/users/me/requests/{request_id}", responses=READS, tags=["privacy"])
async def read_request(
    request_id: UUID, caller: SignedIn, privacy: Privacy
) -> DataRequestRead:
    """Show how far a request has come, and where its copy is, which is kept a week."""
    return await privacy.look_up(caller, request_id)


handler = lambda_handler(app)
