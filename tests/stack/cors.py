"""What an HTTP API does about CORS (http-api-cors, by documentation).

It answers preflights itself, whatever the routes; a plain ``OPTIONS`` takes its route.
Of an integration's answer it drops the CORS headers and adds its own. Whoever is not
listed gets none, neither here nor there; the status does not tell.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from http import HTTPStatus

from tests.stack.intrinsics import Addresses, resolve
from tests.stack.payloads import Headers, Request, Response
from tests.stack.tree import Place

_THEIRS = "access-control-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cors:
    """An API's CorsConfiguration."""

    origins: frozenset[str]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    max_age_s: int

    def preflight(self, request: Request) -> Response | None:
        """Return the answer to a preflight; None to any other request."""
        asked = _named(request.headers)
        is_one = request.method == "OPTIONS" and asked.keys() >= {
            "origin",
            "access-control-request-method",
        }
        if not is_one:
            return None
        allowed = {
            "allow-methods": ",".join(self.methods),
            "allow-headers": ",".join(self.headers),
            "max-age": str(self.max_age_s),
        }
        added = self._added(request, allowed)
        return Response(HTTPStatus.NO_CONTENT, added, b"")

    def applied(self, request: Request, response: Response) -> Response:
        """Return an integration's answer with the API's headers, not its own."""
        kept = [(n, v) for n, v in response.headers if not n.startswith(_THEIRS)]
        added = self._added(request, {"expose-headers": ",".join(self.exposed)})
        return replace(response, headers=[*kept, *added])

    def _added(self, request: Request, more: dict[str, str]) -> Headers:
        origin = _named(request.headers).get("origin")
        if origin is None or origin not in self.origins:
            return []
        headers = {"allow-origin": origin} | more
        return [(_THEIRS + name, value) for name, value in headers.items() if value]


def read(configuration: Place, addresses: Addresses) -> Cors | None:
    """Return what a CorsConfiguration says; None if there is none."""
    if configuration.is_missing:
        return None
    return Cors(
        origins=frozenset(_texts(configuration / "AllowOrigins", addresses)),
        methods=_texts(configuration / "AllowMethods", addresses),
        headers=_texts(configuration / "AllowHeaders", addresses),
        exposed=_texts(configuration / "ExposeHeaders", addresses),
        max_age_s=(configuration / "MaxAge").number(0),
    )


def _texts(place: Place, addresses: Addresses) -> tuple[str, ...]:
    """Return a list, or what a CommaDelimitedList gives."""
    value = resolve(place, addresses)
    if isinstance(value, str):
        value = list(value.split(","))
    if not isinstance(value, list):
        return ()
    return tuple(text.strip() for text in map(str, value) if text.strip())


def _named(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}
