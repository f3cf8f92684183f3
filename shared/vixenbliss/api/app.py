"""How every HTTP function starts."""

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from mangum import Mangum
from mangum.types import LambdaContext
from starlette.routing import Match
from starlette.types import Scope

from vixenbliss.api import errors
from vixenbliss.api.middleware import Surroundings
from vixenbliss.credentials import Credential
from vixenbliss.loop import container_loop

VERSION = "0.1.0"
PROJECT = "VixenBliss Creator"

type LambdaHandler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


class EitherSlashRoute(APIRoute):
    """A route that matches with and without a slash at its end.

    A redirect would do it too, but a client may follow it without the body it sent.
    A path that another route spells out, or more of it, is not one with a parameter
    there, whatever the method: ``GET /assets/uploads`` is no asset's, though only POST
    is known there.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - FastAPI's own signature
        super().__init__(*args, **kwargs)
        bare = self.path_regex.pattern.removesuffix("$").removesuffix("/")
        self.path_regex = re.compile(f"{bare}/?$")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell how well a request fits (Starlette)."""
        fit, child = super().matches(scope)
        if fit is not Match.NONE and _fits_better(scope, len(self.param_convertors)):
            return Match.NONE, {}
        return fit, child


def _fits_better(scope: Scope, parameters: int) -> bool:
    """Tell whether a route with fewer parameters spells out more of a path."""
    return parameters > 0 and any(
        len(route.param_convertors) < parameters
        and route.path_regex.match(scope["path"])
        for route in scope["app"].routes
        if isinstance(route, APIRoute)
    )


def create_app(title: str, *, needs: Sequence[Credential] = ()) -> FastAPI:
    """Return an app that speaks our dialects, once its secrets are there.

    Raises:
        SettingMissingError: a secret that it cannot do without is not set; the function
            does not start.
    """
    for secret in needs:
        secret.current()
    app = FastAPI(
        title=title,
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.router.route_class = EitherSlashRoute
    errors.install(app)
    return app


def lambda_handler(app: FastAPI) -> LambdaHandler:
    """Return the Lambda handler of an app, which runs on the container's loop."""
    # Mangum tells a second time of what the app has answered and logged already.
    logging.getLogger("mangum").setLevel(logging.CRITICAL)
    asyncio.set_event_loop(container_loop())  # where Mangum looks for it
    answer = Mangum(
        Surroundings(app), lifespan="off", text_mime_types=["text/", "json", "xml"]
    )

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        asyncio.set_event_loop(container_loop())
        return answer(event, context)

    return handler
