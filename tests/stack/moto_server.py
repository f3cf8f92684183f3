"""The AWS stand-in: moto behind one lock, on a socket the stack has bound.

Run by path in a process of its own. moto's SQS loses messages when two threads work on
a queue, so connections are served by threads and requests one after the other.
"""

import logging
import sys
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.ses.models import Message, SESBackend
from moto.sqs.models import Queue, SQSBackend
from werkzeug.serving import make_server

COUNTED = "ApproximateNumber"


class OneAtATime:
    """A WSGI application that answers one request after the other."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._lock = threading.Lock()

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one request when those before it are done (WSGI)."""
        with self._lock:
            return list(self._application(environ, start_response))


@cache
def count_only_when_asked() -> None:
    """Let moto count the messages of a queue only for whoever wants to know.

    It reads all attributes, counts among them, for each message that it takes or hands
    out; with some thousands of messages it does nothing else. Once told, it knows.
    """
    everything = Queue.BASE_ATTRIBUTES
    but_counts = [name for name in everything if not name.startswith(COUNTED)]
    ask = SQSBackend.get_queue_attributes

    def asked(
        self: SQSBackend, queue_name: str, attribute_names: list[str]
    ) -> dict[str, Any]:
        if any(n == "All" or n.startswith(COUNTED) for n in attribute_names):
            Queue.BASE_ATTRIBUTES = everything
        try:
            return ask(self, queue_name, attribute_names)
        finally:
            Queue.BASE_ATTRIBUTES = but_counts

    Queue.BASE_ATTRIBUTES = but_counts
    SQSBackend.get_queue_attributes = asked  # type: ignore[method-assign]  # no hook


def put_mail_into(folder: Path) -> None:
    """Let moto write each letter that it takes into a file, numbered as they come."""
    send = SESBackend.send_email

    def sent(
        self: SESBackend,
        source: str,
        subject: str,
        body: str,
        destinations: dict[str, list[str]],
    ) -> Message:
        message = send(self, source, subject, body, destinations)
        address = ", ".join(a for group in destinations.values() for a in group)
        head = f"From: {source}\nTo: {address}\nSubject: {subject}\n\n"
        name = f"{len(self.sent_messages):04} {address.replace('/', '_')[:120]}.txt"
        (folder / name).write_text(head + body, encoding="utf-8")
        return message

    SESBackend.send_email = sent  # type: ignore[method-assign]  # no hook


def main(descriptor: int, mail: Path) -> None:
    """Serve until killed."""
    count_only_when_asked()
    put_mail_into(mail)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = OneAtATime(DomainDispatcherApplication(create_backend_app))
    server = make_server(
        "127.0.0.1",
        0,
        application,
        threaded=True,
        request_handler=MotoRequestHandler,
        fd=descriptor,
    )
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
