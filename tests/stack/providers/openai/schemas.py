"""Answers that fit a JSON Schema, whatever it is, and the rules of strict ones.

Rules of strict schemas (structured outputs guide): each object names all its
properties as required and allows no others.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.stack.providers.dice import Dice

type Schema = Mapping[str, object]
type Author = Callable[["Place"], object]

_TEXTS = {
    "date-time": "2026-11-20T12:00:00Z",
    "date": "2026-11-20",
    "time": "12:00:00Z",
    "email": "hello@example.com",
    "uri": "https://example.com/",
    "uuid": "019a0000-0000-7000-8000-000000000000",
}
_WORDS = ("soft", "light", "morning", "colour", "quiet", "little", "joy", "today")
_DEEPEST = 12


@dataclass(frozen=True)
class Place:
    """A place in the answer: its schema, and how one got there."""

    root: Schema
    schema: Schema
    path: tuple[str, ...] = ()

    def at(self, schema: object, step: str) -> "Place":
        """Return the place one step further in."""
        inner = schema if isinstance(schema, Mapping) else {}
        return Place(self.root, self._resolved(inner), (*self.path, step))

    def kind(self) -> str:
        """Return the type to fill in; the first that is not null."""
        declared = self.schema.get("type", "object" if self.properties() else "string")
        kinds = declared if isinstance(declared, list) else [declared]
        return str(next((k for k in kinds if k != "null"), "null"))

    def properties(self) -> Mapping[str, object]:
        """Return the properties an object here has."""
        found = self.schema.get("properties", {})
        return found if isinstance(found, Mapping) else {}

    def number(self, key: str, otherwise: int) -> int:
        """Return a bound of the schema."""
        bound = self.schema.get(key)
        return bound if isinstance(bound, int) else otherwise

    def _resolved(self, schema: Schema) -> Schema:
        """Follow a reference, or take the first way that is not null."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._resolved(_pointed_at(self.root, reference))
        ways = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
        if isinstance(ways, list):
            useful = (w for w in ways if isinstance(w, Mapping))
            first = next((w for w in useful if w.get("type") != "null"), {})
            return self._resolved(first)
        return schema


def fill(schema: Schema, author: Author) -> object:
    """Return a value that fits the schema.

    At each place the author is asked first; what he returns other than None stands.
    """
    return _fill(Place(schema, {}).at(schema, "$"), author)


def looseness(schema: Schema) -> str | None:
    """Return what keeps a schema from being strict, in OpenAI's words; or None."""
    for path, inner in _objects(schema, ()):
        context = f"In context={path!r}"
        if inner.get("additionalProperties") is not False:
            return (
                f"{context}, 'additionalProperties' is required to be supplied and "
                "to be false."
            )
        names, required = inner.get("properties", {}), inner.get("required", [])
        if not isinstance(names, Mapping) or not isinstance(required, list):
            return f"{context}, 'required' is required to be supplied."
        missing = sorted(set(names) - set(required))
        if missing:
            return (
                f"{context}, 'required' is required to be supplied and to be an array "
                f"including every key in properties. Missing '{missing[0]}'."
            )
    return None


def _fill(place: Place, author: Author) -> object:
    written = author(place)
    if written is not None:
        return written
    if "const" in place.schema:
        return place.schema["const"]
    choices = place.schema.get("enum")
    if isinstance(choices, list) and choices:
        return choices[0]
    return _FILLERS.get(place.kind(), _nothing)(place, author)


def _fill_object(place: Place, author: Author) -> object:
    if len(place.path) > _DEEPEST:
        return {}
    return {
        name: _fill(place.at(schema, name), author)
        for name, schema in place.properties().items()
    }


def _fill_array(place: Place, author: Author) -> object:
    inner = place.at(place.schema.get("items", {}), "[]")
    if len(place.path) > _DEEPEST:
        return []
    return [_fill(inner, author) for _ in range(place.number("minItems", 1))]


def _fill_string(place: Place, _author: Author) -> object:
    known = _TEXTS.get(str(place.schema.get("format")))
    if known is not None:
        return known
    dice = Dice("text", *place.path)
    text = " ".join(dice.shuffled(_WORDS)).capitalize()
    while len(text) < place.number("minLength", 0):
        text += f" {dice.one_of(_WORDS)}"
    return text[: place.number("maxLength", len(text))]


def _fill_number(place: Place, _author: Author) -> object:
    return place.number("minimum", min(1, place.number("maximum", 1)))


def _fill_boolean(_place: Place, _author: Author) -> object:
    return False


def _nothing(_place: Place, _author: Author) -> object:
    return None


_FILLERS: dict[str, Callable[[Place, Author], object]] = {
    "object": _fill_object,
    "array": _fill_array,
    "string": _fill_string,
    "integer": _fill_number,
    "number": _fill_number,
    "boolean": _fill_boolean,
}


def _pointed_at(root: Schema, reference: str) -> Schema:
    found: object = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        found = found.get(step, {}) if isinstance(found, Mapping) and step else found
    return found if isinstance(found, Mapping) else {}


def _objects(
    schema: object, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """Yield all object schemas with their places."""
    if isinstance(schema, Mapping) and _is_object(schema):
        yield path, schema
    for step, inner in _inside(schema):
        yield from _objects(inner, (*path, step))


def _is_object(schema: Schema) -> bool:
    return schema.get("type") == "object" or "properties" in schema


def _inside(schema: object) -> list[tuple[str, object]]:
    if isinstance(schema, list):
        return [(str(number), inner) for number, inner in enumerate(schema)]
    if isinstance(schema, Mapping):
        return [(str(k), inner) for k, inner in schema.items() if k != "enum"]
    return []
