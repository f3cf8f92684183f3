"""TikTok: creators' accounts, through Login Kit and the Content Posting API.

https://developers.tiktok.com/doc. Access tokens last hours; a refresh token is spent by
its use, and the answer holds the next one. OAuth's errors are flat (``invalid_grant``),
those of data are told in an envelope; either may come under HTTP 200.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Self
from urllib.parse import unquote, urlencode

from pydantic import BaseModel, Field, model_validator

from vixenbliss.credentials import Credential
from vixenbliss.errors import ProviderError, ProviderRefusedError
from vixenbliss.providers.http import HttpProvider
from vixenbliss.providers.oauth import Grant, Quota, Tokens, lasting
from vixenbliss.providers.tiktok_data import NAME, OK, Envelope, creator_of
from vixenbliss.settings import Settings

SCOPES = ("user.info.basic", "video.publish", "video.upload", "video.list")


class _Token(BaseModel):
    access_token: str = Field(default="", max_length=4_096)
    expires_in: int = Field(default=0, ge=0)
    open_id: str = Field(default="", max_length=120)
    refresh_token: str | None = Field(default=None, min_length=1)
    refresh_expires_in: int | None = None
    scope: str = ""
    error: str = ""

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        is_told = self.access_token and self.expires_in and self.open_id
        if not (is_told or self.error):
            message = "neither a token nor an error"
            raise ValueError(message)
        return self

    @property
    def tokens(self) -> Tokens:
        """The tokens, with the instants at which they end."""
        ends = self.refresh_expires_in
        return Tokens(
            self.access_token,
            lasting(self.expires_in),
            self.refresh_token,
            lasting(ends) if ends else None,
        )


class _User(BaseModel):
    display_name: str = Field(default="", max_length=120)


class _UserData(BaseModel):
    user: _User


class _UserInfo(Envelope):
    data: _UserData | None = None


class _Anything(BaseModel):
    pass


class TikTok:
    """Our client at TikTok."""

    name = NAME
    takes_part_in_pkce = True
    needed_scopes = frozenset({"user.info.basic", "video.publish"})
    refreshed_before_end = timedelta(hours=2)

    def __init__(self, settings: Settings) -> None:
        self._base = settings.tiktok_api_base
        self._consent = settings.tiktok_consent_base
        self._key = settings.tiktok_client_key
        self._secret = settings.tiktok_client_secret

    def consent_url(
        self, *, state: str, redirect_uri: str, verifier: str | None
    ) -> str:
        """Return where the account's owner says yes.

        Raises:
            ProviderRefusedError: we have no app there.
        """
        if not self._key:
            raise ProviderRefusedError(self.name, "no app is configured")
        query = {
            "client_key": self._key,
            "response_type": "code",
            "scope": ",".join(SCOPES),
            "redirect_uri": redirect_uri,
            "state": state,
        }
        if verifier:
            query |= {
                "code_challenge": challenge(verifier),
                "code_challenge_method": "S256",
            }
        return f"{self._consent}/v2/auth/authorize/?{urlencode(query)}"

    async def exchange(
        self, code: str, *, redirect_uri: str, verifier: str | None
    ) -> Grant:
        """Turn a code into tokens, and find out whose they are.

        Raises:
            ProviderRefusedError: the code is none of ours, spent or too old.
            ProviderUnavailableError: TikTok does not answer.
        """
        form = {
            "grant_type": "authorization_code",
            "code": unquote(code),
            "redirect_uri": redirect_uri,
        }
        proof = {"code_verifier": verifier} if verifier else {}
        answer = await self._token(form | proof)
        return Grant(
            tokens=answer.tokens,
            platform_user_id=answer.open_id,
            app_user_id=answer.open_id,
            username=await self._name_of(answer.access_token),
            scopes=tuple(filter(None, answer.scope.split(","))),
        )

    async def refresh(self, access: str, refresh: str | None) -> Tokens:
        """Spend a refresh token for the next pair.

        Raises:
            ProviderRefusedError: it is spent, revoked or too old (``invalid_grant``).
            ProviderUnavailableError: it is certainly not spent.
            OutcomeUnknownError: it may be spent.
        """
        del access
        if refresh is None:
            raise ProviderRefusedError(self.name, "there is no refresh token")
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        answer = await self._token(form, effect=True)
        return answer.tokens

    def is_over(self, error: ProviderError) -> bool:
        """Tell whether the refresh token is spent, revoked or too old."""
        return error.their_code == "invalid_grant"

    async def subscribe(self, access: str, platform_user_id: str) -> None:
        """Do nothing: an app is told of all who let it (Webhooks, "Overview")."""

    async def revoke(self, access: str) -> None:
        """Give the grant back.

        Raises:
            ProviderError: TikTok did not take it.
        """
        form = self._client() | {"token": access}
        await self._open().call("POST", "/v2/oauth/revoke/", _Anything, form=form)

    async def quota(self, access: str, platform_user_id: str) -> Quota:
        """Return the limit of a day, and whether it is used up; TikTok tells no more.

        Raises:
            ProviderError: TikTok does not tell.
        """
        del platform_user_id
        return (await creator_of(self._as(access))).quota

    async def _token(self, form: Mapping[str, str], *, effect: bool = False) -> _Token:
        answer = await self._open().call(
            "POST",
            "/v2/oauth/token/",
            _Token,
            effect=effect,
            form=self._client() | dict(form),
        )
        if answer.error:
            raise ProviderRefusedError(
                self.name, "no token was given", their_code=answer.error
            )
        return answer

    async def _name_of(self, access: str) -> str:
        info = await self._as(access).call(
            "GET", "/v2/user/info/", _UserInfo, query={"fields": "open_id,display_name"}
        )
        if info.error.code != OK or info.data is None:
            raise ProviderRefusedError(
                self.name, "no name was told", their_code=info.error.code
            )
        return info.data.user.display_name or self.name

    def _client(self) -> dict[str, str]:
        return {"client_key": self._key, "client_secret": self._open().token}

    def _open(self) -> HttpProvider:
        return HttpProvider(self.name, self._base, self._secret, bearer=False)

    def _as(self, access: str) -> HttpProvider:
        return HttpProvider(self.name, self._base, Credential("token", (access,)))


def challenge(verifier: str) -> str:
    """Return the challenge of a verifier as TikTok has it: the hex digest.

    RFC 7636 has base64url (developers.tiktok.com/doc/login-kit-desktop).
    """
    return hashlib.sha256(verifier.encode()).hexdigest()
