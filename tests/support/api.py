"""The API as a client sees it, without a network: the gateway's event, the handler."""

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx

from tests.stack import payloads, template
from tests.stack.routes import Table

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30
ACCOUNT = "123456789012"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def code(self) -> str:
        """The error's code, in whichever dialect it is told."""
        body = self.json
        return str(body.get("error", body)["code"])

    def ok(self, status: int = 200) -> Any:
        """Return the body of an answer that has to have this status."""
        assert self.status == status, f"{self.status}: {self.content.decode()}"
        return self.json if self.content else None


@dataclass(frozen=True, slots=True)
class Api:
    """A client, anonymous or with a token and a workspace."""

    token: str | None = None
    workspace_id: str | None = None
    base: str = ""
    """Where a running stack answers; without it the handlers are called here."""
    client: str = "127.0.0.1"
    """Where the handlers are told that it comes from."""

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Send a request the way the gateway would and return the answer."""
        sent = {"host": "api.test", "content-type": "application/json"}
        if self.token:
            sent["authorization"] = f"Bearer {self.token}"
        if self.workspace_id:
            sent["x-workspace-id"] = self.workspace_id
        sent |= headers or {}
        raw = content if content is not None else _encoded(body)
        if self.base:
            return _send_to(self.base + path, method, sent, raw)
        return _send(method, path, sent, raw, client=self.client)

    def signed_in(self, token: str) -> "Api":
        return replace(self, token=token)

    def working_in(self, workspace_id: str) -> "Api":
        return replace(self, workspace_id=workspace_id)


def _encoded(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


def _send(
    method: str,
    path: str,
    headers: Mapping[str, str],
    content: bytes,
    *,
    client: str,
) -> Answer:
    raw_path, _, query = path.partition("?")
    match = routes().find(method, raw_path)
    assert match is not None, "the template has a $default route"
    request = payloads.Request(
        method=method,
        raw_path=raw_path,
        query=query,
        headers=list(headers.items()),
        body=content,
        protocol="HTTP/1.1",
        client=client,
        request_id="test-request",
    )
    event = payloads.event_of(request, match, account=ACCOUNT)
    result = handler_of(match.route.function)(event, None)
    response = payloads.response_of(json.dumps(result).encode())
    told = {name.lower(): value for name, value in response.headers}
    return Answer(response.status, told, response.body)


def _send_to(url: str, method: str, headers: dict[str, str], content: bytes) -> Answer:
    del headers["host"]
    response = httpx.request(
        method, url, headers=headers, content=content, timeout=PATIENCE_S
    )
    return Answer(response.status_code, response.headers, response.content)


@cache
def product() -> template.Template:
    """Return the product's template."""
    return template.read(ROOT / "template.yaml")


@cache
def routes() -> Table:
    """Return the product's routes, as the gateway sorts them."""
    return Table(product().routes)


@cache
def handler_of(function: str) -> Any:
    """Return the handler of a function, by its name in the template."""
    return _module_of(function).handler


def renewed_handler_of(function: str) -> Any:
    """Return the handler of a function whose container has just started."""
    return importlib.reload(_module_of(function)).handler


def _module_of(function: str) -> ModuleType:
    folder = product().functions[function].code_dir.strip("/").replace("/", ".")
    return importlib.import_module(f"{folder}.app")
