"""Idempotency keys: what was answered first is answered again.

A key lives for a day at least; here for good. Nothing is kept of a call that was not
carried out because its parameters were wrong (docs.stripe.com/api/idempotent_requests).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request

from tests.stack.providers.stripe.errors import StripeError

_LONGEST = 255


@dataclass(frozen=True)
class Replay:
    """What a key was used for, and what came of it."""

    fingerprint: str
    request_id: str
    status: int
    body: bytes


class Replays:
    """All keys."""

    def __init__(self) -> None:
        self._kept: dict[str, Replay] = {}
        self._running: dict[str, Request] = {}

    @contextmanager
    def running(self, request: Request) -> Iterator[None]:
        """Let a call hold its key, unless another one does."""
        key = key_of(request)
        if key is None:
            yield
            return
        holder = self._running.setdefault(key, request)
        try:
            yield
        finally:
            if holder is request:
                del self._running[key]

    def refusal(self, request: Request) -> StripeError | None:
        """Return why a call's key cannot be used now, whatever the call says."""
        key = key_of(request)
        if key is None:
            return None
        if len(key) > _LONGEST:
            return StripeError("Keys have at most 255 characters.", kind=_KIND)
        if self._running.get(key, request) is not request:
            return StripeError(
                "There is currently another in-progress request using this Idempotent "
                f"Key: {key}.",
                status=HTTPStatus.CONFLICT,
                kind=_KIND,
                code="idempotency_key_in_use",
            )
        return None

    def find(self, key: str | None, fingerprint: str) -> Replay | None:
        """Return what the key was answered with.

        Raises:
            StripeError: It was used for something else.
        """
        kept = self._kept.get(key) if key else None
        if kept is not None and kept.fingerprint != fingerprint:
            raise StripeError(
                "Keys for idempotent requests can only be used with the same "
                f"parameters they were first used with. Try another one than '{key}'.",
                kind=_KIND,
            )
        return kept

    def keep(self, key: str | None, replay: Replay) -> None:
        """Remember what a key was answered with."""
        if key:
            self._kept[key] = replay


def key_of(request: Request) -> str | None:
    """Return the key of a call that may change something."""
    if request.method == "GET":
        return None
    return request.headers.get("idempotency-key")


_KIND = "idempotency_error"
