"""What belongs to one running stand-in: the engine, its keys, and its courier."""

from tests.stack.providers.stripe.engine import StripeEngine
from tests.stack.providers.stripe.replays import Replays
from tests.stack.providers.stripe.settings import StripeSettings
from tests.stack.providers.stripe.webhooks import Courier
from tests.stack.providers.world import World

PAGES = "/stripe"


class House:
    """The engine may be replaced by a new one; everybody asks for it here."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.courier = Courier(world)
        self.replays = Replays()
        self.engine = self._engine(StripeSettings())
        self._sent = 0

    def forget(self) -> None:
        """Be as new, with the settings as they are."""
        self.engine = self._engine(self.engine.settings)
        self.replays = Replays()
        self.courier.forget()
        self._sent = 0

    def send(self) -> None:
        """Send what has happened since it was last sent."""
        log = self.engine.books.log
        events, self._sent = log.since(self._sent), len(log)
        self.courier.send(events, self.engine.settings)

    async def told_early(self) -> None:
        """Wait until all was tried once, where webhooks come before answers."""
        address = self.engine.settings.webhook_url
        if address is not None and self.world.webhooks.of(address).early:
            await self.courier.has_tried()

    def _engine(self, settings: StripeSettings) -> StripeEngine:
        origin = f"{self.world.origin}{PAGES}"
        engine = StripeEngine(settings=settings, clock=self.world.clock, origin=origin)
        engine.log.taken = self.courier.taken
        return engine
