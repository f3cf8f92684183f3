"""Lambda's Runtime API for one worker process, on a loopback port of its own.

The worker is a real ``awslambdaric`` client. Source of the protocol:
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Protocol, Self

import h11

from tests.stack import children
from tests.stack.wire import JsonObject

RESPONSE_LIMIT = 6_291_556
"""Bytes. Documented as 6 MB; the number is from Lambda's own error message."""

_PREFIX = "/2018-06-01/runtime"
_OUTCOME = re.compile(rf"{_PREFIX}/invocation/([^/]+)/(response|error)")
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Work:
    """One invocation as the worker gets to see it."""

    request_id: str
    payload: bytes
    headers: Mapping[str, str]


class Host(Protocol):
    """Who gives the worker its work and takes the results."""

    async def next_work(self) -> Work:
        """Wait for the next invocation of this worker."""

    def succeed(self, request_id: str, response: bytes) -> None:
        """Take the response to an invocation; an unknown one is ignored."""

    def fail(self, request_id: str, error: JsonObject) -> None:
        """Take the error of an invocation; an unknown one is ignored."""

    def fail_to_start(self, error: JsonObject) -> None:
        """Take the error that kept the worker from starting, or from waking."""

    async def restore(self) -> None:
        """Wait until the snapshot that the worker is ready for has been woken."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: HTTPStatus
    body: bytes = b'{"status":"OK"}'
    headers: Mapping[str, str] = field(default_factory=dict)


_ACCEPTED = _Answer(HTTPStatus.ACCEPTED)
_TOO_LARGE = json.dumps(
    {
        "errorType": "RequestEntityTooLarge",
        "errorMessage": f"Exceeded maximum allowed payload size ({RESPONSE_LIMIT}"
        " bytes).",
    }
).encode()


class RuntimeApi:
    """The server; an async context manager that ends with all its connections."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.address = ""

    async def __aenter__(self) -> Self:
        """Listen; the worker is told the address."""
        bound = children.bind()
        self.address = f"127.0.0.1:{bound.getsockname()[1]}"
        self._server = await asyncio.start_server(self._accept, sock=bound)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening and drop the worker's connections."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if task := asyncio.current_task():
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        with contextlib.suppress(
            asyncio.CancelledError, ConnectionError, h11.RemoteProtocolError
        ):
            await self._converse(_Wire(reader, writer))
        writer.close()

    async def _converse(self, wire: "_Wire") -> None:
        while (request := await wire.receive()) is not None:
            method, path, body = request
            await wire.send(await self._answer(method, path, body))

    async def _answer(self, method: str, path: str, body: bytes) -> _Answer:
        match method, path:
            case "GET", "/2018-06-01/runtime/invocation/next":
                work = await self._host.next_work()
                return _Answer(HTTPStatus.OK, work.payload, work.headers)
            case "GET", "/2018-06-01/runtime/restore/next":
                await self._host.restore()
                return _Answer(HTTPStatus.OK)
            case (
                "POST",
                "/2018-06-01/runtime/init/error" | "/2018-06-01/runtime/restore/error",
            ):
                self._host.fail_to_start(_error_of(body))
                return _ACCEPTED
        if outcome := _OUTCOME.fullmatch(path):
            return self._settle(outcome[1], outcome[2], body)
        return _Answer(HTTPStatus.NOT_FOUND, b"{}")

    def _settle(self, request_id: str, outcome: str, body: bytes) -> _Answer:
        if outcome == "error":
            self._host.fail(request_id, _error_of(body))
        elif len(body) > RESPONSE_LIMIT:
            # The worker dies of this answer, as it does on Lambda.
            self._host.fail(request_id, _response_too_large())
            return _Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)
        else:
            self._host.succeed(request_id, body)
        return _ACCEPTED


def _response_too_large() -> JsonObject:
    return {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size"
        f" ({RESPONSE_LIMIT} bytes).",
    }


def _error_of(body: bytes) -> JsonObject:
    with contextlib.suppress(ValueError):
        error = json.loads(body)
        if isinstance(error, dict):
            return error
    return {"errorType": "Unhandled", "errorMessage": body.decode(errors="replace")}


class _Wire:
    """HTTP/1.1 on one connection, kept alive between requests."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)

    async def receive(self) -> tuple[str, str, bytes] | None:
        """Return method, path and body of the next request, None at the end."""
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        request = await self._event()
        if not isinstance(request, h11.Request):
            return None
        body = bytearray()
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
        return request.method.decode(), request.target.decode(), bytes(body)

    async def send(self, answer: _Answer) -> None:
        """Answer the request received last."""
        headers = {
            "Content-Length": str(len(answer.body)),
            "Content-Type": "application/json",
            **answer.headers,
        }
        start = h11.Response(
            status_code=answer.status,
            headers=[(k.encode(), v.encode()) for k, v in headers.items()],
        )
        events = (start, h11.Data(data=answer.body), h11.EndOfMessage())
        self._writer.write(b"".join(self._http.send(event) or b"" for event in events))
        await self._writer.drain()

    async def _event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                self._writer.write(self._http.send(go_on) or b"")
            self._http.receive_data(await self._reader.read(_CHUNK))
        return event
