"""Replicate's HTTP API, as far as a picture needs it.

Paths, parameters and statuses: Replicate's OpenAPI document (``predictions.*``,
``models.predictions.create``, ``webhooks.default.secret.get``, ``account.get``).
"""

import mimetypes
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.stack.providers.calls import Call, Handler, RefusedError, routes
from tests.stack.providers.faults import Action, Provider
from tests.stack.providers.replicate import problems
from tests.stack.providers.replicate.creation import Creation, awaited
from tests.stack.providers.replicate.engine import Engine
from tests.stack.providers.replicate.files import Darkroom
from tests.stack.providers.replicate.listing import page
from tests.stack.providers.replicate.models import Model, resolve
from tests.stack.providers.replicate.predictions import Prediction
from tests.stack.providers.world import REPLICATE_TOKEN, WEBHOOK_SECRET, World

_DELIVERY = "/replicate/delivery/"
_ACCOUNT = {
    "type": "organization",
    "username": "vixenbliss",
    "name": "VixenBliss Creator",
    "github_url": "https://github.com/vixenbliss",
}


class ReplicateDialect:
    """How Replicate knows its callers and words its troubles."""

    provider: Provider = "replicate"

    def stranger(self, request: Request) -> Response | None:
        """Return the refusal of a caller without our token; files need none."""
        if request.url.path.startswith(_DELIVERY):
            return None
        given = request.headers.get("authorization")
        if given in {f"Bearer {REPLICATE_TOKEN}", f"Token {REPLICATE_TOKEN}"}:
            return None
        return problems.unauthenticated(token_given=given is not None)

    def trouble(self, status: int, retry_after_s: int | None) -> dict[str, object]:
        """Return the usual body of an error of that status."""
        return problems.body_of(status, retry_after_s)

    def headers(self) -> dict[str, str]:
        """Return nothing: Replicate's answers carry no headers of note."""
        return {}


class ReplicateApi:
    """The calls."""

    def __init__(self, world: World, engine: Engine) -> None:
        self._world = world
        self._engine = engine
        self._darkroom = Darkroom(world)

    def routes(self) -> list[Route]:
        """Return the paths under ``/replicate``."""
        v1 = "/replicate/v1"
        one = f"{v1}/predictions/{{prediction_id}}"
        of_model = f"{v1}/models/{{owner}}/{{name}}/predictions"
        table: list[tuple[str, str, str, Handler]] = [
            ("POST", f"{v1}/predictions", "predictions.create", self.create),
            ("POST", of_model, "predictions.create", self.create_of_model),
            ("GET", f"{v1}/predictions", "predictions.list", self.list),
            ("GET", one, "predictions.get", self.get),
            ("POST", f"{one}/cancel", "predictions.cancel", self.cancel),
            ("GET", f"{v1}/webhooks/default/secret", "webhooks.secret", self.secret),
            ("GET", f"{v1}/account", "account.get", self.account),
            (
                "GET",
                f"{_DELIVERY}xezq/{{prediction_id}}/{{file:path}}",
                "files.get",
                self.file,
            ),
        ]
        return routes(self._world, ReplicateDialect(), table)

    async def create(self, call: Call) -> Response:
        """Start a prediction of a version."""
        creation = Creation.read(call, versioned=True)
        version = str(creation.body["version"])
        model = resolve(version, self._world.settings.models)
        if model is None:
            raise RefusedError(problems.unknown_version())
        return await self._start(call, creation, model)

    async def create_of_model(self, call: Call) -> Response:
        """Start a prediction of an official model."""
        params = call.request.path_params
        name = f"{params['owner']}/{params['name']}"
        model = resolve(name, self._world.settings.models)
        if model is None:
            raise RefusedError(problems.not_found())
        return await self._start(call, Creation.read(call, versioned=False), model)

    async def list(self, call: Call) -> Response:
        """Return a page of predictions, newest first."""
        found = page(
            list(self._engine.predictions.values()),
            dict(call.request.query_params),
            f"{self._engine.api}/predictions",
        )
        results = [self._engine.shown(prediction) for prediction in found.predictions]
        links = {"next": found.next, "previous": found.previous}
        return JSONResponse(links | {"results": results})

    async def get(self, call: Call) -> Response:
        """Return a prediction as it is now."""
        return JSONResponse(self._engine.shown(self._prediction(call)))

    async def cancel(self, call: Call) -> Response:
        """End a prediction; one that is over stays as it is."""
        prediction = self._prediction(call)
        if self._engine.cancel(prediction):
            call.effect()
        return JSONResponse(self._engine.shown(prediction))

    async def secret(self, call: Call) -> Response:
        """Return the account's key for webhooks."""
        del call
        return JSONResponse({"key": WEBHOOK_SECRET})

    async def account(self, call: Call) -> Response:
        """Return whose token it is."""
        del call
        return JSONResponse(_ACCOUNT)

    async def file(self, call: Call) -> Response:
        """Return an output file while it is kept."""
        kept = self._engine.predictions.get(call.request.path_params["prediction_id"])
        address = f"{self._world.origin}{call.request.url.path}"
        if kept is None or address not in kept.files or self._engine.is_removed(kept):
            raise RefusedError(Response(status_code=HTTPStatus.NOT_FOUND))
        call.about |= {"id": kept.id, "job": kept.job}
        content = await self._darkroom.file(kept, address)
        return Response(content, media_type=mimetypes.guess_type(address)[0])

    async def _start(self, call: Call, creation: Creation, model: Model) -> Response:
        engine = self._engine
        prediction = creation.prediction(model, self._world, engine)
        prediction.credentials |= call.struck_by(Action.CREDENTIALS) is not None
        engine.start(prediction, call.rule)
        call.effect(**creation.noted(prediction))
        newborn = engine.shown(prediction)
        if prediction.webhook and self._world.webhooks.of(prediction.webhook).early:
            await engine.finished_and_told(prediction)
            return JSONResponse(newborn, HTTPStatus.CREATED)
        if not await awaited(prediction, call.request.headers.get("prefer")):
            return JSONResponse(engine.shown(prediction), HTTPStatus.ACCEPTED)
        return JSONResponse(engine.shown(prediction), HTTPStatus.CREATED)

    def _prediction(self, call: Call) -> Prediction:
        prediction = self._engine.predictions.get(
            call.request.path_params["prediction_id"]
        )
        if prediction is None:
            raise RefusedError(problems.not_found())
        call.about |= {"id": prediction.id, "job": prediction.job}
        return prediction
