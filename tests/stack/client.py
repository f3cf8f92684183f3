"""The API as the main job uses it: plain HTTP, as anybody would."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

POLL_S = 0.25


class ApiError(Exception):
    """The API said no; its own words say why."""

    def __init__(self, method: str, path: str, response: httpx.Response) -> None:
        self.status = response.status_code
        where = f"{method} {path}, {self.status}"
        super().__init__(f"{_words_of(response)} ({where})")


def _words_of(response: httpx.Response) -> str:
    """Return what an answer says to people, in whichever dialect."""
    try:
        body = response.json()
        return str(body["detail"] if "detail" in body else body["error"]["message"])
    except (ValueError, LookupError, TypeError):
        return response.text[:500]


class TooLateError(Exception):
    """What was waited for did not come."""

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(f"{what} took longer than {seconds:.0f} s")


@dataclass(slots=True)
class Client:
    """A signed-in client."""

    http: httpx.AsyncClient

    async def get(self, path: str) -> Any:
        return await self._send("GET", path)

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return await self._send("POST", path, body, headers)

    async def put(self, path: str, body: Any) -> Any:
        return await self._send("PUT", path, body)

    async def until[Thing](
        self,
        look: Callable[[], Awaitable[Thing]],
        is_there: Callable[[Thing], bool],
        *,
        what: str,
        within_s: float,
    ) -> Thing:
        """Look again and again until it is there.

        Raises:
            TooLateError: it does not come in time.
        """
        end = time.monotonic() + within_s
        while not is_there(seen := await look()):
            if time.monotonic() > end:
                raise TooLateError(what, within_s)
            await asyncio.sleep(POLL_S)
        return seen

    async def _send(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        response = await self.http.request(method, path, json=body, headers=headers)
        if response.is_error:
            raise ApiError(method, path, response)
        return response.json() if response.content else None


async def sign_in(http: httpx.AsyncClient, email: str, password: str) -> Client:
    """Return a client for whoever has this address and password."""
    path = "/api/auth/login"
    response = await http.post(path, json={"email": email, "password": password})
    if response.status_code != HTTPStatus.OK:
        raise ApiError("POST", path, response)
    http.headers["Authorization"] = f"Bearer {response.json()['data']['token']}"
    return Client(http)
