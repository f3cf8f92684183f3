"""Pages of predictions: newest first, a hundred each, walked by opaque cursors."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from tests.stack.providers.calls import RefusedError
from tests.stack.providers.replicate import problems
from tests.stack.providers.replicate.predictions import Prediction

PAGE = 100


@dataclass(frozen=True)
class Page:
    """One page, and the addresses of its neighbours."""

    predictions: Sequence[Prediction]
    next: str | None
    previous: str | None


def page(created: Sequence[Prediction], query: Mapping[str, str], address: str) -> Page:
    """Return the page a query asks for; ``created`` is in order of creation.

    A cursor names the first prediction of its page, so that pages keep their places
    while newer predictions come in front.

    Raises:
        RefusedError: A time in the query is none.
    """
    after, before = _time(query, "created_after"), _time(query, "created_before")
    found = [
        prediction
        for prediction in reversed(created)
        if (after is None or prediction.created_at >= after)
        and (before is None or prediction.created_at < before)
        and query.get("source") != "web"
    ]
    start = _start(found, query.get("cursor"))
    end = start + PAGE
    earlier = max(start - PAGE, 0)
    return Page(
        predictions=found[start:end],
        next=_link(found[end], query, address) if end < len(found) else None,
        previous=_link(found[earlier], query, address) if start > 0 else None,
    )


def _start(found: Sequence[Prediction], cursor: str | None) -> int:
    if cursor is None:
        return 0
    places = (n for n, prediction in enumerate(found) if _cursor(prediction) == cursor)
    start = next(places, None)
    if start is None:
        raise RefusedError(problems.not_found())
    return start


def _link(first: Prediction, query: Mapping[str, str], address: str) -> str:
    kept = {key: value for key, value in query.items() if key != "cursor"}
    return f"{address}?{urlencode({'cursor': _cursor(first)} | kept)}"


def _cursor(prediction: Prediction) -> str:
    return base64.urlsafe_b64encode(f"p={prediction.id}".encode()).decode()


def _time(query: Mapping[str, str], name: str) -> datetime | None:
    """Return a time of the query; a plus that became a blank is taken back."""
    given = query.get(name)
    if given is None:
        return None
    try:
        at = datetime.fromisoformat(given.replace(" ", "+"))
    except ValueError as error:
        raise RefusedError(problems.bad_date(name)) from error
    if at.tzinfo is None:
        raise RefusedError(problems.bad_date(name))
    return at
