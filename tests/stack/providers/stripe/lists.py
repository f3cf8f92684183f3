"""Lists as Stripe pages them: newest first, a cursor at either end."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.commands import Asked, Command
from tests.stack.providers.stripe.errors import invalid, missing

type Json = dict[str, Any]

_LIMIT, _MOST = 10, 100
_CURSORS = frozenset({"limit", "starting_after", "ending_before", "expand"})
_COMPARES = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}


def whole(data: Sequence[Json], url: str) -> Json:
    """Return a list that is all there."""
    return {"object": "list", "data": list(data), "has_more": False, "url": url}


def page(newest_first: Sequence[Json], params: Mapping[str, Any], url: str) -> Json:
    """Return the page that the cursors ask for.

    Raises:
        StripeError: The limit is none, or a cursor is no object of the list.
    """
    limit = params.get("limit", _LIMIT)
    if not 1 <= limit <= _MOST:
        code = "parameter_invalid_integer"
        raise invalid(f"Limit must be between 1 and {_MOST}.", "limit", code)
    found, is_backwards = _cut(newest_first, params)
    data = found[-limit:] if is_backwards else found[:limit]
    return whole(data, url) | {"has_more": len(found) > limit}


def _cut(
    found: Sequence[Json], params: Mapping[str, Any]
) -> tuple[Sequence[Json], bool]:
    if "starting_after" in params:
        return found[_place(found, params, "starting_after") + 1 :], False
    if "ending_before" in params:
        return found[: _place(found, params, "ending_before")], True
    return found, False


def _place(found: Sequence[Json], params: Mapping[str, Any], cursor: str) -> int:
    places = (n for n, each in enumerate(found) if each["id"] == params[cursor])
    place = next(places, None)
    if place is None:
        raise missing("object", str(params[cursor]), param=cursor)
    return place


def is_within(at: int, wanted: object) -> bool:
    """Tell whether a second is what ``created`` asks for: itself, or a range."""
    if not isinstance(wanted, dict):
        return at == wanted
    return all(_COMPARES[sign](at, edge) for sign, edge in wanted.items())


def fits(obj: Json, params: Mapping[str, Any]) -> bool:
    """Tell whether an object has what the parameters ask for, by equal names."""
    for name, wanted in params.items():
        if name in _CURSORS:
            continue
        if not _has(obj, name, wanted):
            return False
    return True


def _has(obj: Json, name: str, wanted: object) -> bool:
    """Tell whether an object has a value; an invoice's subscription is deep in it."""
    if name in {"created", "arrival_date"}:
        return is_within(obj[name], wanted)
    if obj["object"] == "invoice" and name == "subscription":
        return bool(obj["parent"]["subscription_details"][name] == wanted)
    return bool(obj[name] == wanted)


def listing(books: Books, kind: str, path: str, params: str, *by: str) -> Command:
    """Return the call that lists a kind of objects, by the fields it may ask for.

    The first field, if asked for, is what is looked up; the others are compared.
    """

    def act(asked: Asked) -> Json:
        asked.only(*by, *_CURSORS)
        found = candidates(books, kind, asked.params, by)
        matching = [each for each in found if fits(each, asked.params)]
        return page(matching, asked.params, f"/v1/{path}")

    return Command(f"{path}.list", "GET", f"/v1/{path}", params, act)


def candidates(
    books: Books, kind: str, params: Mapping[str, Any], by: Iterable[str]
) -> list[Json]:
    """Return what may fit, newest first, by the first reference that is given."""
    for field in by:
        if isinstance(params.get(field), str):
            found = books.of(kind, field, params[field])
            if found or field in {"charge", "customer", "payment_intent", "source"}:
                return found[::-1]
    return books.all(kind)[::-1]
