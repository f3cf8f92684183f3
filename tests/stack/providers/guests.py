"""What a stand-in brings with it: its calls, its control doors, its end.

The first two stand-ins are wired by hand; each later one is a guest of the server, and
a line in ``server.serve``.
"""

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Protocol

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

type Endpoint = Callable[[Request], Awaitable[Response]]
type Door = tuple[str, str, Endpoint]


class Guest(Protocol):
    """A stand-in as the server and the control door see it."""

    prefix: str
    """What the paths of all its calls begin with."""

    def routes(self) -> list[Route]:
        """Return the calls, each with its path."""
        ...

    def doors(self) -> list[Door]:
        """Return methods, paths below ``/control/``, and what they do."""
        ...

    def unknown_path(self, path: str) -> Response:
        """Answer a path that the provider does not have."""
        ...

    def forget(self) -> None:
        """Let go of all state, and keep the settings."""
        ...

    def reset(self) -> None:
        """Take back all settings."""
        ...

    async def close(self) -> None:
        """Close what is open to the outside."""
        ...


def understood(endpoint: Endpoint) -> Endpoint:
    """Answer 400 where the body is not understood."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ValidationError as error:
            reasons = [
                _reason(detail["loc"], detail["msg"]) for detail in error.errors()
            ]
        except (ValueError, TypeError) as error:
            reasons = [f"the body is not understood: {error}"]
        return JSONResponse({"error": "; ".join(reasons)}, HTTPStatus.BAD_REQUEST)

    return answer


async def body_of(request: Request) -> object:
    """Return what was sent; an empty object if nothing was."""
    return json.loads(await request.body() or b"{}")


def _reason(place: tuple[int | str, ...], message: str) -> str:
    where = ".".join(map(str, place))
    message = message.removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
