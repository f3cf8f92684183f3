"""RDS in miniature: TLS with a certificate of its own, and a password for each.

In front of a Postgres that has neither. It believes every password, and remembers.
"""

import asyncio
import ipaddress
import ssl
import struct
import threading
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from vixenbliss.clock import now

HOST = "localhost"  # the name in its certificate; its address is not in there
_TLS_PLEASE = 80877103  # PostgreSQL's protocol, "Message Formats": SSLRequest
_PASSWORD_PLEASE = b"R" + struct.pack("!ii", 8, 3)  # AuthenticationCleartextPassword


class Rds:
    """A listener on loopback, in a thread of its own."""

    def __init__(self, postgres_port: int, folder: Path) -> None:
        self.roots = folder / "roots.pem"
        self.port = 0
        self.shown: list[tuple[str, str]] = []
        """Who has signed in, and with which password, in order."""
        self._behind = postgres_port
        self._context = _certified(self.roots, folder / "key.pem")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._open: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def wait_until_left(self) -> None:
        """Return when those who were connected have been told that it is over."""
        asyncio.run_coroutine_threadsafe(self._ended(), self._loop).result(10)

    async def _ended(self) -> None:
        await asyncio.gather(*self._open)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if task := asyncio.current_task():
            self._open.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # they do not believe us, or have gone
        except asyncio.CancelledError:
            pass
        finally:
            writer.transport.abort()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while (await _framed(reader))[:4] != struct.pack("!i", _TLS_PLEASE):
            writer.write(b"N")  # to what comes before, encryption by Kerberos
        writer.write(b"S")
        await writer.drain()
        await writer.start_tls(self._context)
        greeting = await _framed(reader)
        writer.write(_PASSWORD_PLEASE)
        await reader.readexactly(1)
        password = (await _framed(reader)).rstrip(b"\0").decode()
        words = greeting[4:].split(b"\0")
        self.shown.append((words[words.index(b"user") + 1].decode(), password))
        await self._connect(greeting, reader, writer)

    async def _connect(
        self,
        greeting: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._behind)
        back.write(struct.pack("!i", len(greeting) + 4) + greeting)
        pumps = [
            asyncio.create_task(_pump(reader, back)),
            asyncio.create_task(_pump(there, writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            back.transport.abort()  # first: what follows may be cancelled, too
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)


async def _framed(reader: asyncio.StreamReader) -> bytes:
    """Return a message without its length, which counts itself."""
    (length,) = struct.unpack("!i", await reader.readexactly(4))
    return await reader.readexactly(length - 4)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


def _certified(roots: Path, key_path: Path) -> ssl.SSLContext:
    """Write a root that vouches for itself alone, and return how it is shown."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root of tests")])
    names = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("192.0.2.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(hours=1))
        .not_valid_after(now() + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    roots.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(roots, key_path)
    return context
