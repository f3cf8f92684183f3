"""Answers that never arrive: connections dropped or left open in the middle of a call.

An ASGI application cannot hang up, so the protocol tells us of each connection, and
the caller's address and port lead from a request to its own.
"""

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

type Peer = tuple[str, int]


class Connections:
    """The connections open now, by their callers' addresses."""

    def __init__(self) -> None:
        self._transports: dict[Peer, asyncio.Transport] = {}

    def opened(self, peer: Peer, transport: asyncio.Transport) -> None:
        """Remember a connection."""
        self._transports[peer] = transport

    def closed(self, peer: Peer) -> None:
        """Forget a connection."""
        self._transports.pop(peer, None)

    def drop(self, peer: Peer) -> None:
        """Hang up on a caller."""
        self._transports[peer].abort()

    def drop_all(self) -> None:
        """Hang up on everybody."""
        for transport in list(self._transports.values()):
            transport.abort()


def watched_by(connections: Connections) -> type[asyncio.Protocol]:
    """Return uvicorn's protocol, telling of each connection."""

    class Watched(HttpToolsProtocol):
        def connection_made(  # type: ignore[override] # as uvicorn itself narrows it
            self, transport: asyncio.Transport
        ) -> None:
            super().connection_made(transport)
            if self.client is not None:
                connections.opened(self.client, transport)

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client is not None:
                connections.closed(self.client)
            super().connection_lost(exc)

    return Watched


class Dropped(Response):
    """No answer: the connection is gone."""

    def __init__(self, connections: Connections) -> None:
        super().__init__()
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hang up, and wait until the server has noticed."""
        del send
        self._connections.drop(tuple(scope["client"]))
        await _gone(receive)


class Hung(Response):
    """No answer for as long as the caller has patience, or for some seconds."""

    def __init__(self, connections: Connections, seconds: float | None) -> None:
        super().__init__()
        self._connections = connections
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say nothing until the caller leaves; hang up if it outstays the time."""
        try:
            async with asyncio.timeout(self._seconds):
                await _gone(receive)
        except TimeoutError:
            await Dropped(self._connections)(scope, receive, send)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
