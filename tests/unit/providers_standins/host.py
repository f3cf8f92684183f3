"""A host on loopback: files for the platform to fetch, pages for it to ask."""

import asyncio
import io
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from PIL import Image

ECHO = b"hub.challenge"


@dataclass
class Host:
    """Files by their paths; a path that is not there is 404, a slow one never ends."""

    origin: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def put(self, path: str, content: bytes) -> str:
        """Keep a file, and return its address."""
        self.files[path] = content
        return f"{self.origin}{path}"

    async def answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Take one request, and close."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        target = urlsplit(head[0].split()[1])
        self.asked.append(target.path)
        if target.path in self.slow:
            await reader.read()
        content = self.files.get(target.path)
        if content == ECHO:
            content = parse_qs(target.query)["hub.challenge"][0].encode()
        status = "404 Not Found" if content is None else "200 OK"
        content = content or b""
        size = f"content-length: {len(content)}\r\nconnection: close\r\n\r\n"
        writer.write(f"HTTP/1.1 {status}\r\n{size}".encode() + content)
        writer.close()


@asynccontextmanager
async def hosting() -> AsyncIterator[Host]:
    """Run a host on a free port."""
    host = Host()
    server = await asyncio.start_server(host.answer, "127.0.0.1", 0)
    host.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield host


def picture(width: int = 320, height: int = 320, kind: str = "JPEG") -> bytes:
    """Return a picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), "pink").save(file, kind)
    return file.getvalue()


def film(
    *,
    seconds: int = 5,
    width: int = 720,
    codec: bytes = b"avc1",
    moov_first: bool = True,
) -> bytes:
    """Return as much of an MP4 as says what it is."""
    entry = struct.pack(">II", 0, 1) + _box(codec, bytes(8))
    stbl = _box(b"stbl", _box(b"stsd", entry))
    track = _box(b"tkhd", bytes(76) + struct.pack(">II", width << 16, 1280 << 16))
    trak = _box(b"trak", track + _box(b"mdia", _box(b"minf", stbl)))
    mvhd = _box(b"mvhd", bytes(12) + struct.pack(">II", 1000, seconds * 1000))
    moov, mdat = _box(b"moov", mvhd + trak), _box(b"mdat", bytes(32))
    rest = moov + mdat if moov_first else mdat + moov
    return _box(b"ftyp", b"isom" + bytes(4)) + rest


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body
