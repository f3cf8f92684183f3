"""/api/v1/disputes: payments that payers take back, and what is said to their banks."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Owner
from vixenbliss.api.dependencies import Database, Page
from vixenbliss.api.responses import READS, WRITES, problems
from vixenbliss.models.disputes import DisputeStatus
from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_payments import StripePayments
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.disputes import (
    DisputeRead,
    DisputeWithEvidence,
    EvidenceCreate,
)
from vixenbliss.services.contesting import ContestingService
from vixenbliss.services.disputes import DisputeService
from vixenbliss.settings import settings

app = create_app("Disputes", needs=(settings().database, settings().jwt_secret))

OWNERS = READS | problems(HTTPStatus.FORBIDDEN)


async def _disputes(database: Database) -> DisputeService:
    return DisputeService(database)


async def _contesting() -> ContestingService:
    return ContestingService(StripePayments(Stripe(settings())))


Disputes = Annotated[DisputeService, Depends(_disputes)]
# It tells Stripe, so it opens its transactions itself, before and after.
Contesting = Annotated[ContestingService, Depends(_contesting)]


@app.get("/api/v1/disputes", responses=OWNERS, tags=["disputes"])
async def list_disputes(
    caller: Owner,
    disputes: Disputes,
    page: Page,
    status: DisputeStatus | None = None,
) -> Listing[DisputeRead]:
    """List the workspace's disputes, with the time until which each can be answered."""
    return await disputes.list(caller, page, status=status)


@app.get("/api/v1/disputes/{dispute_id}", responses=OWNERS, tags=["disputes"])
async def read_dispute(
    dispute_id: UUID, caller: Owner, disputes: Disputes
) -> DisputeWithEvidence:
    """Return a dispute with all that our records say of it."""
    return await disputes.get(caller, dispute_id)


@app.post(
    "/api/v1/disputes/{dispute_id}/evidence",
    status_code=HTTPStatus.ACCEPTED,
    responses=WRITES | problems(HTTPStatus.BAD_GATEWAY),
    tags=["disputes"],
)
async def contest_dispute(
    dispute_id: UUID, body: EvidenceCreate, caller: Owner, contesting: Contesting
) -> DisputeRead:
    """Lay evidence down at Stripe, and have it sent to the bank if so wished."""
    return await contesting.contest(caller, dispute_id, body)


handler = lambda_handler(app)
