"""How often posts are seen: asked of their platforms, and kept by the day.

What a platform does not tell leaves a gap, and never a zero; why it is there is kept
with the account. Reading has no effect, so a worker that dies is followed by another
that reads again, and a second delivery finds nothing due.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from vixenbliss.clock import now
from vixenbliss.database import Connection, reading, transaction
from vixenbliss.deadline import time_left_s
from vixenbliss.errors import (
    InvalidStateError,
    LeaseLostError,
    ProviderError,
    ProviderRefusedError,
    ReauthenticationNeededError,
    SocialAccountNotFoundError,
    VixenBlissError,
)
from vixenbliss.jobs.messages import Queue
from vixenbliss.log import log
from vixenbliss.models.analytics import Numbers
from vixenbliss.providers.insights import Insights, Subject
from vixenbliss.providers.meters import SCOPES, insights_of
from vixenbliss.repositories.dead_letters import Burial, DeadLetterRepository
from vixenbliss.repositories.measurements import (
    ClaimedAccount,
    DuePost,
    MeasurementRepository,
)
from vixenbliss.services.reading_times import READ_FOR, next_reading
from vixenbliss.services.token_keeping import TokenKeeper
from vixenbliss.settings import Settings

UNKNOWN_ROW_WAIT_S = 60
MAX_TRIES = 3
POSTS = 100
"""How many of an account's posts are read in one go."""
ONE_CALL_S = 10
"""With less time left, somebody else goes on."""
REST = timedelta(minutes=10)
"""How long an account is left alone whose platform takes no more calls."""
MISSING_SCOPE = "MISSING_SCOPE"
NEEDS_REAUTH = "NEEDS_REAUTH"
CLOSED = "ACCOUNT_CLOSED"
NOT_TOLD = "NOT_TOLD"


@dataclass(slots=True)
class _Round:
    """What was asked, what was told, and why something was not."""

    asked: list[DuePost] = field(default_factory=list)
    told: dict[UUID, Numbers] = field(default_factory=dict)
    refusal: str = ""
    trouble: ProviderError | None = None
    """Why it was not asked further."""
    is_for_now: bool = False
    """Whether that is about too many calls, and no failure."""

    @property
    def gap_code(self) -> str | None:
        """Why nothing was told, if so."""
        if self.told or not self.asked:
            return None
        return (self.refusal or NOT_TOLD)[:60]


class Measuring:
    """Reads the numbers of accounts' posts."""

    def __init__(self, settings: Settings, keeper: TokenKeeper) -> None:
        self._settings = settings
        self._lease = timedelta(seconds=settings.lease_s)
        self._keeper = keeper

    async def measure(self, ids: Sequence[UUID]) -> dict[UUID, float]:
        """Read accounts' posts; return those to be delivered again.

        One that somebody else is reading is left to them.
        """
        async with transaction() as connection:
            accounts = MeasurementRepository(connection)
            known = await accounts.known(ids)
            claimed = [await accounts.claim(one, lease=self._lease) for one in known]
            for account in filter(None, claimed):
                await accounts.forget_gone(account.account_id, read_for=READ_FOR)
        for account in filter(None, claimed):
            with suppress(LeaseLostError):  # whoever has it now reads it, too
                await self._measure(account)
        return dict.fromkeys(set(ids) - known, UNKNOWN_ROW_WAIT_S)

    async def _measure(self, account: ClaimedAccount) -> None:
        async with reading() as connection:
            due = await MeasurementRepository(connection).due(
                account.account_id, read_for=READ_FOR, limit=POSTS
            )
        found = await self._read(account, due)
        async with transaction() as connection:
            accounts = MeasurementRepository(connection)
            await accounts.hold(account)
            await accounts.keep({id_: asdict(it) for id_, it in found.told.items()})
            await accounts.put_next(_next(found.asked))
            await self._let_go(connection, account, found, due)
        log.info(
            "numbers read",
            account_id=str(account.account_id),
            asked=len(found.asked),
            told=len(found.told),
        )

    async def _read(self, account: ClaimedAccount, due: list[DuePost]) -> _Round:
        if account.scopes and SCOPES[account.platform] not in account.scopes:
            return _Round(asked=due, refusal=MISSING_SCOPE)
        try:
            access = await self._keeper.access_for(account.account_id)
        except ReauthenticationNeededError:
            return _Round(asked=due, refusal=NEEDS_REAUTH)
        except (InvalidStateError, SocialAccountNotFoundError):
            return _Round(asked=due, refusal=CLOSED)
        except ProviderError as error:
            return _Round(trouble=error)
        insights = insights_of(account.platform, self._settings, access=access)
        found = await _ask(insights, due)
        if found.trouble and insights.is_of_token(found.trouble):
            await self._try_token(account)
        return found

    async def _try_token(self, account: ClaimedAccount) -> None:
        """Find out by a refresh whether a refused token means the grant's end."""
        try:
            await self._keeper.refresh(account.account_id)
        except VixenBlissError as error:
            log.warning("token not refreshed", code=error.code)

    async def _let_go(
        self,
        connection: Connection,
        account: ClaimedAccount,
        found: _Round,
        due: list[DuePost],
    ) -> None:
        accounts = MeasurementRepository(connection)
        if found.trouble is None:
            if len(found.asked) < len(due) or len(due) == POSTS:
                await accounts.let_go(account, check_in=timedelta(0))
            else:
                await _end(accounts, account, found.gap_code)
        elif found.is_for_now:
            await accounts.let_go(account, check_in=_rest(found.trouble))
        elif account.attempts + 1 < MAX_TRIES:
            await accounts.let_go(account, check_in=self._pause(account), tries=1)
        else:
            await accounts.put_next(_next(due))
            await _fail(connection, account, found.trouble)

    def _pause(self, account: ClaimedAccount) -> timedelta:
        pauses_s = self._settings.retry_delays_s
        return timedelta(seconds=pauses_s[min(account.attempts, len(pauses_s) - 1)])


async def _ask(insights: Insights, due: Sequence[DuePost]) -> _Round:
    """Ask for posts, until there is trouble, or the time is up.

    A refusal that is about these posts is no reason not to ask for the others.
    """
    found = _Round()
    for posts in _parts(due, insights.at_once):
        if time_left_s() < ONE_CALL_S:
            break
        try:
            found.told |= await _told(insights, posts)
        except ProviderError as error:
            is_of_posts = isinstance(error, ProviderRefusedError) and not (
                insights.is_of_token(error) or insights.must_wait(error)
            )
            if not is_of_posts:
                found.trouble = error
                found.is_for_now = insights.must_wait(error)
                break
            found.refusal = error.their_code or error.code
        found.asked += posts
    return found


async def _told(insights: Insights, posts: Sequence[DuePost]) -> dict[UUID, Numbers]:
    subjects = [Subject(post.platform_post_id, post.format) for post in posts]
    told = await insights.read(subjects)
    return {
        post.id: told[post.platform_post_id]
        for post in posts
        if post.platform_post_id in told
    }


def _parts(posts: Sequence[DuePost], size: int) -> Iterator[Sequence[DuePost]]:
    for start in range(0, len(posts), size):
        yield posts[start : start + size]


def _next(posts: Sequence[DuePost]) -> dict[UUID, datetime | None]:
    at = now()
    return {
        post.id: next_reading(post.published_at, post.format, at=at) for post in posts
    }


def _rest(error: ProviderError) -> timedelta:
    seconds = error.retry_after_s
    return timedelta(seconds=seconds) if seconds else REST


async def _end(
    accounts: MeasurementRepository, account: ClaimedAccount, gap_code: str | None
) -> None:
    await accounts.end(account, gap_code=gap_code)
    if gap_code:
        log.warning(
            "numbers missing", account_id=str(account.account_id), code=gap_code
        )


async def _fail(
    connection: Connection, account: ClaimedAccount, error: ProviderError
) -> None:
    """Give a round up, with a dead letter that says why; the next one is to come."""
    code = error.their_code or error.code
    await _end(MeasurementRepository(connection), account, code[:60])
    await DeadLetterRepository(connection).add(
        Burial(
            queue=Queue.MEASURE,
            dedupe_key=f"{account.account_id}-{account.lease_token}",
            code=error.code,
            reason=": ".join(filter(None, (error.reason, error.words))),
            subject_id=account.account_id,
            workspace_id=account.workspace_id,
        )
    )
