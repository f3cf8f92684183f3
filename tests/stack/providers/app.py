"""All stand-ins and their control door in one application."""

from collections.abc import Sequence
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.stack.providers.control import Control
from tests.stack.providers.guests import Endpoint, Guest
from tests.stack.providers.openai import errors
from tests.stack.providers.openai.api import OpenAIApi
from tests.stack.providers.replicate import problems
from tests.stack.providers.replicate.api import ReplicateApi
from tests.stack.providers.replicate.engine import Engine
from tests.stack.providers.world import World


def build(world: World, engine: Engine, guests: Sequence[Guest] = ()) -> Starlette:
    """Return the application."""
    openai = OpenAIApi(world)
    methods = ["GET", "POST", "PUT", "DELETE"]
    return Starlette(
        routes=[
            *ReplicateApi(world, engine).routes(),
            *openai.routes(),
            *(route for guest in guests for route in guest.routes()),
            *Control(world, engine, openai, guests).routes(),
            Route("/{path:path}", _nowhere(guests), methods=methods),
        ]
    )


def _nowhere(guests: Sequence[Guest]) -> Endpoint:
    """Answer an unknown path as the provider it was meant for would."""

    async def answer(request: Request) -> Response:
        path = request.url.path
        if path.startswith("/replicate/"):
            return problems.not_found()
        if path.startswith("/openai/"):
            return errors.unknown_path(request.method, path.removeprefix("/openai"))
        for guest in guests:
            if path.startswith(guest.prefix):
                return guest.unknown_path(path)
        return Response(status_code=HTTPStatus.NOT_FOUND)

    return answer
