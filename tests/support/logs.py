"""What the product logs, as CloudWatch would keep it."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vixenbliss.log import log


class Lines:
    """The log since a test began to listen."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def messages(self) -> list[str]:
        return [entry["message"] for entry in self.entries]


@contextmanager
def listening(level: int = logging.INFO) -> Iterator[Lines]:
    """Listen to the product's one logger."""
    logger = logging.getLogger("vixenbliss")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log.registered_formatter)
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(level)
    try:
        yield Lines(stream)
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)
