"""The stand-ins as a server on loopback, in this process and on its loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from tests.stack.providers.app import build
from tests.stack.providers.connections import watched_by
from tests.stack.providers.faults import Faults
from tests.stack.providers.guests import Guest
from tests.stack.providers.instagram import keys
from tests.stack.providers.instagram.api import InstagramGuest
from tests.stack.providers.instagram.gate import GRAPH, LOGIN
from tests.stack.providers.journal import Journal, JournalWriter
from tests.stack.providers.replicate.engine import Engine
from tests.stack.providers.stripe.gate import API as STRIPE
from tests.stack.providers.stripe.guest import StripeGuest
from tests.stack.providers.stripe.keys import API_KEY as STRIPE_KEY
from tests.stack.providers.stripe.keys import WEBHOOK_SECRET as STRIPE_SECRET
from tests.stack.providers.tiktok import guest as tiktok
from tests.stack.providers.tiktok.keys import CLIENT_KEY, CLIENT_SECRET
from tests.stack.providers.world import (
    OPENAI_KEY,
    REPLICATE_TOKEN,
    WEBHOOK_SECRET,
    World,
)

_HOST = "127.0.0.1"
_BACKLOG = 2048
_TICK_S = 1.0
_NAMES = ("replicate", "openai", "instagram", "stripe", "tiktok")


@dataclass(frozen=True)
class Providers:
    """Where the stand-ins are, and what opens them."""

    origin: str
    journals: dict[str, Path]
    replicate_token: str = REPLICATE_TOKEN
    openai_key: str = OPENAI_KEY
    webhook_secret: str = WEBHOOK_SECRET
    instagram_app_id: str = keys.APP_ID
    instagram_app_secret: str = keys.APP_SECRET
    instagram_verify_token: str = keys.VERIFY_TOKEN
    stripe_api_key: str = STRIPE_KEY
    stripe_webhook_secret: str = STRIPE_SECRET
    tiktok_client_key: str = CLIENT_KEY
    tiktok_client_secret: str = CLIENT_SECRET

    @property
    def replicate_base(self) -> str:
        """Where Replicate's API is."""
        return f"{self.origin}/replicate/v1"

    @property
    def openai_base(self) -> str:
        """Where OpenAI's API is."""
        return f"{self.origin}/openai/v1"

    @property
    def instagram_base(self) -> str:
        """Where Instagram's graph is; calls may put a version behind it."""
        return f"{self.origin}{GRAPH}"

    @property
    def instagram_oauth_base(self) -> str:
        """Where Instagram's login page is, and the codes' exchange."""
        return f"{self.origin}{LOGIN}"

    @property
    def stripe_base(self) -> str:
        """Where Stripe's API is, whose paths begin with ``/v1``."""
        return f"{self.origin}{STRIPE}"

    @property
    def tiktok_base(self) -> str:
        """Where TikTok's API is."""
        return f"{self.origin}{tiktok.API}"

    @property
    def tiktok_auth_base(self) -> str:
        """Where TikTok asks people for their consent."""
        return f"{self.origin}{tiktok.AUTH}"

    @property
    def control(self) -> str:
        """Where tests take control."""
        return f"{self.origin}/control"

    def journal(self, provider: str) -> Journal:
        """Return a provider's journal for reading."""
        return Journal(self.journals[provider])


@asynccontextmanager
async def serve(
    port: int = 0, *, journal_dir: Path, faults_file: Path | None = None
) -> AsyncIterator[Providers]:
    """Run all stand-ins until the block ends; port 0 takes a free one.

    Raises:
        pydantic.ValidationError: The faults file is there and not a list of rules.
    """
    journals = {name: journal_dir / f"{name}.jsonl" for name in _NAMES}
    faults = Faults(faults_file)
    listener = _listener(port)
    origin = f"http://{_HOST}:{listener.getsockname()[1]}"
    writers = {name: JournalWriter(path) for name, path in journals.items()}
    world = World(origin, writers, faults)
    engine = Engine(world)
    guests: list[Guest] = [
        InstagramGuest(world),
        StripeGuest(world),
        tiktok.TikTokGuest(world),
    ]
    server = _Server(_config(world, engine, guests))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield Providers(origin, journals)
    finally:
        await world.errands.abandon()
        world.connections.drop_all()
        server.stopping.set()
        await running
        await engine.courier.close()
        for guest in guests:
            await guest.close()
        for writer in writers.values():
            writer.close()


def _listener(port: int) -> socket.socket:
    """Return a socket on loopback that says it speaks TCP.

    asyncio turns Nagle's delay off only where the protocol is named, which
    ``socket.create_server`` leaves open; each answer would take 40 ms.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _config(world: World, engine: Engine, guests: Sequence[Guest]) -> uvicorn.Config:
    return uvicorn.Config(
        build(world, engine, guests),
        http=watched_by(world.connections),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
    )


class _Server(uvicorn.Server):
    """A server that is a guest: it stops when told, and leaves signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Catch none; they belong to the host."""
        yield

    async def main_loop(self) -> None:
        """Keep the date header fresh until told to stop, and then stop at once."""
        while not self.stopping.is_set():
            await self.on_tick(0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), _TICK_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close at once; the connections are gone, and nobody waits for an answer."""
        del sockets
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for server in self.servers:
            server.close()
            await server.wait_closed()
