"""Predictions as they are kept, and as they look on the wire.

Fields and meanings: the ``prediction_response`` schema of Replicate's OpenAPI document.
"""

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from tests.stack.providers.replicate.models import Model

_ALPHABET = "abcdefghjkmnpqrstvwxyz0123456789"
_ID_LENGTH = 26


class Status(StrEnum):
    """Where a prediction stands."""

    STARTING = "starting"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"  # by its creator, or by its deadline while it ran
    ABORTED = "aborted"  # by its deadline before it ran


TERMINAL = {Status.SUCCEEDED, Status.FAILED, Status.CANCELED, Status.ABORTED}


@dataclass
class Prediction:
    """One run of a model."""

    model: Model
    input: dict[str, object]
    seed: int
    created_at: datetime
    webhook: str | None = None
    events: frozenset[str] = frozenset({"output", "completed"})
    deadline_s: float | None = None
    id: str = field(default_factory=lambda: readable_id(_ID_LENGTH))
    status: Status = Status.STARTING
    output: object = None
    files: list[str] = field(default_factory=list)
    error: str | None = None
    logs: str = ""
    started_at: datetime | None = None
    completed_at: datetime | None = None
    expired: bool = False
    credentials: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def prompt(self) -> str:
        """What the picture shall show."""
        return str(self.input.get("prompt", ""))

    @property
    def job(self) -> str | None:
        """Whose prediction the caller says this is, in its webhook's address."""
        query = parse_qs(urlsplit(self.webhook or "").query)
        return next(iter(query.get("job", [])), None)

    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in TERMINAL

    def is_removed(self, now: datetime, retention_s: float) -> bool:
        """Whether its data is gone, about an hour after it ended."""
        if self.completed_at is None:
            return False
        return self.expired or now - self.completed_at >= timedelta(seconds=retention_s)

    def end(self, status: Status, at: datetime) -> None:
        """Bring it to its end."""
        self.status, self.completed_at = status, at
        self.over.set()

    def on_the_wire(self, api: str, *, removed: bool) -> dict[str, object]:
        """Return the object as the API shows it."""
        shown = {
            "id": self.id,
            "model": self.model.name,
            "version": self.model.version,
            "input": {} if removed else self.input,
            "logs": "" if removed else self.logs,
            "output": None if removed else self.output,
            "data_removed": removed,
            "error": self.error,
            "source": "api",
            "status": self.status.value,
            "created_at": _instant(self.created_at),
            "started_at": _instant(self.started_at),
            "completed_at": _instant(self.completed_at),
            "metrics": self._metrics(),
            "urls": self._urls(api),
        }
        if self.deadline_s is not None:
            deadline = self.created_at + timedelta(seconds=self.deadline_s)
            shown["deadline"] = _instant(deadline)
        return shown

    def _metrics(self) -> dict[str, object]:
        if self.completed_at is None:
            return {}
        total = self.completed_at - self.created_at
        metrics: dict[str, object] = {"total_time": total.total_seconds()}
        if self.started_at is not None:
            ran = self.completed_at - self.started_at
            metrics["predict_time"] = ran.total_seconds()
        if self.status is Status.SUCCEEDED:
            metrics["image_count"] = len(self.files)
        return metrics

    def _urls(self, api: str) -> dict[str, str]:
        own = f"{api}/predictions/{self.id}"
        return {
            "web": f"https://replicate.com/p/{self.id}",
            "get": own,
            "cancel": f"{own}/cancel",
            "stream": f"https://stream.replicate.com/v1/files/{self.id}",
        }


def readable_id(length: int = _ID_LENGTH) -> str:
    """Return an id nobody has, in Replicate's letters."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
