"""Events as they can be asked for, for thirty days."""

from typing import Any

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.commands import Asked, Command
from tests.stack.providers.stripe.errors import invalid, missing
from tests.stack.providers.stripe.lists import is_within, page
from tests.stack.providers.stripe.periods import DAY_S

type Json = dict[str, Any]

_KEPT_S = 30 * DAY_S
_TYPES = 20


class Events:
    """The log, for whoever missed a webhook."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.taken: set[str] = set()
        """The events that were delivered; whoever delivers them says so."""

    def commands(self) -> list[Command]:
        """Return the calls about events."""
        path = "/v1/events"
        return [
            Command("events.get", "GET", f"{path}/{{id}}", "EventRetrieveParams",
                    self.get),
            Command("events.list", "GET", path, "EventListParams", self.listed),
        ]  # fmt: skip

    def get(self, asked: Asked) -> Json:
        """Show one event."""
        event = self._books.log.find(asked.id)
        if event is None or event["created"] <= self._books.now() - _KEPT_S:
            raise missing("event", asked.id)
        return event

    def listed(self, asked: Asked) -> Json:
        """List events, newest first."""
        said = asked.only("created", "delivery_success", "type", "types", "limit",
                          "starting_after", "ending_before")  # fmt: skip
        if "type" in said and "types" in said:
            raise invalid("You may only specify one of type and types.", "types")
        kinds = said.get("types", [said["type"]] if "type" in said else None)
        if kinds is not None and len(kinds) > _TYPES:
            raise invalid(f"Up to {_TYPES} types are allowed.", "types")
        found = [e for e in self._recent() if kinds is None or _is_of(e, kinds)]
        if "created" in said:
            found = [e for e in found if is_within(e["created"], said["created"])]
        if "delivery_success" in said:
            wanted = said["delivery_success"]
            found = [e for e in found if (e["id"] in self.taken) is wanted]
        return page(found, asked.params, "/v1/events")

    def _recent(self) -> list[Json]:
        oldest = self._books.now() - _KEPT_S
        return [e for e in self._books.log.since(0)[::-1] if e["created"] > oldest]


def _is_of(event: Json, kinds: list[str]) -> bool:
    """Tell whether an event is of one of the types; ``charge.*`` is many."""
    name = event["type"]
    return any(
        name == kind or (kind.endswith(".*") and name.startswith(kind[:-1]))
        for kind in kinds
    )
