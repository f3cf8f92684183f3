"""/api/v1/ops/audit: who did what in a workspace, and whether the trail is whole."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Query

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import OwnerOrStaff
from vixenbliss.api.dependencies import Database, Page
from vixenbliss.api.responses import problems
from vixenbliss.schemas.base import NFC, Listing, line
from vixenbliss.schemas.operations import AuditRead, AuditVerified
from vixenbliss.services.audit import AuditService
from vixenbliss.settings import settings

app = create_app("Audit", needs=(settings().database, settings().jwt_secret))

READS = problems(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


async def _audit(database: Database) -> AuditService:
    return AuditService(database)


Audit = Annotated[AuditService, Depends(_audit)]
Word = Annotated[str, line(at_most=80), NFC, Query()]


@app.get("/api/v1/ops/audit", responses=READS, tags=["operations"])
async def list_audit(
    caller: OwnerOrStaff,
    audit: Audit,
    page: Page,
    actor: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
    action: Word | None = None,
    target: Word | None = None,
) -> Listing[AuditRead]:
    """List the workspace's deeds, newest first."""
    return await audit.list(caller, page, actor=actor, action=action, target=target)


@app.get("/api/v1/ops/audit/verify", responses=READS, tags=["operations"])
async def verify_audit(
    caller: OwnerOrStaff,
    audit: Audit,
    first: Annotated[int, Query(alias="from", ge=1, lt=2**63)] = 1,
    last: Annotated[int | None, Query(alias="to", ge=1, lt=2**63)] = None,
) -> AuditVerified:
    """Walk the workspace's chain of deeds and say where it is first broken."""
    return await audit.verify(caller, first, last)


handler = lambda_handler(app)
