"""/api/v1/social/accounts: the accounts at platforms that content is published to."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Editor, Owner, allow
from vixenbliss.api.dependencies import Database, Page
from vixenbliss.api.responses import ASKS_OTHERS, READS_BY_KEY, WRITES
from vixenbliss.callers import ANY_ROLE, Caller, Scope
from vixenbliss.models.social_accounts import AccountStatus, Platform
from vixenbliss.providers.kms import KeyWrapper
from vixenbliss.providers.platforms import platforms
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.social_accounts import (
    AccountRead,
    AccountUpdate,
    QuotaRead,
    RefreshAccepted,
)
from vixenbliss.services.social_accounts import (
    DisconnectingService,
    QuotaService,
    SocialAccountService,
)
from vixenbliss.services.token_keeping import TokenKeeper
from vixenbliss.services.token_vault import TokenVault
from vixenbliss.settings import settings

app = create_app("Social accounts", needs=(settings().database, settings().jwt_secret))


async def _accounts(database: Database) -> SocialAccountService:
    return SocialAccountService(database)


async def _disconnecting() -> DisconnectingService:
    return DisconnectingService(platforms(settings()), TokenVault(KeyWrapper()))


async def _quotas() -> QuotaService:
    ours = platforms(settings())
    return QuotaService(ours, TokenKeeper(ours, TokenVault(KeyWrapper())))


Accounts = Annotated[SocialAccountService, Depends(_accounts)]
# These ask others, so they open their transactions themselves, before and after.
Disconnecting = Annotated[DisconnectingService, Depends(_disconnecting)]
Quotas = Annotated[QuotaService, Depends(_quotas)]
Reader = Annotated[Caller, Depends(allow(*ANY_ROLE, key=Scope.POSTS_READ))]


@app.get("/api/v1/social/accounts", responses=READS_BY_KEY, tags=["social"])
async def list_accounts(
    caller: Reader,
    accounts: Accounts,
    page: Page,
    platform: Platform | None = None,
    status: AccountStatus | None = None,
) -> Listing[AccountRead]:
    """List the accounts, newest first."""
    return await accounts.list(caller, page, platform=platform, status=status)


@app.get(
    "/api/v1/social/accounts/{account_id}", responses=READS_BY_KEY, tags=["social"]
)
async def read_account(
    account_id: UUID, caller: Reader, accounts: Accounts
) -> AccountRead:
    """Return an account."""
    return await accounts.get(caller, account_id)


@app.patch("/api/v1/social/accounts/{account_id}", responses=WRITES, tags=["social"])
async def change_account(
    account_id: UUID, body: AccountUpdate, caller: Editor, accounts: Accounts
) -> AccountRead:
    """Give an account to another avatar, switch it off, or on again."""
    return await accounts.update(caller, account_id, body)


@app.get(
    "/api/v1/social/accounts/{account_id}/quota",
    responses=ASKS_OTHERS,
    tags=["social"],
)
async def read_quota(account_id: UUID, caller: Reader, quotas: Quotas) -> QuotaRead:
    """Return how much may still be posted, as the platform tells it now."""
    return await quotas.read(caller, account_id)


@app.post(
    "/api/v1/social/accounts/{account_id}/refresh",
    status_code=HTTPStatus.ACCEPTED,
    responses=WRITES,
    tags=["social"],
)
async def refresh_account(
    account_id: UUID, caller: Editor, accounts: Accounts
) -> RefreshAccepted:
    """Have the account's token refreshed, ahead of its time."""
    return await accounts.ask_for_refresh(caller, account_id)


@app.delete(
    "/api/v1/social/accounts/{account_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=WRITES,
    tags=["social"],
)
async def disconnect_account(
    account_id: UUID, caller: Owner, disconnecting: Disconnecting
) -> None:
    """Disconnect the account; its tokens are erased."""
    await disconnecting.disconnect(caller, account_id)


handler = lambda_handler(app)
