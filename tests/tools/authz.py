"""Who may call what: one document, put together from what the routes depend on.

``python -m tests.tools.authz --check`` says where the committed document and the code
differ; ``--write`` writes what the code says. Who may call is read off the dependencies
(``vixenbliss.api.auth.RULES``), so that no route can be forgotten. Whose things a route
is about is decided by its statements; the words for that are here.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from tests.tools.openapi import ROOT, apps, spelled
from vixenbliss.api.auth import RULES, Rule, Who
from vixenbliss.callers import ANY_ROLE

AUTHZ = ROOT / "docs" / "authz.json"
KEYS = {
    "who": "public: whoever asks; provider: whoever signs as one, or knows its secret;"
    " anybody: public, and more to who is signed in; signed_in: any user; member: of"
    " the workspace; own_or_owner: a user about their own, or the owner of the"
    " workspace that X-Workspace-Id names; staff: the platform's own people",
    "roles": "those of a member that suffice",
    "scope": "that of an API key that suffices instead, and null where none does",
    "staff": "whether the platform's own people may do it in every workspace",
    "ownership": "whose things it is about",
    "foreign": "the status for what is another's, or in a workspace that is; null where"
    " nothing can be named that is",
}
NOT_FOUND = 404

type Entry = dict[str, Any]
type Words = tuple[str, int | None]

HERE: Words = ("of the workspace of X-Workspace-Id, or of the caller's own", NOT_FOUND)
NAMED: Words = ("of the workspace that the path names", NOT_FOUND)
OWN: Words = ("of the caller", NOT_FOUND)
OF_ALL: Words = ("of every workspace", None)
OPEN: Words = ("nobody's, or of every workspace and shown by it", None)
BOTH: Words = ("of the caller; an owner's workspace, where one is named", NOT_FOUND)
BY_DEFAULT = {
    "public": OPEN,
    "provider": ("of whom the report names", None),
    Who.ANYBODY: OF_ALL,
    Who.SIGNED_IN: OWN,
    Who.MEMBER: HERE,
    Who.OWN_OR_OWNER: BOTH,
    Who.STAFF: OF_ALL,
}
PAYER: Words = (
    "of the caller as a customer, or of the workspace that X-Workspace-Id names",
    NOT_FOUND,
)
BY_PASSWORD: Words = ("of who knows the password", None)
OF_A_COURSE: Words = ("of the caller, in a course that is there for everybody", None)
RATING: Words = ("of the caller alone; another's rating is not shown by name", 403)
SPECIAL: dict[str, Words] = {
    "DELETE /courses/{course_id}/ratings/{user_id}": RATING,
    "GET /courses/{course_id}/ratings/user/{user_id}": RATING,
    "PUT /courses/{course_id}/ratings/{user_id}": RATING,
    "POST /courses/{course_id}/ratings": OF_A_COURSE,
    "POST /api/v1/learning/courses/{slug}/enroll": OF_A_COURSE,
    "PUT /api/v1/learning/courses/{slug}/classes/{class_id}/progress": OF_A_COURSE,
    "GET /api/items/{item_id}/download": (
        "of every workspace; it opens to who has bought it, and to its own team",
        NOT_FOUND,
    ),
    "DELETE /api/v1/workspaces/{workspace_id}/members/{user_id}": (
        "of the workspace that the path names; without its ownership, oneself",
        NOT_FOUND,
    ),
    "GET /api/v1/assets/{asset_id}/download": (
        "of the caller's workspaces, of the key's, or in a piece that opens to them",
        NOT_FOUND,
    ),
    "GET /api/v1/orders": PAYER,
    "GET /api/v1/orders/{order_id}": PAYER,
    "GET /api/v1/orders/{order_id}/refunds": PAYER,
    "GET /api/v1/pieces/{piece_id}/view": (
        "of every workspace; what is not public opens to holders and members",
        NOT_FOUND,
    ),
    "GET /api/v1/social/{platform}/callback": ("of whom the state was given to", None),
    "GET /api/v1/subscriptions": PAYER,
    "GET /api/v1/subscriptions/{subscription_id}": PAYER,
    "GET /webhooks/meta/data-deletion/{code}": ("of who knows the code", NOT_FOUND),
    "POST /api/auth/login": BY_PASSWORD,
    "POST /api/auth/refresh": ("of who holds the refresh token", None),
    "POST /api/v1/auth/token": BY_PASSWORD,
    "POST /api/v1/workspaces/invitations/accept": ("of the caller's address", 400),
}
"""What cannot be told by who may call."""
OF_TEAMS = {
    "GET /api/items/{item_id}/download",
    "GET /api/v1/assets/{asset_id}/download",
}
"""What opens to all members of its workspace, wherever they work just now."""
BY_CODE = {"GET /webhooks/meta/data-deletion/{code}"}


def entries() -> dict[str, Entry]:
    """Return each operation, and who may call it, as the code has it."""
    found = {name: _entry(name, route) for name, route in _operations()}
    unknown = sorted(SPECIAL.keys() - found.keys())
    assert not unknown, f"there are words for what is not there: {unknown}"
    return dict(sorted(found.items()))


def _operations() -> Iterator[tuple[str, APIRoute]]:
    for app in apps():
        for route in _routes(app):
            for method in sorted(route.methods or ()):
                yield f"{method} {route.path}", route


def _routes(app: FastAPI) -> list[APIRoute]:
    routes = (one for one in app.routes if isinstance(one, APIRoute))
    return [route for route in routes if route.include_in_schema]


def _entry(name: str, route: APIRoute) -> Entry:
    rule = _rule(name, route)
    who = rule.who if rule else _without_rule(name)
    ownership, foreign = SPECIAL.get(name) or _usual(name, who)
    return {
        "who": who,
        "roles": sorted(ANY_ROLE if name in OF_TEAMS else rule.roles) if rule else [],
        "scope": rule.key if rule else None,
        "staff": bool(rule and (rule.or_staff or rule.who is Who.STAFF)),
        "ownership": ownership,
        "foreign": foreign,
    }


def _rule(name: str, route: APIRoute) -> Rule | None:
    rules = {RULES[call] for call in _calls(route.dependant) if call in RULES}
    assert len(rules) < 2, f"{name} has two rules"
    return next(iter(rules), None)


def _calls(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for below in dependant.dependencies:
        yield from _calls(below)


def _without_rule(name: str) -> str:
    path = name.partition(" ")[2]
    is_report = path.startswith("/webhooks/") and name not in BY_CODE
    return "provider" if is_report else "public"


def _usual(name: str, who: str) -> Words:
    if who == Who.MEMBER and "{workspace_id}" in name:
        return NAMED
    if who == Who.SIGNED_IN and "{" not in name:
        return (OWN[0], None)
    return BY_DEFAULT[who]


def document() -> Entry:
    """Return what ``docs/authz.json`` should be."""
    return {"keys": KEYS, "operations": entries()}


def check() -> list[str]:
    """Return the operations of which the committed document says something else."""
    kept, code = json.loads(AUTHZ.read_text()), document()
    mine, theirs = kept["operations"], code["operations"]
    wrong = [
        name
        for name in sorted(mine.keys() | theirs.keys())
        if mine.get(name) != theirs.get(name)
    ]
    return wrong or ([] if kept == code else ["the document's head"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="authz")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true")
    mode.add_argument("--check", action="store_true")
    if parser.parse_args().write:
        AUTHZ.write_text(spelled(document()))
        return 0
    wrong = check()
    for line in wrong:
        sys.stderr.write(f"docs/authz.json and the code differ: {line}\n")
    if wrong:
        sys.stderr.write("Run `make authz`, and look at what has changed.\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
