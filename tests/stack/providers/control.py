"""The control door: what a test may ask of the stand-ins, or do to them.

No provider has these paths. A body that is not understood is answered 400 with the
reason, and nothing changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.stack.providers.guests import Door, Guest, body_of, understood
from tests.stack.providers.openai.api import OpenAIApi
from tests.stack.providers.replicate.engine import Engine
from tests.stack.providers.settings import Settings, WebhookBehaviour
from tests.stack.providers.world import World


class Expiry(BaseModel):
    """Whose files shall vanish now: one prediction's, or all that are over."""

    model_config = ConfigDict(extra="forbid")

    id: str | None = None


class Advance(BaseModel):
    """How far the providers' clock goes forward."""

    model_config = ConfigDict(extra="forbid")

    advance_s: float = Field(gt=0)


class Patience(BaseModel):
    """How long to wait for the stand-ins to have nothing left to do."""

    model_config = ConfigDict(extra="forbid")

    timeout_s: float = Field(default=30.0, gt=0, le=600)


@dataclass
class Control:
    """The endpoints under ``/control``."""

    world: World
    engine: Engine
    openai: OpenAIApi
    guests: Sequence[Guest] = ()

    def routes(self) -> list[Route]:
        """Return the paths, each with what it answers to."""
        table: list[Door] = [
            ("GET", "faults", self.faults),
            ("PUT", "faults", self.replace_faults),
            ("POST", "faults", self.add_fault),
            ("DELETE", "faults", self.clear_faults),
            ("GET", "settings", self.settings),
            ("PUT", "settings", self.change_settings),
            ("GET", "webhooks", self.webhooks),
            ("PUT", "webhooks", self.change_webhooks),
            ("GET", "deliveries", self.deliveries),
            ("GET", "predictions", self.predictions),
            ("POST", "expire", self.expire),
            ("POST", "clock", self.advance),
            ("POST", "wait_idle", self.wait_idle),
            ("DELETE", "state", self.clear_state),
            ("POST", "reset", self.reset),
            *(door for guest in self.guests for door in guest.doors()),
        ]
        return [
            Route(f"/control/{path}", understood(endpoint), methods=[method])
            for method, path, endpoint in table
        ]

    async def faults(self, request: Request) -> Response:
        """Show the rules in force and their counters."""
        del request
        return JSONResponse(self.world.faults.report())

    async def replace_faults(self, request: Request) -> Response:
        """Put a list of rules in force, in place of all others."""
        rules = await body_of(request)
        self.world.faults.replace(rules if isinstance(rules, list) else [rules])
        return await self.faults(request)

    async def add_fault(self, request: Request) -> Response:
        """Put one more rule behind the others."""
        self.world.faults.add(await body_of(request))
        return await self.faults(request)

    async def clear_faults(self, request: Request) -> Response:
        """Let everything go well."""
        self.world.faults.clear()
        return await self.faults(request)

    async def settings(self, request: Request) -> Response:
        """Show the settings."""
        del request
        return JSONResponse(self.world.settings.model_dump(mode="json"))

    async def change_settings(self, request: Request) -> Response:
        """Change the settings that are named, and leave the others."""
        changes = await body_of(request)
        settings = self.world.settings.model_dump()
        merged = settings | changes if isinstance(changes, dict) else changes
        self.world.settings = Settings.model_validate(merged)
        return await self.settings(request)

    async def webhooks(self, request: Request) -> Response:
        """Show how webhooks behave."""
        del request
        return JSONResponse(self.world.webhooks.model_dump(mode="json"))

    async def change_webhooks(self, request: Request) -> Response:
        """Let webhooks misbehave as told, and in nothing else."""
        self.world.webhooks = WebhookBehaviour.model_validate(await body_of(request))
        return await self.webhooks(request)

    async def deliveries(self, request: Request) -> Response:
        """Show all attempts at delivering webhooks."""
        del request
        return JSONResponse(self.engine.courier.deliveries())

    async def predictions(self, request: Request) -> Response:
        """Show all predictions, oldest first, with whose job each is."""
        del request
        shown = [
            self.engine.shown(p) | {"job": p.job, "seed": p.seed, "webhook": p.webhook}
            for p in self.engine.predictions.values()
        ]
        return JSONResponse(shown)

    async def expire(self, request: Request) -> Response:
        """Let inputs, outputs and files vanish as if their hour were over."""
        expiry = Expiry.model_validate(await body_of(request))
        expired = [
            prediction
            for prediction in self.engine.predictions.values()
            if prediction.is_over() and expiry.id in {None, prediction.id}
        ]
        for prediction in expired:
            prediction.expired = True
        return JSONResponse({"expired": [prediction.id for prediction in expired]})

    async def advance(self, request: Request) -> Response:
        """Put the providers' clock forward."""
        advance = Advance.model_validate(await body_of(request))
        self.world.clock.advance(advance.advance_s)
        return JSONResponse({"now": self.world.clock.now().isoformat()})

    async def wait_idle(self, request: Request) -> Response:
        """Answer once no prediction runs and no webhook is on its way."""
        patience = Patience.model_validate(await body_of(request))
        idle = await self.world.errands.done(patience.timeout_s)
        return JSONResponse({"idle": idle})

    async def clear_state(self, request: Request) -> Response:
        """Forget predictions, files, responses and conversations; stop all work."""
        del request
        await self.world.errands.abandon()
        self.engine.forget()
        self.openai.forget()
        for guest in self.guests:
            guest.forget()
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def reset(self, request: Request) -> Response:
        """Be as started: no state, no faults, default settings, the machine's time."""
        self.world.faults.clear()
        self.world.settings = Settings()
        self.world.webhooks = WebhookBehaviour()
        self.world.clock.reset()
        for guest in self.guests:
            guest.reset()
        return await self.clear_state(request)
