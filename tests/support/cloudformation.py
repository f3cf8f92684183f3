"""CloudFormation as a custom resource meets it: where the answer is put."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

PATH = (
    "/arn%3Aaws%3Acloudformation%3Aeu-west-1%3A123456789012%3Astack/House/1%7CSchema%7C2"
    "?AWSAccessKeyId=AKIA&Expires=1&Signature=a%2Bb/c%3D&x=%7e~'()*!"
)
"""As S3's signature covers it: no character may be spelled otherwise."""


@dataclass
class Put:
    """A request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class CloudFormation:
    """What has come, and how it is answered: each status once, then 200."""

    url: str = ""
    came: list[Put] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def event(self, request: str, **more: str) -> dict[str, Any]:
        """Return the event of a request: ``Create``, ``Update`` or ``Delete``."""
        return {
            "RequestType": request,
            "ResponseURL": self.url,
            "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/House/1",
            "RequestId": "request-1",
            "LogicalResourceId": "Schema",
            "ResourceType": "Custom::Migration",
            "ResourceProperties": {"ServiceToken": "arn", "Release": "1"},
        } | more

    @property
    def answer(self) -> dict[str, Any]:
        """The one answer."""
        (put,) = self.came
        return dict(put.json)


@contextmanager
def cloudformation() -> Iterator[CloudFormation]:
    """Listen on loopback."""
    heard = CloudFormation()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.came.append(Put(self.path, dict(self.headers.items()), body))
            self.send_response(heard.statuses.pop(0) if heard.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        heard.url = f"http://127.0.0.1:{server.server_port}{PATH}"
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield heard
        server.shutdown()
        thread.join()
