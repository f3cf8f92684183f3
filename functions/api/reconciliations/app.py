"""/api/v1/ops/reconciliations: where Stripe's books and ours do not agree."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import OwnerOrStaff, Staff
from vixenbliss.api.dependencies import Database, Page
from vixenbliss.api.responses import problems
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.reconciliations import (
    ReconciliationBegun,
    ReconciliationRead,
    ReconciliationRun,
)
from vixenbliss.services.reconciliations import ReconciliationService
from vixenbliss.settings import settings

app = create_app("Reconciliations", needs=(settings().database, settings().jwt_secret))

REFUSED = problems(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


async def _reconciliations(database: Database) -> ReconciliationService:
    return ReconciliationService(database)


Reconciliations = Annotated[ReconciliationService, Depends(_reconciliations)]


@app.get(
    "/api/v1/ops/reconciliations",
    responses=REFUSED | problems(HTTPStatus.NOT_FOUND),
    tags=["operations"],
)
async def list_reconciliations(
    caller: OwnerOrStaff, reconciliations: Reconciliations, page: Page
) -> Listing[ReconciliationRead]:
    """List what was compared, newest first; owners see their own differences."""
    return await reconciliations.list(caller, page)


@app.post(
    "/api/v1/ops/reconciliations/run",
    status_code=HTTPStatus.ACCEPTED,
    responses=REFUSED | problems(HTTPStatus.CONFLICT),
    tags=["operations"],
)
async def run_reconciliation(
    body: ReconciliationRun, caller: Staff, reconciliations: Reconciliations
) -> ReconciliationBegun:
    """Begin to reconcile a day; for the platform's staff."""
    return await reconciliations.run(caller, body.day)


handler = lambda_handler(app)
