"""API keys, made through the API, and clients that show them."""

from dataclasses import dataclass, replace
from typing import Any

from tests.support.api import Answer, Api
from tests.support.people import Person

KEYS = "/api/v1/api-keys"
EVERYTHING = [
    "avatars:read",
    "avatars:write",
    "content:read",
    "content:write",
    "assets:read",
    "assets:write",
    "pieces:read",
    "pieces:write",
    "posts:read",
    "posts:write",
    "inbox:read",
    "analytics:read",
    "items:read",
    "items:write",
]


@dataclass(frozen=True, slots=True)
class Program(Api):
    """A client that shows a key instead of a token."""

    key: str = ""

    def __call__(self, method: str, path: str, body: Any = None, **sent: Any) -> Answer:
        headers = {"x-api-key": self.key} | dict(sent.pop("headers", None) or {})
        return Api.__call__(self, method, path, body, headers=headers, **sent)


def make_key(owner: Person, *scopes: str, **more: Any) -> dict[str, Any]:
    """Make a key and return all that its owner is told."""
    wanted = {"name": "Importer", "scopes": list(scopes) or EVERYTHING} | more
    return dict(owner.api("POST", KEYS, wanted).ok(201))


def program(owner: Person, *scopes: str) -> Program:
    """Return a client with a new key of the owner's; without scopes, with all."""
    return Program(key=make_key(owner, *scopes)["key"])


def as_user(owner: Person, client: Api) -> Person:
    """Return somebody for whom this client speaks."""
    return replace(owner, api=client)
