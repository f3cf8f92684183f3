"""/api/v1/ledger: what the books say of a workspace."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Bookkeeper, Owner
from vixenbliss.api.dependencies import Database, Page
from vixenbliss.api.responses import problems
from vixenbliss.schemas.base import Instant, Listing
from vixenbliss.schemas.ledger import (
    Balances,
    CurrencyWish,
    Excerpt,
    PayoutShare,
    StatementRead,
)
from vixenbliss.services.statements import StatementService
from vixenbliss.settings import settings

app = create_app("Ledger", needs=(settings().database, settings().jwt_secret))

READS = problems(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


async def _statements(database: Database) -> StatementService:
    return StatementService(database)


Statements = Annotated[StatementService, Depends(_statements)]


@app.get("/api/v1/ledger/balances", responses=READS, tags=["ledger"])
async def list_balances(
    caller: Bookkeeper, statements: Statements, as_of: Instant | None = None
) -> Balances:
    """Say what is on each account; a debit is positive."""
    return await statements.balances(caller, as_of=as_of)


@app.get("/api/v1/ledger/statement", responses=READS, tags=["ledger"])
async def read_statement(
    caller: Bookkeeper,
    statements: Statements,
    page: Page,
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
    avatar_id: UUID | None = None,
    currency: CurrencyWish | None = None,
) -> StatementRead:
    """Return the books of a stretch of time, or of one avatar in it."""
    wanted = Excerpt(since=since, until=until, avatar_id=avatar_id, currency=currency)
    return await statements.statement(caller, page, wanted)


@app.get("/api/v1/ledger/payouts", responses=READS, tags=["ledger"])
async def list_payouts(
    caller: Owner, statements: Statements, page: Page
) -> Listing[PayoutShare]:
    """List the payouts to the bank, with the workspace's part of each."""
    return await statements.payouts(caller, page)


handler = lambda_handler(app)
