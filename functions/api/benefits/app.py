"""/api/v1/benefits: what those may open who hold a grant for it."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import AnyMember, Owner
from vixenbliss.api.dependencies import Database, Page, locate, tag
from vixenbliss.api.responses import READS, WRITES
from vixenbliss.models.catalogue import BenefitKind
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.benefits import BenefitCreate, BenefitRead, BenefitUpdate
from vixenbliss.services.benefits import BenefitService
from vixenbliss.settings import settings

app = create_app("Benefits", needs=(settings().database, settings().jwt_secret))


async def _benefits(database: Database) -> BenefitService:
    return BenefitService(database)


Benefits = Annotated[BenefitService, Depends(_benefits)]


@app.post(
    "/api/v1/benefits",
    status_code=HTTPStatus.CREATED,
    responses=WRITES,
    tags=["memberships"],
)
async def create_benefit(
    body: BenefitCreate, caller: Owner, benefits: Benefits, response: Response
) -> BenefitRead:
    """Make something that products may open."""
    benefit = await benefits.create(caller, body)
    locate(response, "/api/v1/benefits")
    tag(response, benefit.version)
    return benefit


@app.get("/api/v1/benefits", responses=READS, tags=["memberships"])
async def list_benefits(
    caller: AnyMember,
    benefits: Benefits,
    page: Page,
    kind: BenefitKind | None = None,
    is_active: bool | None = None,  # noqa: FBT001 - a filter that is named
) -> Listing[BenefitRead]:
    """List the workspace's benefits, newest first."""
    return await benefits.list(caller, page, kind=kind, is_active=is_active)


@app.patch("/api/v1/benefits/{benefit_id}", responses=WRITES, tags=["memberships"])
async def update_benefit(
    benefit_id: UUID,
    body: BenefitUpdate,
    caller: Owner,
    benefits: Benefits,
    response: Response,
) -> BenefitRead:
    """Change a benefit; whoever holds it goes on holding it."""
    benefit = await benefits.update(caller, benefit_id, body)
    tag(response, benefit.version)
    return benefit


handler = lambda_handler(app)
