"""What a test may ask of the platform, or do to it, under ``/control/instagram``."""

import json
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.stack.providers.audience import Told
from tests.stack.providers.guests import Door, body_of
from tests.stack.providers.instagram.accounts import (
    PERMISSIONS,
    REMOVED,
    Account,
    Token,
)
from tests.stack.providers.instagram.containers import LIFE
from tests.stack.providers.instagram.engine import Instagram
from tests.stack.providers.instagram.news import News
from tests.stack.providers.instagram.settings import InstagramSettings, Quotas, Standing


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AccountOrder(_Order):
    """How an account shall be; what is not named stays."""

    username: str
    account_type: str | None = None
    standing: Standing | None = None
    quotas: Quotas | None = None
    followers_count: int | None = Field(default=None, ge=0)
    subscribed: tuple[str, ...] | None = None


class TokenOrder(_Order):
    """A token for an account, past the login page."""

    username: str
    permissions: tuple[str, ...] = PERMISSIONS
    is_long: bool = True
    age_s: float = Field(default=0, ge=0)


class TokenEnd(_Order):
    """Which tokens shall end: one, an account's, or all."""

    username: str | None = None
    token: str | None = None
    subcode: int = REMOVED
    """Why, if they are revoked: 458, 459, 460, 464, 467."""

    def fits(self, token: Token) -> bool:
        """Whether the token is meant."""
        is_its = self.username in {None, token.account.username}
        return is_its and self.token in {None, token.value}


class ContainerEnd(_Order):
    """Which container shall be a day old: one, or all."""

    id: str | None = None


class Doors:
    """The doors."""

    def __init__(self, instagram: Instagram) -> None:
        self._instagram = instagram
        self._news = News(instagram)

    def table(self) -> list[Door]:
        """Return methods, paths below ``/control/``, and what they do."""
        return [
            ("GET", "instagram/settings", self.settings),
            ("PUT", "instagram/settings", self.change_settings),
            ("GET", "instagram/accounts", self.accounts),
            ("PUT", "instagram/accounts", self.change_account),
            ("POST", "instagram/tokens", self.give_token),
            ("POST", "instagram/tokens/expire", self.expire_tokens),
            ("POST", "instagram/tokens/revoke", self.revoke_tokens),
            ("GET", "instagram/containers", self.containers),
            ("POST", "instagram/containers/expire", self.expire_containers),
            ("GET", "instagram/posts", self.posts),
            ("POST", "instagram/posts/numbers", self.count),
            *self._news.table(),
        ]

    async def settings(self, request: Request) -> Response:
        """Show the settings."""
        del request
        return JSONResponse(self._instagram.settings.model_dump(mode="json"))

    async def change_settings(self, request: Request) -> Response:
        """Change the settings that are named, and leave the others."""
        changes = await body_of(request)
        settings = self._instagram.settings.model_dump()
        merged = settings | changes if isinstance(changes, dict) else changes
        self._instagram.settings = InstagramSettings.model_validate(merged)
        return await self.settings(request)

    async def accounts(self, request: Request) -> Response:
        """Show all accounts with their tokens."""
        del request
        everybody = self._instagram.accounts.all.values()
        return JSONResponse([self._told(account) for account in everybody])

    async def change_account(self, request: Request) -> Response:
        """Change an account, or make it."""
        order = AccountOrder.model_validate(await body_of(request))
        account = self._instagram.accounts.of(order.username)
        for name, value in order:
            if value is not None:
                setattr(account, name, value)
        return JSONResponse(self._told(account))

    async def give_token(self, request: Request) -> Response:
        """Give a token, as if its owner had logged in some time ago."""
        order = TokenOrder.model_validate(await body_of(request))
        accounts = self._instagram.accounts
        token = accounts.issue(
            accounts.of(order.username),
            order.permissions,
            self._instagram.now() - timedelta(seconds=order.age_s),
            is_long=order.is_long,
        )
        told = {"user_id": token.account.id, "username": order.username}
        return JSONResponse({"access_token": token.value} | told)

    async def expire_tokens(self, request: Request) -> Response:
        """Let tokens come to their end: 190/463."""
        _, tokens = await self._meant(request)
        for token in tokens:
            token.expires_at = self._instagram.now()
        return JSONResponse({"expired": len(tokens)})

    async def revoke_tokens(self, request: Request) -> Response:
        """Make tokens void before their end."""
        order, tokens = await self._meant(request)
        for token in tokens:
            token.void = order.subcode
        return JSONResponse({"revoked": len(tokens)})

    async def containers(self, request: Request) -> Response:
        """Show all containers, oldest first."""
        del request
        now = self._instagram.now()
        kept = self._instagram.containers.values()
        return JSONResponse([container.told(now) for container in kept])

    async def expire_containers(self, request: Request) -> Response:
        """Let containers be a day old."""
        order = ContainerEnd.model_validate(await body_of(request))
        meant = [
            container
            for container in self._instagram.containers.values()
            if order.id in {None, container.id}
        ]
        for container in meant:
            container.created_at = self._instagram.now() - LIFE
        return JSONResponse({"expired": [container.id for container in meant]})

    async def posts(self, request: Request) -> Response:
        """Show all that was ever published, oldest first, deleted posts too."""
        del request
        return JSONResponse([post.told() for post in self._instagram.posts.values()])

    async def count(self, request: Request) -> Response:
        """Say how often a post was seen and answered."""
        said = Told.model_validate(await body_of(request))
        post = self._instagram.posts.get(said.id)
        if post is None:
            raise ValueError("there is no such post")
        post.said = said
        return JSONResponse(said.model_dump())

    async def _meant(self, request: Request) -> tuple[TokenEnd, list[Token]]:
        order = TokenEnd.model_validate(await body_of(request))
        tokens = self._instagram.accounts.tokens.values()
        return order, [token for token in tokens if order.fits(token)]

    def _told(self, account: Account) -> dict[str, object]:
        tokens = self._instagram.accounts.tokens_of(account)
        return {
            "user_id": account.id,
            "id": account.scoped_id,
            "username": account.username,
            "account_type": account.account_type,
            "standing": account.standing.value,
            "quotas": json.loads(account.quotas.model_dump_json()),
            "subscribed": list(account.subscribed),
            "posts_today": self._instagram.posts_today(account),
            "containers_today": self._instagram.containers_today(account),
            "tokens": [_token_told(token) for token in tokens],
        }


def _token_told(token: Token) -> dict[str, object]:
    return {
        "access_token": token.value,
        "permissions": list(token.permissions),
        "issued_at": token.issued_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "is_long": token.is_long,
        "void": token.void,
    }
