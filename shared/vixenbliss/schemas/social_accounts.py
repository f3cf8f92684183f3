"""Social accounts, as the outside sees them. No token is ever among it."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from vixenbliss.models.social_accounts import AccountStatus, Platform
from vixenbliss.schemas.base import TIME_OF_DAY, UNSENT, VISIBLE, Flag, Input, Output

MAX_CODE = 2_048
MAX_STATE = 128
MAX_WORD = 200

MAX_POSTING_TIMES = 24


def _sorted(times: list[str]) -> list[str]:
    if len(set(times)) < len(times):
        message = "names a time twice"
        raise ValueError(message)
    return sorted(times)


TimeOfDay = Annotated[str, Field(pattern=TIME_OF_DAY)]
PostingTimes = Annotated[
    list[TimeOfDay],
    Field(min_length=1, max_length=MAX_POSTING_TIMES),
    AfterValidator(_sorted),
]
"""Times of day by the workspace's clock, at which posts are free to appear."""
ReturnUrl = Annotated[str, Field(min_length=1, max_length=512, pattern=VISIBLE)]


class AccountConnect(Input):
    """The wish to publish to an account, by somebody who may give its consent."""

    avatar_id: UUID | None = None
    """The avatar that the account speaks for."""
    return_url: ReturnUrl
    """Where the browser goes in the end, with ``account_id`` or ``error``."""
    consent: Literal[True]
    """That the account's owner wants this."""


class AccountOffer(Output):
    """Where the account's owner says yes, and until when."""

    authorization_url: str
    expires_at: datetime


class AccountUpdate(Input):
    """What may change about an account; what is left out stays, null empties."""

    avatar_id: UUID | None = UNSENT
    disabled: Flag = UNSENT
    posting_times: PostingTimes = UNSENT


class AccountRead(Output):
    """A social account."""

    id: UUID
    platform: Platform
    platform_user_id: str
    username: str
    avatar_id: UUID | None
    scopes: list[str]
    status: AccountStatus
    posting_times: list[str]
    token_expires_at: datetime | None
    """When we can do nothing any more, unless the token is refreshed before."""
    refreshed_at: datetime | None
    rate_limited_until: datetime | None
    last_error: str | None
    """Why the token could not be refreshed when that was tried last."""
    consented_by: int
    consented_at: datetime
    version: int
    created_at: datetime
    updated_at: datetime


class PlannedDay(Output):
    """How many posts are planned on a day."""

    day: date
    posts: int


class QuotaRead(Output):
    """How many posts the platform takes from the account, by its own word."""

    limit: int
    used: int | None
    """None where the platform counts, and does not tell."""
    resets_at: datetime | None
    """By when all that counts now will count no more; None if nothing does."""
    forecast: list[PlannedDay]


class RefreshAccepted(Output):
    """The token will be refreshed."""

    account_id: UUID
    status: AccountStatus
