"""A service that begins to answer at once and never ends."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"
PAUSE_S = 0.05


async def _drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    while not writer.is_closing():
        writer.write(b" ")
        await asyncio.sleep(PAUSE_S)


@asynccontextmanager
async def dripping() -> AsyncGenerator[str]:
    """Yield the address of a service whose answers come byte by byte."""
    async with await asyncio.start_server(_drip, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}"
