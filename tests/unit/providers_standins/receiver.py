"""A receiver of webhooks that answers as told and keeps what it was sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_OK = 200


@dataclass(frozen=True)
class Delivered:
    """One request as it arrived."""

    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What came so far, and what is answered next; 200 when nothing is left."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    received: list[Delivered] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def after(self, count: int) -> list[Delivered]:
        """Return all that came, once so many requests did."""
        async with asyncio.timeout(60), self._news:
            await self._news.wait_for(lambda: len(self.received) >= count)
        return list(self.received)

    async def answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Take one request, and close."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        lines = (line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in lines}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        status = self.answers.pop(0) if self.answers else _OK
        async with self._news:
            self.received.append(Delivered(head[0].split()[1], headers, body))
            self._news.notify_all()
        writer.write(
            f"HTTP/1.1 {status} X\r\nlocation: {self.url}\r\n"
            "content-length: 0\r\nconnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Run a receiver on a free port."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"http://127.0.0.1:{port}/webhooks/replicate?job=job-1"
    async with server:
        yield receiver
