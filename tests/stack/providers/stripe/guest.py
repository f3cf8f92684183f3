"""Stripe's stand-in as the server knows it."""

from starlette.responses import Response
from starlette.routing import Route

from tests.stack.providers.guests import Door
from tests.stack.providers.stripe import errors
from tests.stack.providers.stripe.doors import Doors
from tests.stack.providers.stripe.gate import API, Gate
from tests.stack.providers.stripe.house import House
from tests.stack.providers.stripe.pages import Pages
from tests.stack.providers.stripe.settings import StripeSettings
from tests.stack.providers.world import World


class StripeGuest:
    """All calls, pages and doors."""

    prefix = f"{API}/"

    def __init__(self, world: World) -> None:
        self._house = House(world)

    def routes(self) -> list[Route]:
        """Return the calls and the payer's pages, each with its path."""
        return [*Gate(self._house).routes(), *Pages(self._house).routes()]

    def doors(self) -> list[Door]:
        """Return the doors below ``/control/stripe``."""
        return Doors(self._house).table()

    def unknown_path(self, path: str) -> Response:
        """Answer a path that Stripe does not have."""
        return errors.unknown_path(path.removeprefix(API)).response()

    def forget(self) -> None:
        """Let go of all objects and events."""
        self._house.forget()

    def reset(self) -> None:
        """Take back all settings."""
        self._house.engine.settings = StripeSettings()

    async def close(self) -> None:
        """Close the connections to the outside."""
        await self._house.courier.close()
