"""Instagram: professional accounts, through the API with Instagram Login.

https://developers.facebook.com/docs/instagram-platform. Errors are told by code and
subcode, mostly under HTTP 400; ``their_code`` is both, as in ``190/463``.
"""

from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from vixenbliss.credentials import Credential
from vixenbliss.errors import (
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from vixenbliss.providers.http import HttpProvider
from vixenbliss.providers.oauth import Grant, Quota, Tokens, lasting
from vixenbliss.settings import Settings

VERSION = "v26.0"  # of 29 July 2026; calls about tokens have none
SCOPES = ("instagram_business_basic", "instagram_business_content_publish")
WELCOME_SCOPES = (
    "instagram_business_manage_comments",
    "instagram_business_manage_messages",
    "instagram_business_manage_insights",
)
"""Without which nothing comes into the inbox, and no numbers; posts need none."""
TOLD = "comments,messages"
"""What an account's updates are about; mentions come as comments (Webhooks)."""
DEAD_TOKEN = ("190", "102")  # Error codes: the access token or the session is over
Id = Annotated[str, BeforeValidator(str), Field(min_length=1, max_length=120)]
"""Told as a number here and as text there."""


def _listed(permissions: object) -> object:
    """Return what was granted as a list; some answers have it in one text."""
    if isinstance(permissions, str):
        return [name for name in permissions.split(",") if name]
    return permissions


class _Short(BaseModel):
    """A token of an hour; documented inside of ``data``, and seen without."""

    access_token: str = Field(min_length=1)
    user_id: Id
    permissions: Annotated[list[str], BeforeValidator(_listed)] = Field(
        default_factory=list
    )

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, answer: Any) -> Any:  # noqa: ANN401 - JSON as it comes
        match answer:
            case {"data": [inner]}:
                return inner
        return answer


class _Long(BaseModel):
    access_token: str = Field(min_length=1)
    expires_in: int = Field(gt=0)

    @property
    def tokens(self) -> Tokens:
        """The token, which is also what refreshes it."""
        return Tokens(self.access_token, lasting(self.expires_in))


class _Me(BaseModel):
    user_id: Id
    username: str = Field(min_length=1, max_length=120)


class _Config(BaseModel):
    quota_total: int = Field(ge=0)
    quota_duration: int = Field(gt=0)


class _Limit(BaseModel):
    quota_usage: int = Field(ge=0)
    config: _Config


class _Limits(BaseModel):
    data: list[_Limit]


class _Anything(BaseModel):
    """An answer that is none but that it went well."""


class Instagram:
    """Our app at Instagram."""

    name = "Instagram"
    takes_part_in_pkce = False
    needed_scopes = frozenset(SCOPES)
    refreshed_before_end = timedelta(days=7)

    def __init__(self, settings: Settings) -> None:
        self._base = settings.instagram_graph_base
        self._login = settings.instagram_login_base
        self._consent = settings.instagram_consent_base
        self._app_id = settings.instagram_app_id
        self._secret = settings.instagram_app_secret

    def consent_url(
        self, *, state: str, redirect_uri: str, verifier: str | None
    ) -> str:
        """Return where the account's owner says yes; there is no PKCE here.

        Raises:
            ProviderRefusedError: we have no app there.
        """
        del verifier
        if not self._app_id:
            raise ProviderRefusedError(self.name, "no app is configured")
        query = {
            "client_id": self._app_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": ",".join(SCOPES + WELCOME_SCOPES),
            "state": state,
        }
        return f"{self._consent}/oauth/authorize?{urlencode(query)}"

    async def exchange(
        self, code: str, *, redirect_uri: str, verifier: str | None
    ) -> Grant:
        """Turn a code into a token of 60 days, and find out whose it is.

        Raises:
            ProviderRefusedError: the code is none of ours, spent or too old.
            ProviderUnavailableError: Instagram does not answer.
        """
        del verifier
        login = HttpProvider(self.name, self._login, self._secret, bearer=False)
        short = await login.call(
            "POST",
            "/oauth/access_token",
            _Short,
            form={
                "client_id": self._app_id,
                "client_secret": login.token,
                "grant_type": "authorization_code",
                "redirect_uri": redirect_uri,
                "code": code.removesuffix("#_"),
            },
        )
        tokens = await self._lengthen(short.access_token, login.token)
        me = await self._as(tokens.access).call(
            "GET", f"/{VERSION}/me", _Me, query={"fields": "user_id,username"}
        )
        return Grant(
            tokens=tokens,
            platform_user_id=me.user_id,
            app_user_id=short.user_id,
            username=me.username,
            scopes=tuple(short.permissions),
        )

    async def _lengthen(self, access: str, secret: str) -> Tokens:
        answer = await self._as(access).call(
            "GET",
            "/access_token",
            _Long,
            query={
                "grant_type": "ig_exchange_token",
                "client_secret": secret,
                "access_token": access,
            },
        )
        return answer.tokens

    async def refresh(self, access: str, refresh: str | None) -> Tokens:
        """Return a token that lasts another 60 days; the old one lives out its own.

        Raises:
            ProviderRefusedError: it has ended, or is younger than a day.
            ProviderUnavailableError: Instagram does not answer.
        """
        del refresh
        answer = await self._as(access).call(
            "GET",
            "/refresh_access_token",
            _Long,
            query={"grant_type": "ig_refresh_token", "access_token": access},
        )
        return answer.tokens

    def is_over(self, error: ProviderError) -> bool:
        """Tell whether the token opens nothing any more."""
        return error.their_code.partition("/")[0] in DEAD_TOKEN

    async def subscribe(self, access: str, platform_user_id: str) -> None:
        """Have an account's comments and messages told to our webhook.

        Instagram platform, "Webhooks", "Enable Subscriptions".

        Raises:
            ProviderError: Instagram did not take it.
        """
        await self._as(access).call(
            "POST",
            f"/{VERSION}/{platform_user_id}/subscribed_apps",
            _Anything,
            query={"subscribed_fields": TOLD},
        )

    async def revoke(self, access: str) -> None:
        """Do nothing: only the owner can take a grant back, in their settings."""

    async def quota(self, access: str, platform_user_id: str) -> Quota:
        """Return how many posts of the running day are used up.

        The documents contradict each other about the limit, so it is read.

        Raises:
            ProviderError: Instagram does not tell.
        """
        limits = await self._as(access).call(
            "GET",
            f"/{VERSION}/{platform_user_id}/content_publishing_limit",
            _Limits,
            query={"fields": "config,quota_usage"},
        )
        if not limits.data:
            raise ProviderUnavailableError(self.name, "no limit was told")
        limit = limits.data[0]
        return Quota(
            limit.config.quota_total,
            limit.quota_usage,
            timedelta(seconds=limit.config.quota_duration),
        )

    def _as(self, access: str) -> HttpProvider:
        return HttpProvider(self.name, self._base, Credential("token", (access,)))
