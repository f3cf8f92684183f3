"""TikTok: creators' accounts, through Login Kit and the Content Posting API.

https://developers.tiktok.com/doc. Access tokens last hours; a refresh token is spent by
its use, and the answer holds the next one. OAuth's errors are flat (``invalid_grant``),
those of data are told in an envelope even under HTTP 200.
"""

import hashlib
from urllib.parse import unquote, urlencode

from pydantic import BaseModel, Field

from vixenbliss.credentials import Credential
from vixenbliss.errors import ProviderRefusedError
from vixenbliss.providers.http import HttpProvider
from vixenbliss.providers.oauth import Grant, Tokens, lasting
from vixenbliss.settings import Settings

SCOPES = ("user.info.basic", "video.publish", "video.upload", "video.list")
OK = "ok"


class _Token(BaseModel):
    access_token: str = Field(min_length=1)
    expires_in: int = Field(gt=0)
    open_id: str = Field(min_length=1, max_length=120)
    refresh_token: str | None = None
    refresh_expires_in: int | None = None
    scope: str = ""
    error: str | None = None

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


class _Trouble(BaseModel):
    code: str
    message: str = ""


class _User(BaseModel):
    open_id: str
    display_name: str = ""


class _UserData(BaseModel):
    user: _User


class _UserInfo(BaseModel):
    data: _UserData | None = None
    error: _Trouble


class _Anything(BaseModel):
    pass


class TikTok:
    """Our client at TikTok."""

    needs_verifier = True

    def __init__(self, settings: Settings) -> None:
        self._base = settings.tiktok_api_base
        self._consent = settings.tiktok_consent_base
        self._key = settings.tiktok_client_key
        self._secret = settings.tiktok_client_secret

    def consent_url(self, *, state: str, redirect_uri: str, verifier: str) -> str:
        """Return where the account's owner says yes.

        TikTok's challenge is the hex digest of the verifier, not base64url as RFC 7636
        has it (developers.tiktok.com/doc/login-kit-desktop).
        """
        query = {
            "client_key": self._key,
            "response_type": "code",
            "scope": ",".join(SCOPES),
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": hashlib.sha256(verifier.encode()).hexdigest(),
            "code_challenge_method": "S256",
        }
        return f"{self._consent}/v2/auth/authorize/?{urlencode(query)}"

    async def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Grant:
        """Turn a code into tokens, and find out whose they are.

        Raises:
            ProviderRefusedError: the code is none of ours, spent or too old.
            ProviderUnavailableError: TikTok does not answer.
        """
        answer = await self._token(
            grant_type="authorization_code",
            code=unquote(code),
            redirect_uri=redirect_uri,
            code_verifier=verifier,
        )
        name = await self._name(answer.access_token)
        scopes = tuple(filter(None, answer.scope.split(",")))
        return Grant(answer.tokens, answer.open_id, name, scopes)

    async def refresh(self, access: str, refresh: str | None) -> Tokens:
        """Spend a refresh token for the next pair.

        Raises:
            ProviderRefusedError: it is spent, revoked or too old (``invalid_grant``).
            OutcomeUnknownError: it may be spent.
        """
        del access
        if refresh is None:
            raise ProviderRefusedError("TikTok", "there is no refresh token")
        answer = await self._token(
            effect=True, grant_type="refresh_token", refresh_token=refresh
        )
        return answer.tokens

    async def revoke(self, access: str) -> None:
        """Give a token back."""
        form = {**self._client(), "token": access}
        await self._open().call("POST", "/v2/oauth/revoke/", _Anything, form=form)

    async def _token(self, *, effect: bool = False, **form: str) -> _Token:
        own = self._client()
        return await self._open().call(
            "POST", "/v2/oauth/token/", _Token, effect=effect, form=own | form
        )

    async def _name(self, access: str) -> str:
        """Return what the owner is called; a handle would need ``user.info.profile``.

        A field without its scope is a refusal of the whole call (user object).
        """
        info = await HttpProvider(
            "TikTok", self._base, Credential("token", (access,))
        ).call(
            "GET",
            "/v2/user/info/",
            _UserInfo,
            query={"fields": "open_id,display_name"},
        )
        if info.error.code != OK or info.data is None:
            raise ProviderRefusedError(
                "TikTok", info.error.message, their_code=info.error.code
            )
        return info.data.user.display_name or "TikTok"

    def _client(self) -> dict[str, str]:
        return {"client_key": self._key, "client_secret": self._secret.current()}

    def _open(self) -> HttpProvider:
        return HttpProvider("TikTok", self._base, self._secret)
