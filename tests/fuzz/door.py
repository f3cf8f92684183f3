"""The whole API on one socket and in one process, quick enough to be asked anything.

Requests become events as the gateway makes them, and handlers answer one after the
other: a container runs one request at a time, and here all functions share one.
"""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope

from tests.stack import children
from tests.stack.gateway import Gateway, serving
from tests.stack.runtime import Runtime
from tests.support.api import ACCOUNT, handler_of, routes

SIGN_IN = "/sign-in/"
type SignIn = Callable[[str], str]


class OneContainer(Runtime):
    """All functions, as one container's handlers."""

    def __init__(self) -> None:
        super().__init__({})
        self.thread = ThreadPoolExecutor(1, "container")

    async def invoke(self, function: str, payload: bytes) -> bytes:
        """Run a function once."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.thread, _run, function, payload)

    async def close(self) -> None:
        """Wait until the last one is through."""
        self.thread.shutdown()


class WithSignIn(Gateway):
    """The gateway, and one more path: a token that is good now, for a role."""

    def __init__(self, container: OneContainer, sign_in: SignIn) -> None:
        super().__init__(routes(), container, account=ACCOUNT)
        self._container = container
        self._sign_in = sign_in

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http" or not scope["path"].startswith(SIGN_IN):
            await super().__call__(scope, receive, send)
            return
        role = scope["path"].removeprefix(SIGN_IN)
        loop = asyncio.get_running_loop()
        token = await loop.run_in_executor(self._container.thread, self._sign_in, role)
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [],
                "trailers": False,
            }
        )
        await send(
            {
                "type": "http.response.body",
                "body": token.encode(),
                "more_body": False,
            }
        )


@dataclass(frozen=True, slots=True)
class _Door:
    """A socket, and the events by which its two threads wait for one another."""

    bound: socket.socket = field(default_factory=children.bind)
    is_open: threading.Event = field(default_factory=threading.Event)
    is_enough: threading.Event = field(default_factory=threading.Event)

    def serve(self, sign_in: SignIn) -> None:
        asyncio.run(self._serve(sign_in))

    async def _serve(self, sign_in: SignIn) -> None:
        container = OneContainer()
        async with serving(WithSignIn(container, sign_in), self.bound):
            self.is_open.set()
            await asyncio.to_thread(self.is_enough.wait)
        await container.close()


@contextmanager
def open_door(sign_in: SignIn) -> Iterator[str]:
    """Serve the API while the block runs; yield its address."""
    door = _Door()
    server = threading.Thread(target=door.serve, args=(sign_in,), name="door")
    server.start()
    try:
        door.is_open.wait()
        yield f"http://127.0.0.1:{door.bound.getsockname()[1]}"
    finally:
        door.is_enough.set()
        server.join()


def _run(function: str, payload: bytes) -> bytes:
    return json.dumps(handler_of(function)(json.loads(payload), None)).encode()
