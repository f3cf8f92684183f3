"""Both stand-ins and their control door in one application."""

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.stack.providers.control import Control
from tests.stack.providers.openai import errors
from tests.stack.providers.openai.api import OpenAIApi
from tests.stack.providers.replicate import problems
from tests.stack.providers.replicate.api import ReplicateApi
from tests.stack.providers.replicate.engine import Engine
from tests.stack.providers.world import World


def build(world: World, engine: Engine) -> Starlette:
    """Return the application."""
    openai = OpenAIApi(world)
    return Starlette(
        routes=[
            *ReplicateApi(world, engine).routes(),
            *openai.routes(),
            *Control(world, engine, openai).routes(),
            Route("/{path:path}", _nowhere, methods=["GET", "POST", "PUT", "DELETE"]),
        ]
    )


async def _nowhere(request: Request) -> Response:
    """Answer an unknown path as the provider it was meant for would."""
    path = request.url.path
    if path.startswith("/replicate/"):
        return problems.not_found()
    if path.startswith("/openai/"):
        return errors.unknown_path(request.method, path.removeprefix("/openai"))
    return Response(status_code=HTTPStatus.NOT_FOUND)
