"""/api/v1/me/entitlements: what somebody may open, why, and by whose present."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Owner, SignedIn
from vixenbliss.api.dependencies import Database, Page, locate
from vixenbliss.api.responses import READS, WRITES, problems
from vixenbliss.models.catalogue import BenefitKind
from vixenbliss.schemas.base import Instant, Listing
from vixenbliss.schemas.entitlements import (
    CompCreate,
    CompRevoke,
    Explanation,
    GrantRead,
    Ref,
)
from vixenbliss.services.comps import CompService
from vixenbliss.services.entitlements import EntitlementService
from vixenbliss.settings import settings

app = create_app("Entitlements", needs=(settings().database, settings().jwt_secret))


async def _entitlements(database: Database) -> EntitlementService:
    return EntitlementService(database)


async def _comps(database: Database) -> CompService:
    return CompService(database)


Entitlements = Annotated[EntitlementService, Depends(_entitlements)]
Comps = Annotated[CompService, Depends(_comps)]


@app.get(
    "/api/v1/me/entitlements",
    responses=problems(HTTPStatus.UNAUTHORIZED),
    tags=["memberships"],
)
async def list_entitlements(
    caller: SignedIn, entitlements: Entitlements, page: Page
) -> Listing[GrantRead]:
    """List what one may open now, by which right and until when, newest first."""
    return await entitlements.list(caller, page)


@app.get("/api/v1/me/entitlements/explain", responses=READS, tags=["memberships"])
async def explain_entitlement(
    caller: SignedIn,
    entitlements: Entitlements,
    kind: BenefitKind,
    ref: Ref,
    workspace_id: UUID | None = None,
    at: Instant | None = None,
) -> Explanation:
    """Say whether one may open something, now or at an instant, and why (not).

    Tiers of several workspaces may have one name; `workspace_id` picks one of them.
    """
    return await entitlements.explain(
        caller, (kind, ref), workspace_id=workspace_id, at=at
    )


@app.post(
    "/api/v1/me/entitlements/comps",
    status_code=HTTPStatus.CREATED,
    responses=WRITES,
    tags=["memberships"],
)
async def give_comp(
    body: CompCreate, caller: Owner, comps: Comps, response: Response
) -> GrantRead:
    """Let somebody open something of the workspace without paying."""
    grant = await comps.give(caller, body)
    locate(response, f"/api/v1/me/entitlements/{grant.id}")
    return grant


@app.delete(
    "/api/v1/me/entitlements/{grant_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=WRITES,
    tags=["memberships"],
)
async def take_comp_back(
    grant_id: UUID, body: CompRevoke, caller: Owner, comps: Comps
) -> None:
    """Take a present back; what was paid for is no present."""
    await comps.take_back(caller, grant_id, reason=body.reason)


handler = lambda_handler(app)
