"""How an app comes by a token: the login page, the code, and the two lives of a token.

Steps, answers and lifetimes: "Business login for Instagram". The page is nobody's to
click: whoever ``settings.user`` names agrees, or refuses, at once.
"""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode

from starlette.responses import JSONResponse, Response

from tests.stack.providers.calls import Call, RefusedError
from tests.stack.providers.instagram import errors
from tests.stack.providers.instagram.accounts import (
    BASIC,
    LONG_LIFE,
    PERMISSIONS,
    REFRESHABLE_AFTER,
    Code,
    Token,
)
from tests.stack.providers.instagram.engine import Instagram
from tests.stack.providers.instagram.gate import Asked
from tests.stack.providers.instagram.keys import APP_ID, APP_SECRET

_DENIED = {
    "error": "access_denied",
    "error_reason": "user_denied",
    "error_description": "The user denied your request",
}
_TRAILER = "#_"  # Meta puts it behind every address it sends people back to


class Login:
    """The pages of the login host, and the token calls of the graph's."""

    def __init__(self, instagram: Instagram) -> None:
        self._instagram = instagram

    async def authorize(self, call: Call) -> Response:
        """Send the person back with a code, or with their refusal."""
        query = call.request.query_params
        redirect_uri = self._redirect_uri(query)
        wanted = _wanted(query.get("scope", ""))
        settings = self._instagram.settings
        account = self._instagram.accounts.of(settings.user)
        call.about["id"] = account.id
        back = {"state": query["state"]} if "state" in query else {}
        if settings.deny:
            return _sent_back(redirect_uri, _DENIED | back)
        granted = wanted if settings.granted is None else settings.granted
        code = self._instagram.accounts.admit(
            account,
            tuple(one for one in wanted if one in granted),
            self._instagram.now(),
            redirect_uri=redirect_uri,
        )
        return _sent_back(redirect_uri, {"code": code.value} | back)

    async def exchange_code(self, call: Call) -> Response:
        """Give a token of an hour for a code."""
        form = dict(parse_qsl(call.body.decode(errors="replace")))
        code = self._code(form)
        code.used = True
        now = self._instagram.now()
        token = self._instagram.accounts.issue(
            code.account, code.permissions, now, is_long=False
        )
        call.about["id"] = code.account.id
        if self._instagram.settings.token_answer == "data":
            return JSONResponse({"data": [_documented(token)]})
        return JSONResponse(_seen(token))

    async def lengthen(self, asked: Asked) -> Response:
        """Give a token of sixty days for one of an hour."""
        if asked.given.required("grant_type") != "ig_exchange_token":
            raise errors.bad("Unsupported grant_type").error()
        if asked.given.required("client_secret") != APP_SECRET:
            raise errors.WRONG_SECRET.error()
        if asked.token.is_long:
            raise errors.bad("The access token is not a short-lived one").error()
        return JSONResponse(self._another(asked))

    async def refresh(self, asked: Asked) -> Response:
        """Give another token of sixty days; the old one lives out its own."""
        if asked.given.required("grant_type") != "ig_refresh_token":
            raise errors.bad("Unsupported grant_type").error()
        if not asked.token.is_long:
            raise errors.bad("The access token is not a long-lived one").error()
        if self._instagram.now() < asked.token.issued_at + REFRESHABLE_AFTER:
            raise errors.TOO_YOUNG.error()
        asked.need(BASIC)
        permissions = {"permissions": ",".join(asked.token.permissions)}
        return JSONResponse(self._another(asked) | permissions)

    def _another(self, asked: Asked) -> dict[str, object]:
        asked.call.about["id"] = asked.account.id
        token = self._instagram.accounts.issue(
            asked.account, asked.token.permissions, self._instagram.now(), is_long=True
        )
        return {
            "access_token": token.value,
            "token_type": "bearer",
            "expires_in": int(LONG_LIFE.total_seconds()),
        }

    def _redirect_uri(self, query: Mapping[str, str]) -> str:
        """Return where to send the person, or refuse before anything is sent there."""
        registered = self._instagram.settings.redirect_uris
        redirect_uri = query.get("redirect_uri", "")
        if query.get("client_id") != APP_ID:
            raise _refused("Invalid platform app")
        if not redirect_uri or (registered and redirect_uri not in registered):
            raise _refused("Invalid redirect_uri")
        if query.get("response_type") != "code":
            raise _refused("Invalid response_type: it must be code")
        return redirect_uri

    def _code(self, form: Mapping[str, str]) -> Code:
        _check_app(form)
        code = self._instagram.accounts.codes.get(form.get("code", ""))
        if code is None or code.used:
            raise _refused("Matching code was not found or was already used")
        if self._instagram.now() >= code.expires_at:
            raise _refused("This authorization code has expired")
        if form.get("redirect_uri") != code.redirect_uri:
            raise _refused(
                "Error validating verification code. Please make sure your redirect_uri"
                " is identical to the one you used in the OAuth dialog request"
            )
        return code


def _check_app(form: Mapping[str, str]) -> None:
    if form.get("client_id") != APP_ID:
        raise _refused("Invalid platform app")
    if form.get("client_secret") != APP_SECRET:
        raise _refused("Error validating client secret.")
    if form.get("grant_type") != "authorization_code":
        raise _refused("Invalid grant_type: it must be authorization_code")


def _wanted(scope: str) -> tuple[str, ...]:
    wanted = tuple(filter(None, scope.replace(" ", ",").split(",")))
    if BASIC not in wanted or not set(wanted) <= set(PERMISSIONS):
        raise _refused(f"Invalid scope: {scope}")
    return wanted


def _sent_back(redirect_uri: str, answer: Mapping[str, str]) -> Response:
    mark = "&" if "?" in redirect_uri else "?"
    address = f"{redirect_uri}{mark}{urlencode(answer)}{_TRAILER}"
    return Response(status_code=HTTPStatus.FOUND, headers={"location": address})


def _refused(message: str) -> RefusedError:
    """Return a refusal as the login host words it, which is not the graph's way."""
    status = HTTPStatus.BAD_REQUEST
    body = {"error_type": "OAuthException", "code": status, "error_message": message}
    return RefusedError(JSONResponse(body, status))


def _documented(token: Token) -> dict[str, object]:
    return {
        "access_token": token.value,
        "user_id": token.account.scoped_id,
        "permissions": ",".join(token.permissions),
    }


def _seen(token: Token) -> dict[str, object]:
    return {
        "access_token": token.value,
        "user_id": int(token.account.scoped_id),
        "permissions": list(token.permissions),
    }
