"""One call to a provider over HTTP, and what its failure means.

What matters of a failure is whether the call may have had its effect. Nothing here
retries: a caller that knows what a repetition costs decides.
"""

import asyncio
import json
import logging
import re
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ValidationError

from vixenbliss.credentials import Credential
from vixenbliss.deadline import time_left_s
from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
    SettingMissingError,
)
from vixenbliss.loop import run
from vixenbliss.settings import settings
from vixenbliss.snapshots import before_snapshot

CONNECT_TIMEOUT_S = 5
MAX_ANSWER_BYTES = 5_000_000
NO_SUCH_API = (404, 405, 501)
"""How a service in a provider's stead says that it lacks a part of the API."""
BETWEEN = (408, 409, 425)
"""What may come from in between, or from a second sending, though the call arrived."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""What httpx raises before the first byte is out."""
_ADDRESS = re.compile(
    r"""(https?(?:://|%3A%2F%2F)[^\s"'<>?#]*?)(?:[?#]|%3F|%23)[^\s"'<>]*""",
    re.IGNORECASE,
)


@cache
def client() -> httpx.AsyncClient:
    """Return the container's HTTP client; it follows no redirects."""
    keep_quiet()
    timeout_s = settings().request_timeout_s
    # The patience with a whole call must not run out first where none was ever sent.
    connect_s = min(CONNECT_TIMEOUT_S, timeout_s / 2)
    timeout = httpx.Timeout(timeout_s, connect=connect_s)
    before_snapshot(_hang_up)
    return httpx.AsyncClient(timeout=timeout, verify=_trusted())


def keep_quiet() -> None:
    """Tell nobody whom we ask for what: httpx logs addresses, and some hold tokens."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)


def _hang_up() -> None:
    """Close the connections; a clone makes a client of its own."""
    run(client().aclose())
    client.cache_clear()


@cache
def _trusted() -> ssl.SSLContext:
    """Return whom we trust; read once, which takes longer than most calls."""
    return httpx.create_ssl_context()


def patience(name: str) -> asyncio.Timeout:
    """Return what ends a whole call, from the first byte sent to the last one read.

    httpx only knows how long each byte may take.

    Raises:
        ProviderUnavailableError: the batch has no time left to begin a call.
    """
    left_s = time_left_s()
    if left_s <= 0:
        raise ProviderUnavailableError(name, "no time left to ask")
    return asyncio.timeout(min(settings().request_timeout_s, left_s))


class HttpProvider:
    """A company's HTTP API, behind one bearer token.

    Unless it is a ``bearer``'s, the token is a secret that calls carry in their body.
    """

    def __init__(
        self, name: str, base: str, token: Credential, *, bearer: bool = True
    ) -> None:
        self.name = name
        self._base = base.rstrip("/")
        self._token = token
        self._bearer = bearer

    @property
    def token(self) -> str:
        """The bearer token.

        Raises:
            ProviderRefusedError: none is configured, or others could read it on its way
                to the base; so nothing can be asked.
        """
        if not is_private(self._base):
            raise ProviderRefusedError(self.name, "the base is not https")
        try:
            return self._token.current()
        except SettingMissingError as error:
            raise ProviderRefusedError(self.name, "no key is configured") from error

    async def call[Answer: BaseModel](  # noqa: PLR0913 - the parts of an HTTP request
        self,
        method: str,
        path: str,
        answer: type[Answer],
        *,
        effect: bool = False,
        body: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make one call and return its answer.

        ``effect`` says that the call costs or changes something, so that a lost answer
        leaves it open whether it did.

        Raises:
            ProviderUnavailableError: it had no effect and may be tried again.
            ProviderRefusedError: it had no effect and trying again will not help.
            OutcomeUnknownError: it may have had its effect.
        """
        async with self._answering(effect=effect):
            response = await client().request(
                method,
                f"{self._base}{path}",
                json=body,
                data=form,
                params=query,
                headers=self._authorization() | dict(headers or {}),
            )
        if not response.is_success:
            self._fail(response, effect=effect)
        return self._read(response, answer, effect=effect)

    @asynccontextmanager
    async def _answering(self, *, effect: bool) -> AsyncGenerator[None]:
        """Say what it means that no answer comes, or none in time."""
        try:
            async with patience(self.name):
                yield
        except NEVER_SENT as error:
            reason = f"not reached ({type(error).__name__})"
            raise ProviderUnavailableError(self.name, reason) from error
        except (httpx.HTTPError, TimeoutError) as error:
            reason = f"no answer ({type(error).__name__})"
            raise self._open(effect)(self.name, reason) from error

    def _authorization(self) -> dict[str, str]:
        token = self.token  # which may be refused, shown or not
        return {"Authorization": f"Bearer {token}"} if self._bearer else {}

    @staticmethod
    def _open(effect: bool) -> type[OutcomeUnknownError | ProviderUnavailableError]:  # noqa: FBT001 - the same word as in call
        return OutcomeUnknownError if effect else ProviderUnavailableError

    def _fail(self, response: httpx.Response, *, effect: bool) -> NoReturn:
        """Raise what an answer other than 2xx means."""
        status, code = response.status_code, _code(response)
        words = _message(response).replace(self.token, "(key)")
        if _is_passing(status, code):
            kind: type[ProviderError] = ProviderUnavailableError
        elif _is_open(status):
            kind = self._open(effect)
        else:
            kind = ProviderRefusedError
        raise kind(
            self.name,
            f"{self.name} answered HTTP {status}",
            words=words,
            status=status,
            retry_after_s=_retry_after_s(response),
            their_code=code,
            is_transient=_is_transient(response),
        )

    def _read[Answer: BaseModel](
        self, response: httpx.Response, answer: type[Answer], *, effect: bool
    ) -> Answer:
        if len(response.content) > MAX_ANSWER_BYTES:
            raise self._open(effect)(self.name, "the answer is too large")
        try:
            return answer.model_validate_json(response.content or b"{}")
        except ValidationError as error:
            raise self._open(effect)(
                self.name,
                "the answer is malformed",
                status=response.status_code,
                their_code=_code(response),
            ) from error


def is_private(base: str) -> bool:
    """Tell whether nobody on the way to a base can listen."""
    there = urlsplit(base)
    return there.scheme == "https" or there.hostname in LOOPBACK


def _is_passing(status: int, code: str) -> bool:
    """Tell whether an answer says: not now. A spent quota says 429 and means never."""
    if code == "insufficient_quota":
        return False
    return code == "conversation_locked" or status == httpx.codes.TOO_MANY_REQUESTS


def _is_open(status: int) -> bool:
    """Tell whether a status leaves it open if the call has come through."""
    is_broken = status >= httpx.codes.INTERNAL_SERVER_ERROR
    return status in BETWEEN or (is_broken and status not in NO_SUCH_API)


def _retry_after_s(response: httpx.Response) -> int | None:
    value = response.headers.get("retry-after", "")
    return min(int(value), 900) if value.isdecimal() else None


def _message(response: httpx.Response) -> str:
    """Return the provider's own words, short: ``detail``, ``title`` or ``error``."""
    body = _object(response)
    error = body.get("error")
    words = error.get("message") if isinstance(error, dict) else error
    return in_short(
        str(words or body.get("detail") or body.get("title") or "no reason")
    )


def in_short(words: str) -> str:
    """Return a provider's words as they may be kept: no address with its signature."""
    return _ADDRESS.sub(r"\1", words)[:300]


def _code(response: httpx.Response) -> str:
    """Return what the provider calls the trouble: ``190/463``, ``invalid_grant``.

    TikTok names none with ``ok``, in an answer that may be malformed all the same.
    """
    error = _object(response).get("error")
    if not isinstance(error, dict):
        return error if isinstance(error, str) else ""
    parts = (error.get("code"), error.get("error_subcode"))
    return "/".join(str(part) for part in parts if part not in (None, "", "ok"))


def _is_transient(response: httpx.Response) -> bool:
    """Tell whether Meta calls the trouble so (Graph API, "Handle errors")."""
    error = _object(response).get("error")
    return isinstance(error, dict) and error.get("is_transient") is True


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        body = json.loads(response.content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
