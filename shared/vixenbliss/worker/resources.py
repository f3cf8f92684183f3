"""How an event of CloudFormation becomes a call, and always gets an answer.

Whoever does not answer holds up the deployment for an hour, and then its rollback.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import psycopg
from sqlalchemy.exc import DBAPIError

from vixenbliss.errors import ProviderUnavailableError, VixenBlissError
from vixenbliss.log import log
from vixenbliss.providers.cloudformation import Reply, tell

ANSWER_S = 5
"""How long before its end a function gives up; time to answer, twice if need be."""

type Event = Mapping[str, Any]
type Work = Callable[[str], Mapping[str, str]]
"""Creates or updates the resource, as it is told; returns what is to be known of it."""


class Context(Protocol):
    """What Lambda tells a function of its invocation."""

    aws_request_id: str
    log_stream_name: str

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run."""
        ...


def is_from_cloudformation(event: Event) -> bool:
    """Tell whether an event wants an answer at an address of its own."""
    return "ResponseURL" in event and "RequestType" in event


def tend(resource_id: str, event: Event, context: Context, work: Work) -> Reply:
    """Do what CloudFormation wants of a resource, and tell it how that ended.

    A resource of ours that is deleted leaves all as it is. What takes too long is told
    as failed shortly before Lambda ends it.

    Raises:
        ProviderUnavailableError: the answer was not taken; Lambda calls once more.
    """
    answer = _Answer(event)
    slow = Reply("FAILED", resource_id, f"It took too long{_more(context)}")
    left_s = context.get_remaining_time_in_millis() / 1000 - ANSWER_S
    timer = threading.Timer(left_s, answer.give_up, [slow])
    timer.start()
    try:
        reply = _done(resource_id, event, context, work)
    finally:
        timer.cancel()
    return answer.give(reply)


class _Answer:
    """The one answer to an event, by whoever has it first."""

    def __init__(self, event: Event) -> None:
        self._event = event
        self._lock = threading.Lock()
        self._given: Reply | None = None

    def give(self, reply: Reply) -> Reply:
        """Tell CloudFormation, unless it was told; return what it was told."""
        with self._lock:
            if self._given is None:
                tell(self._event, reply)
                self._given = reply
            return self._given

    def give_up(self, reply: Reply) -> None:
        """Tell CloudFormation that it was in vain, while the work still goes on."""
        log.error("resource took too long", resource=self._event["LogicalResourceId"])
        try:
            self.give(reply)
        except ProviderUnavailableError as error:
            log.error("answer not taken", code=error.code)


def _done(resource_id: str, event: Event, context: Context, work: Work) -> Reply:
    kind = event["RequestType"]
    try:
        data = {} if kind == "Delete" else work(kind)
    except Exception as error:  # noqa: BLE001 - the border: whatever it is, somebody waits for an answer
        log.error("resource not tended", error=type(error).__name__, exc_info=error)
        reason = f"{_name(error)}{_more(context)}"
        return Reply("FAILED", resource_id, reason)
    return Reply("SUCCESS", resource_id, data=data)


def _name(error: Exception) -> str:
    """Return what went wrong in words that are ours, or names: they tell no secret."""
    match error:
        case VixenBlissError():
            return f"{error.code}: {error}"
        case DBAPIError(orig=psycopg.Error() as cause):
            return f"{type(cause).__name__} (SQLSTATE {cause.sqlstate or 'none'})"
        case _:
            return type(error).__name__


def _more(context: Context) -> str:
    return f"; see log {context.log_stream_name}, request {context.aws_request_id}."
