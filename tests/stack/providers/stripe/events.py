"""What has happened, as Stripe tells of it: events with the object as it was then."""

import json
from typing import Any

from tests.stack.providers.stripe.keys import VERSION
from tests.stack.providers.stripe.names import Names

type Json = dict[str, Any]


class EventLog:
    """All events, oldest first, and by whose call each came."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._events: list[Json] = []
        self._by_id: dict[str, Json] = {}
        self.request: Json = {"id": None, "idempotency_key": None}
        """The call under way; all null where nobody called."""

    def __len__(self) -> int:
        return len(self._events)

    def since(self, mark: int) -> list[Json]:
        """Return the events after so many."""
        return self._events[mark:]

    def find(self, id_: str) -> Json | None:
        """Return the event of that id."""
        return self._by_id.get(id_)

    def tell(self, kind: str, about: Json, *, at: int, before: Json | None) -> Json:
        """Write down an event about an object as it is now."""
        data: Json = {"object": about}
        if before is not None:
            data["previous_attributes"] = before
        data = json.loads(json.dumps(data))
        event: Json = {
            "id": self._names.new("event"),
            "object": "event",
            "api_version": VERSION,
            "created": at,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": dict(self.request),
            "type": kind,
        }
        self._events.append(event)
        self._by_id[event["id"]] = event
        return event

    def put_last_first(self, mark: int) -> None:
        """Let the last event have come before all others after the mark."""
        self._events.insert(mark, self._events.pop())
