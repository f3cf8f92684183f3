"""What the stand-ins share: the clock, the script, the journals, work under way."""

import asyncio
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass, field

from tests.stack.providers.connections import Connections
from tests.stack.providers.faults import Faults
from tests.stack.providers.journal import JournalWriter
from tests.stack.providers.settings import Clock, Settings, WebhookBehaviour

REPLICATE_TOKEN = "r8_StandInTokenThatOpensNothingAtReplicate"
OPENAI_KEY = "sk-proj-stand-in-key-that-opens-nothing-at-openai"
WEBHOOK_SECRET = "whsec_dml4ZW5ibGlzcy1zdGFuZGFyZC13ZWJob29rcy1rZXk="


class Errands:
    """Work that goes on after its call was answered."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Begin the work, and hold on to it until it ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def done(self, within_s: float) -> bool:
        """Wait until nothing is under way; return false if time runs out first."""
        try:
            async with asyncio.timeout(within_s):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        except TimeoutError:
            return False
        return True

    async def abandon(self) -> None:
        """Stop all work where it stands."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class World:
    """Everything all stand-ins need to know."""

    origin: str
    journals: dict[str, JournalWriter]
    faults: Faults
    settings: Settings = field(default_factory=Settings)
    webhooks: WebhookBehaviour = field(default_factory=WebhookBehaviour)
    clock: Clock = field(default_factory=Clock)
    connections: Connections = field(default_factory=Connections)
    errands: Errands = field(default_factory=Errands)


def new_id(prefix: str, length: int) -> str:
    """Return an id nobody has, as OpenAI writes them: ``resp_`` and hexadecimals."""
    return f"{prefix}{secrets.token_hex(length // 2)}"
