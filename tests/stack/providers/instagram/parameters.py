"""What a Graph call is given, and which fields of a thing it wants back.

Parameters come in the query, a form or a JSON body, all alike. ``fields`` names what is
shown, with the fields of what hangs below in braces: ``id,replies{id,text}``.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request

from tests.stack.providers.calls import Call
from tests.stack.providers.instagram import errors

type View = Mapping[str, object]

_TRUE = {"true", "1"}
_FALSE = {"false", "0"}
_FIELD = re.compile(r"(\w+)(?:\.\w+\([^)]*\))*(?:\{((?:[^{}]|\{[^{}]*\})*)\})?")
_DEFAULT_LIMIT = 25
_LARGEST_LIMIT = 100


@dataclass(frozen=True)
class Parameters:
    """The parameters of one call, wherever they came."""

    values: Mapping[str, object]

    @classmethod
    def of(cls, call: Call) -> Self:
        """Return the query's parameters and the body's; the body's win."""
        kind = call.request.headers.get("content-type", "")
        if "json" in kind:
            sent = call.json()
            if sent is None:
                raise errors.bad("The body is not a JSON object").error()
        else:
            sent = dict(parse_qsl(call.body.decode(errors="replace")))
        return cls(dict(call.request.query_params) | sent)

    def text(self, name: str) -> str | None:
        """Return a parameter, if it was given and is not empty."""
        value = self.values.get(name)
        if isinstance(value, bool):
            return str(value).lower()
        return None if value is None or value == "" else str(value)

    def required(self, name: str) -> str:
        """Return a parameter.

        Raises:
            RefusedError: It is not given.
        """
        value = self.text(name)
        if value is None:
            raise errors.missing(name).error()
        return value

    def flag(self, name: str) -> bool:
        """Return a parameter that is true or false; false if not given."""
        value = (self.text(name) or "false").lower()
        if value not in _TRUE | _FALSE:
            raise errors.bad(f"Param {name} must be a boolean").error()
        return value in _TRUE

    def number(self, name: str) -> int | None:
        """Return a parameter that is a whole number."""
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"-?\d{1,12}", value):
            raise errors.bad(f"Param {name} must be an integer").error()
        return int(value)

    def names(self, name: str) -> list[str]:
        """Return a list: of JSON, or with commas."""
        value = self.values.get(name)
        if isinstance(value, str) and value.startswith("["):
            try:
                value = json.loads(value)
            except ValueError as error:
                raise errors.bad(f"Param {name} must be an array").error() from error
        if isinstance(value, list):
            return [str(one) for one in value]
        return [part.strip() for part in (self.text(name) or "").split(",") if part]


@dataclass(frozen=True)
class Below:
    """Things that hang below another, shown as a list of their own."""

    kind: str
    views: Sequence[View]


def shown(view: View, fields: str | None, kind: str) -> dict[str, object]:
    """Return the wanted fields of a thing; its id always, nulls never.

    Raises:
        RefusedError: A field is wanted that the thing does not have.
    """
    result: dict[str, object] = {}
    for name, inner in _FIELD.findall(fields or "id"):
        if name not in view:
            raise errors.no_field(name, kind).error()
        value = view[name]
        if isinstance(value, Below):
            value = {"data": [shown(one, inner, value.kind) for one in value.views]}
        if value is not None:
            result[name] = value
    return result | {"id": view["id"]}


def page(
    things: Below, given: Parameters, request: Request, origin: str
) -> dict[str, object]:
    """Return a page of things with its cursors; the next page's address holds all."""
    views = list(things.views)
    limit = min(given.number("limit") or _DEFAULT_LIMIT, _LARGEST_LIMIT)
    start = _after(views, given.text("after"))
    part = views[start : start + limit]
    data = [shown(view, given.text("fields"), things.kind) for view in part]
    if not part:
        return {"data": data}
    cursors = {"before": _cursor(part[0]), "after": _cursor(part[-1])}
    paging: dict[str, object] = {"cursors": cursors}
    if start + limit < len(views):
        query = {name: str(value) for name, value in given.values.items()}
        query |= {"after": cursors["after"]}
        paging["next"] = f"{origin}{request.url.path}?{urlencode(query)}"
    return {"data": data, "paging": paging}


def _cursor(view: View) -> str:
    return base64.urlsafe_b64encode(str(view["id"]).encode()).decode()


def _after(views: Sequence[View], cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        last = base64.urlsafe_b64decode(cursor).decode()
        return [view["id"] for view in views].index(last) + 1
    except (binascii.Error, ValueError) as error:
        raise errors.bad("The after cursor specified is invalid").error() from error
