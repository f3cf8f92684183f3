"""Instagram: professional accounts, through the API with Instagram Login.

https://developers.facebook.com/docs/instagram-platform. Errors are told by code and
subcode, mostly under HTTP 400; ``their_code`` is both, as in ``190/463``.
"""

from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, Field

from vixenbliss.credentials import Credential
from vixenbliss.providers.http import HttpProvider
from vixenbliss.providers.oauth import Grant, Tokens, lasting
from vixenbliss.settings import Settings

SCOPES = ("instagram_business_basic", "instagram_business_content_publish")
Id = Annotated[str, BeforeValidator(str), Field(min_length=1, max_length=120)]
"""Told as a number here and as text there."""


class _Short(BaseModel):
    access_token: str = Field(min_length=1)
    user_id: Id
    permissions: list[str] | str = Field(default_factory=list)


class _Long(BaseModel):
    access_token: str = Field(min_length=1)
    expires_in: int = Field(gt=0)


class _Me(BaseModel):
    user_id: Id
    username: str = Field(min_length=1, max_length=120)


class Instagram:
    """Our app at Instagram."""

    needs_verifier = False

    def __init__(self, settings: Settings) -> None:
        self._base = settings.instagram_graph_base
        self._login = settings.instagram_login_base
        self._consent = settings.instagram_consent_base
        self._app_id = settings.instagram_app_id
        self._secret = settings.instagram_app_secret

    def consent_url(self, *, state: str, redirect_uri: str, verifier: str) -> str:
        """Return where the account's owner says yes; there is no PKCE here."""
        del verifier
        query = {
            "client_id": self._app_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": ",".join(SCOPES),
            "state": state,
        }
        return f"{self._consent}/oauth/authorize?{urlencode(query)}"

    async def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Grant:
        """Turn a code into a token of 60 days.

        Raises:
            ProviderRefusedError: the code is none of ours, spent or too old.
            ProviderUnavailableError: Instagram does not answer.
        """
        del verifier
        short = await self._open(self._login).call(
            "POST",
            "/oauth/access_token",
            _Short,
            form={
                "client_id": self._app_id,
                "client_secret": self._secret.current(),
                "grant_type": "authorization_code",
                "redirect_uri": redirect_uri,
                "code": code.removesuffix("#_"),
            },
        )
        tokens = await self._lengthen(short.access_token)
        me = await self._as(tokens.access).call(
            "GET", "/me", _Me, query={"fields": "user_id,username"}
        )
        return Grant(tokens, me.user_id, me.username, _listed(short.permissions))

    async def _lengthen(self, access: str) -> Tokens:
        answer = await self._as(access).call(
            "GET",
            "/access_token",
            _Long,
            query={
                "grant_type": "ig_exchange_token",
                "client_secret": self._secret.current(),
                "access_token": access,
            },
        )
        return Tokens(answer.access_token, lasting(answer.expires_in))

    async def refresh(self, access: str, refresh: str | None) -> Tokens:
        """Return a token that lasts another 60 days; the old one is refreshed itself.

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
        return Tokens(answer.access_token, lasting(answer.expires_in))

    def _as(self, access: str) -> HttpProvider:
        return HttpProvider("Instagram", self._base, Credential("token", (access,)))

    def _open(self, base: str) -> HttpProvider:
        return HttpProvider("Instagram", base, self._secret)


def _listed(permissions: list[str] | str) -> tuple[str, ...]:
    """Return what was granted; older answers list it in one text."""
    if isinstance(permissions, str):
        return tuple(filter(None, permissions.split(",")))
    return tuple(permissions)
