"""Accounts, the codes of the login page, and the tokens that open them.

An account has two ids: ``user_id`` (17841…), by which calls and webhooks name it, and
``id``, which only this app knows it by and which the token answer and signed requests
carry. Lifetimes: Business login for Instagram.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.stack.providers.dice import Dice
from tests.stack.providers.instagram import errors
from tests.stack.providers.instagram.errors import Problem
from tests.stack.providers.instagram.settings import Quotas, Standing

BASIC = "instagram_business_basic"
PUBLISH = "instagram_business_content_publish"
COMMENTS = "instagram_business_manage_comments"
MESSAGES = "instagram_business_manage_messages"
INSIGHTS = "instagram_business_manage_insights"
PERMISSIONS = (BASIC, PUBLISH, COMMENTS, MESSAGES, INSIGHTS)

CODE_LIFE = timedelta(hours=1)
SHORT_LIFE = timedelta(hours=1)
LONG_LIFE = timedelta(seconds=5_183_944)
REFRESHABLE_AFTER = timedelta(hours=24)
REMOVED = 458


@dataclass
class Account:
    """A professional account."""

    username: str
    account_type: str = "MEDIA_CREATOR"
    followers_count: int = 1204
    standing: Standing = Standing.GOOD
    quotas: Quotas = field(default_factory=Quotas)
    subscribed: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id that calls and webhooks use; equal for equal names."""
        return f"178414{self._digits(11)}"

    @property
    def scoped_id(self) -> str:
        """The id that only this app knows the account by."""
        return f"27{self._digits(15)}"

    @property
    def name(self) -> str:
        """The name that is shown."""
        return self.username.replace(".", " ").title()

    def _digits(self, count: int) -> str:
        dice = Dice("instagram", self.username, count)
        return "".join(str(dice.whole(0, 9)) for _ in range(count))


@dataclass
class Token:
    """What opens an account for the app."""

    account: Account
    permissions: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    is_long: bool
    void: int | None = None
    """The subcode that tells why it opens nothing any more."""
    value: str = field(default_factory=lambda: f"IGAA{secrets.token_hex(40)}")

    def problem(self, now: datetime) -> Problem | None:
        """Return why the token opens nothing, if so."""
        if self.void is not None:
            return errors.dead_token(self.void)
        return errors.EXPIRED_TOKEN if now >= self.expires_at else None


@dataclass
class Code:
    """What the login page sends back with the browser; it works once."""

    account: Account
    permissions: tuple[str, ...]
    redirect_uri: str
    expires_at: datetime
    used: bool = False
    value: str = field(default_factory=lambda: f"AQ{secrets.token_urlsafe(60)}")


class Accounts:
    """All accounts, codes and tokens."""

    def __init__(self) -> None:
        self.all: dict[str, Account] = {}
        self.tokens: dict[str, Token] = {}
        self.codes: dict[str, Code] = {}

    def of(self, username: str) -> Account:
        """Return the account of that name, new if nobody has it yet."""
        return self.all.setdefault(username, Account(username))

    def tokens_of(self, account: Account) -> list[Token]:
        """Return every token the account ever gave."""
        return [token for token in self.tokens.values() if token.account is account]

    def admit(
        self,
        account: Account,
        permissions: tuple[str, ...],
        now: datetime,
        *,
        redirect_uri: str,
    ) -> Code:
        """Return a new code for an account whose owner has agreed."""
        code = Code(account, permissions, redirect_uri, now + CODE_LIFE)
        self.codes[code.value] = code
        return code

    def issue(
        self,
        account: Account,
        permissions: tuple[str, ...],
        now: datetime,
        *,
        is_long: bool,
    ) -> Token:
        """Return a new token; those given before stay what they are."""
        life = LONG_LIFE if is_long else SHORT_LIFE
        token = Token(account, permissions, now, now + life, is_long)
        self.tokens[token.value] = token
        return token

    def bearer(self, value: str | None, now: datetime) -> Token:
        """Return the token of that value.

        Raises:
            RefusedError: It is missing, unknown, void or expired.
        """
        problem = self.problem(value, now)
        if problem is not None or value is None:
            raise (problem or errors.NO_TOKEN).error()
        return self.tokens[value]

    def problem(self, value: str | None, now: datetime) -> Problem | None:
        """Return why a token's value opens nothing, if so."""
        if value is None:
            return errors.NO_TOKEN
        token = self.tokens.get(value)
        return errors.MALFORMED_TOKEN if token is None else token.problem(now)

    def forget(self) -> None:
        """Be as new."""
        self.all.clear()
        self.tokens.clear()
        self.codes.clear()
