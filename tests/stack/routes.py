"""Which route of an HTTP API a request takes.

By documentation (http-api-develop-routes, "Routing API requests"): a full match of
method and path comes first, then a greedy ``{proxy+}``, then ``$default``; the most
specific match wins. ``ANY`` stands for the methods a path does not name itself.

By experience, told in public and not in the documentation:

* A trailing slash counts. ``/metrics/`` is not ``/metrics``; it is caught by
  ``/metrics/{proxy+}`` with an empty ``proxy`` (storacha/w3infra pull request 166).
* ``{name}`` never matches nothing (aws/chalice pull request 588).

By our own choice, because we found neither: of two full matches the one with the
earlier literal segment is more specific; an encoded slash does not divide segments.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from urllib.parse import unquote

from tests.stack.template import DEFAULT_ROUTE, Route


@dataclass(frozen=True, slots=True)
class Match:
    """The route a request takes and what it captured, decoded."""

    route: Route
    parameters: Mapping[str, str]

    @property
    def key(self) -> str:
        """Return the route as API Gateway names it: ``GET /pets/{id}``."""
        if self.route.path == DEFAULT_ROUTE:
            return DEFAULT_ROUTE
        return f"{self.route.method} {self.route.path}"


class _Kind(IntEnum):
    """How specific one segment of a route is; a smaller number is more specific."""

    LITERAL = 0
    VARIABLE = 1
    GREEDY = 2
    DEFAULT = 3


class Table:
    """All routes of an API, most specific first."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._patterns = sorted(map(_Pattern, routes), key=lambda p: p.rank)

    def find(self, method: str, raw_path: str) -> Match | None:
        """Return the route for a request, None when there is none."""
        segments = raw_path.split("/")[1:]
        for pattern in self._patterns:
            if pattern.route.method not in {method, "ANY"}:
                continue
            if (parameters := pattern.capture(segments)) is not None:
                return Match(pattern.route, parameters)
        return None


class _Pattern:
    def __init__(self, route: Route) -> None:
        self.route = route
        self._segments = route.path.split("/")[1:]
        self._kinds = [_kind(segment) for segment in self._segments]

    @property
    def rank(self) -> tuple[bool, tuple[int, ...], bool]:
        """Sort full matches first, then by segments from the left, ``ANY`` last."""
        if self.route.path == DEFAULT_ROUTE:
            return True, (_Kind.DEFAULT,), True
        is_greedy = _Kind.GREEDY in self._kinds
        return is_greedy, tuple(self._kinds), self.route.method == "ANY"

    def capture(self, segments: list[str]) -> dict[str, str] | None:
        """Return what the variables stand for, None if the path is another."""
        if self.route.path == DEFAULT_ROUTE:
            return {}
        rest: dict[str, str] = {}
        expected = self._segments
        if self._kinds[-1] is _Kind.GREEDY:
            expected = expected[:-1]
            if len(segments) <= len(expected):
                return None
            greedy = "/".join(segments[len(expected) :])
            rest = {self._segments[-1][1:-2]: unquote(greedy)}
            segments = segments[: len(expected)]
        if len(segments) != len(expected):
            return None
        return _capture_all(expected, segments, rest)


def _capture_all(
    expected: list[str], segments: list[str], rest: dict[str, str]
) -> dict[str, str] | None:
    captured = {}
    for pattern, segment in zip(expected, segments, strict=True):
        text = unquote(segment)
        if _kind(pattern) is _Kind.LITERAL:
            if pattern != text:
                return None
        elif not text:
            return None
        else:
            captured[pattern[1:-1]] = text
    return captured | rest


def _kind(segment: str) -> _Kind:
    if not segment.startswith("{"):
        return _Kind.LITERAL
    return _Kind.GREEDY if segment.endswith("+}") else _Kind.VARIABLE
