"""Everything that Stripe knows of us, by id and by what it belongs to."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tests.stack.providers.settings import Clock
from tests.stack.providers.stripe.errors import missing
from tests.stack.providers.stripe.events import EventLog
from tests.stack.providers.stripe.names import Names
from tests.stack.providers.stripe.settings import StripeSettings
from tests.stack.providers.stripe.shapes import blank

type Json = dict[str, Any]

_UNDATED = frozenset({"item", "line_item"})
_REFERENCES = (
    "charge",
    "customer",
    "invoice",
    "lookup_key",
    "payment_intent",
    "product",
    "source",
)
"""Fields by which objects are looked up; they never change, but for lookup keys."""


class Books:
    """The objects, the events about them, and the clock they are dated by."""

    def __init__(
        self,
        *,
        clock: Clock,
        settings: StripeSettings,
        names: Names,
        origin: str = "https://stripe.invalid",
    ) -> None:
        self.clock = clock
        self.settings = settings
        self.names = names
        self.origin = origin
        self.log = EventLog(names)
        self.lines: dict[str, list[Json]] = defaultdict(list)
        """What sessions sell, and what subscriptions owe for the next invoice."""
        self.paid_out: dict[str, str] = {}
        """The payouts of balance transactions."""
        self._objects: dict[str, Json] = {}
        self._kinds: dict[str, list[str]] = defaultdict(list)
        self._belonging: dict[tuple[str, str, str], list[str]] = defaultdict(list)

    def now(self) -> int:
        """Return the second it is."""
        return int(self.clock.now().timestamp())

    def make(self, kind: str, **fields: object) -> Json:
        """Return a new object that is part of another one."""
        dated = {} if kind in _UNDATED else {"created": self.now()}
        return blank(kind, **{"id": self.names.new(kind), **dated, **fields})

    def new(self, kind: str, **fields: object) -> Json:
        """Return a new object, and keep it."""
        return self.keep(self.make(kind, **fields))

    def keep(self, made: Json) -> Json:
        """Keep an object that was made."""
        self._objects[made["id"]] = made
        self._kinds[made["object"]].append(made["id"])
        for field in _REFERENCES:
            if isinstance(made.get(field), str):
                self.attach(made, field, made[field])
        return made

    def attach(self, obj: Json, field: str, to: str) -> None:
        """Let an object be found by what it belongs to."""
        self._belonging[obj["object"], field, to].append(obj["id"])

    def find(self, id_: str | None) -> Json | None:
        """Return whatever has that id."""
        return None if id_ is None else self._objects.get(id_)

    def get(self, kind: str, id_: str, *, param: str | None = None) -> Json:
        """Return the object of that id, or refuse.

        Raises:
            StripeError: There is none: 404, or 400 if a parameter named it.
        """
        found = self._objects.get(id_)
        if found is None or found["object"] != kind:
            raise missing(kind, id_, param=param)
        return found

    def all(self, kind: str) -> list[Json]:
        """Return all objects of a kind, oldest first."""
        return [self._objects[id_] for id_ in self._kinds[kind]]

    def kinds(self) -> Iterable[str]:
        """Return the kinds of which there is anything."""
        return self._kinds.keys()

    def of(self, kind: str, field: str, to: str) -> list[Json]:
        """Return the objects of a kind that belong to something, oldest first."""
        return [self._objects[id_] for id_ in self._belonging[kind, field, to]]

    def last(self, kind: str) -> Json | None:
        """Return the newest object of a kind."""
        ids = self._kinds[kind]
        return self._objects[ids[-1]] if ids else None

    def tell(self, event: str, about: Json, before: Json | None = None) -> Json:
        """Let an event be known."""
        return self.log.tell(event, about, at=self.now(), before=before)

    def change(self, obj: Json, event: str | None, **fields: object) -> bool:
        """Change an object, and tell what it was before; return whether it changed."""
        wrong = fields.keys() - obj.keys()
        if wrong:
            raise KeyError(obj["object"], *wrong)
        before = {name: obj[name] for name in fields if obj[name] != fields[name]}
        obj.update(fields)
        if before and event is not None:
            self.tell(event, obj, before)
        return bool(before)
