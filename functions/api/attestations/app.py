"""/api/v1/avatars/{id}/attestations: on whose word a likeness is shown."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import AnyMember, Owner
from vixenbliss.api.dependencies import Database, locate
from vixenbliss.api.responses import READS, WRITES, problems
from vixenbliss.schemas.avatars import (
    AttestationCreate,
    AttestationList,
    AttestationRead,
    AttestationRevoke,
    AttestationRevoked,
)
from vixenbliss.services.attestations import AttestationService
from vixenbliss.settings import settings

app = create_app("Attestations", needs=(settings().database, settings().jwt_secret))


async def _attestations(database: Database) -> AttestationService:
    return AttestationService(database)


Attestations = Annotated[AttestationService, Depends(_attestations)]


@app.get("/api/v1/avatars/{avatar_id}/attestations", responses=READS, tags=["avatars"])
async def list_attestations(
    avatar_id: UUID, caller: AnyMember, attestations: Attestations
) -> AttestationList:
    """List an avatar's attestations, newest first."""
    return AttestationList(items=await attestations.list(caller, avatar_id))


@app.post(
    "/api/v1/avatars/{avatar_id}/attestations",
    status_code=HTTPStatus.CREATED,
    responses=WRITES,
    tags=["avatars"],
)
async def attest(
    avatar_id: UUID,
    body: AttestationCreate,
    caller: Owner,
    attestations: Attestations,
    response: Response,
) -> AttestationRead:
    """Give one's word that the likeness may be used; consent wants its evidence."""
    given = await attestations.add(caller, avatar_id, body)
    locate(response, f"/api/v1/avatars/{avatar_id}/attestations")
    return given


@app.delete(
    "/api/v1/avatars/{avatar_id}/attestations/{attestation_id}",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(
        HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND
    ),
    tags=["avatars"],
)
async def revoke_attestation(
    avatar_id: UUID,
    attestation_id: UUID,
    body: AttestationRevoke,
    caller: Owner,
    attestations: Attestations,
) -> AttestationRevoked:
    """Take the word back: an active avatar pauses at once, its posts are recalled."""
    return await attestations.revoke(
        caller, avatar_id, attestation_id, reason=body.reason
    )


handler = lambda_handler(app)
