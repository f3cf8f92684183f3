"""How often somebody may try what can be guessed, or costs others something.

Counted in the database, so that all containers count together, and in transactions of
their own, so that a refusal does not undo the count.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from vixenbliss.database import transaction
from vixenbliss.errors import TooManyRequestsError
from vixenbliss.repositories.rate_limits import RateLimitRepository
from vixenbliss.settings import Settings

_QUARTER = timedelta(minutes=15)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """So many tries in a window that begins with the first one."""

    name: str
    most: int
    window: timedelta = _QUARTER


SIGN_INS = Rule("sign-in", 5)
"""Of an account, known or not, by password: at whichever door, right or wrong."""

PASSWORDS = Rule("password", 5)
"""Of a signed-in user who is asked for their password once more."""

LETTERS = Rule("letters", 3, _HOUR)
"""That an address is sent, whoever asks for them."""

NEW_ADDRESSES = Rule("change-email", 3, _HOUR)
"""That a user has only typed, and that get a letter."""


INVITATIONS = Rule("invite", 50, _HOUR)
"""Of an owner, to addresses that may be anybody's."""


def sign_ins_from_there(settings: Settings) -> Rule:
    """Return how often somebody may sign in from one place, to whatever account."""
    return Rule("sign-in-from", settings.login_tries_per_address)


def sign_ups_from_there(settings: Settings) -> Rule:
    """Return how many may sign up from one place."""
    return Rule("sign-up-from", settings.sign_ups_per_address, _HOUR)


def letters_from_there(settings: Settings) -> Rule:
    """Return how many letters may be asked for from one place, to whatever address."""
    return Rule("letters-from", settings.sign_ups_per_address, _HOUR)


def tokens_from_there(settings: Settings) -> Rule:
    """Return how often tokens that were sent by mail may be tried from one place."""
    return Rule("token-from", settings.login_tries_per_address)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a rule for somebody."""

    limit: int
    remaining: int
    reset_s: float


type Count = Callable[[Rule, str], Awaitable[None]]
"""How a door has a try counted, so that its answer tells what is left."""


async def count(rule: Rule, who: str) -> Allowance:
    """Count a try of somebody's; ``who`` is kept as a hash only.

    Raises:
        TooManyRequestsError: there were too many before.
    """
    async with transaction() as connection:
        counted = await RateLimitRepository(connection).count(
            rule.name, who.strip(), rule.window
        )
    if counted.hits > rule.most:
        raise TooManyRequestsError(counted.left_s)
    return Allowance(rule.most, rule.most - counted.hits, counted.left_s)
