"""Login Kit: the authorize page, tokens for codes, next tokens, and their end.

Pages: login-kit-web, login-kit-desktop (PKCE), oauth-user-access-token-management and
oauth-error-handling.
"""

from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import QueryParams
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.stack.providers.calls import Call, Handler, RefusedError, routes
from tests.stack.providers.tiktok import errors
from tests.stack.providers.tiktok.dialects import OAuthDialect
from tests.stack.providers.tiktok.engine import TikTok
from tests.stack.providers.tiktok.keys import CLIENT_KEY, CLIENT_SECRET
from tests.stack.providers.tiktok.pulls import LOOPBACK
from tests.stack.providers.tiktok.tokens import Authorization, challenge_of

SCOPES = {
    "user.info.basic",
    "user.info.profile",
    "user.info.stats",
    "video.list",
    "video.publish",
    "video.upload",
}
_FORM = "application/x-www-form-urlencoded"
_LONGEST_REDIRECT = 512
_BY_DEVELOPER = 5  # authorization.removed: the app itself revoked


class OAuthApi:
    """The calls."""

    def __init__(self, tiktok: TikTok) -> None:
        self._tiktok = tiktok

    def routes(self, auth: str, api: str) -> list[Route]:
        """Return the page below one prefix, the endpoints below the other."""
        table: list[tuple[str, str, str, Handler]] = [
            ("GET", f"{auth}/v2/auth/authorize/", "oauth.authorize", self.authorize),
            ("POST", f"{api}/v2/oauth/token/", "oauth.token", self.token),
            ("POST", f"{api}/v2/oauth/revoke/", "oauth.revoke", self.revoke),
        ]
        return routes(self._tiktok.world, OAuthDialect(), table)

    async def authorize(self, call: Call) -> Response:
        """Ask whoever is signed in, who answers at once, and lead back to the app."""
        query = call.request.query_params
        back = query.get("redirect_uri", "")
        if query.get("client_key") != CLIENT_KEY or not self._is_registered(back):
            raise self._refused("invalid_request", "client_key or redirect_uri")
        error = self._objection(query)
        found = _failed(error) if error else self._consent(query)
        state = {"state": query["state"]} if "state" in query else {}
        return RedirectResponse(f"{back}?{urlencode(found | state)}", 302)

    async def token(self, call: Call) -> Response:
        """Give tokens for a code or for a refresh token."""
        form = self._form(call)
        match form.get("grant_type"):
            case "authorization_code":
                return JSONResponse(self._redeemed(form))
            case "refresh_token":
                return JSONResponse(self._refreshed(form))
            case None:
                raise self._refused("invalid_request", "grant_type is missing.")
        raise self._refused("unsupported_grant_type", "Grant type is not supported.")

    async def revoke(self, call: Call) -> Response:
        """End a user's consent, with all that hangs on it; answered with nothing."""
        form = self._form(call)
        behind = self._tiktok.tokens.behind(form.get("token", ""))
        if behind is None or behind.is_removed:
            raise self._refused("invalid_grant", "Token is invalid or expired.")
        self._tiktok.remove_authorization(behind.creator, _BY_DEVELOPER)
        call.effect()
        return Response()

    def _is_registered(self, uri: str) -> bool:
        """Whether the app has that address; https and static, but for loopback."""
        try:
            parts = urlsplit(uri)
        except ValueError:
            return False
        is_safe = parts.scheme == "https" or parts.hostname in LOOPBACK
        is_static = not parts.query and not parts.fragment
        known = self._tiktok.settings.redirect_uris
        fits = is_safe and is_static and len(uri) < _LONGEST_REDIRECT
        return fits and (not known or uri in known)

    def _objection(self, query: QueryParams) -> str | None:
        """Return the error that the app, or the user, is to blame for."""
        wanted = set(query.get("scope", "").split(","))
        if query.get("response_type") != "code":
            return "unsupported_response_type"
        if not wanted <= SCOPES:
            return "invalid_scope"
        if "code_challenge" in query and query.get("code_challenge_method") != "S256":
            return "invalid_request"
        denies = self._tiktok.settings.deny or not self._granted(query)
        return "access_denied" if denies else None

    def _granted(self, query: QueryParams) -> tuple[str, ...]:
        consents = self._tiktok.settings.consents_to
        wanted = dict.fromkeys(query.get("scope", "").split(","))
        return tuple(s for s in wanted if consents is None or s in consents)

    def _consent(self, query: QueryParams) -> dict[str, str]:
        creator = self._tiktok.creator(self._tiktok.settings.signed_in)
        scopes = self._granted(query)
        code = self._tiktok.tokens.code(
            Authorization(creator, scopes),
            query["redirect_uri"],
            query.get("code_challenge"),
        )
        return {"code": code, "scopes": ",".join(scopes)}

    def _form(self, call: Call) -> dict[str, str]:
        """Return the form of a call that comes from our app."""
        sent_as = call.request.headers.get("content-type", "")
        if not sent_as.startswith(_FORM):
            raise self._refused("invalid_request", f"Only {_FORM} is supported.")
        form = dict(parse_qsl(call.body.decode(errors="replace")))
        ours = (CLIENT_KEY, CLIENT_SECRET)
        if (form.get("client_key"), form.get("client_secret")) != ours:
            raise self._refused("invalid_client", "Client key or secret is incorrect.")
        return form

    def _redeemed(self, form: dict[str, str]) -> dict[str, object]:
        if "code" not in form or "redirect_uri" not in form:
            raise self._refused("invalid_request", "code or redirect_uri is missing.")
        code = self._tiktok.tokens.redeem(form["code"])
        if code is None:
            raise self._refused("invalid_grant", "Authorization code is expired.")
        if code.redirect_uri != form["redirect_uri"]:
            reason = "Redirect_uri is not matched with the uri when requesting code."
            raise self._refused("invalid_grant", reason)
        proof = challenge_of(form.get("code_verifier", ""), self._tiktok.settings.pkce)
        if code.challenge is not None and code.challenge != proof:
            reason = "Code verifier or code challenge is invalid."
            raise self._refused("invalid_grant", reason)
        return self._tiktok.tokens.grant(code.authorization, self._tiktok.settings)

    def _refreshed(self, form: dict[str, str]) -> dict[str, object]:
        settings, token = self._tiktok.settings, form.get("refresh_token")
        if token is None:
            raise self._refused("invalid_request", "refresh_token is missing.")
        pair = self._tiktok.tokens.refreshed(token, settings)
        if pair is None:
            raise self._refused("invalid_grant", "Refresh token is invalid or expired.")
        return pair

    def _refused(self, error: str, description: str) -> RefusedError:
        status = self._tiktok.settings.oauth_error_status
        return RefusedError(JSONResponse(errors.oauth_body(error, description), status))


def _failed(error: str) -> dict[str, str]:
    return {"error": error, "error_description": error.replace("_", " ")}
