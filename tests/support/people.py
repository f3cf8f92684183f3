"""People and what they own, made through the API as anybody would make them."""

import itertools
from dataclasses import dataclass
from typing import Any, Protocol

from tests.support.api import Api

ANYBODY = Api()
PASSWORD = "correct horse battery"
SHEET: dict[str, Any] = {
    "fictional_age": 27,
    "appearance": {
        "summary": "woman with a warm smile and sun-kissed skin",
        "hair": "long copper hair",
        "wardrobe": ["linen shirt"],
    },
    "voice": {"tone": "warm and playful", "languages": ["en"], "topics": ["travel"]},
    "backstory": "A traveller who was drawn by a machine.",
    "disclosure": "I am an AI-made character.",
}
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has signed in."""

    id: int
    email: str
    api: Api
    refresh_token: str
    workspace_id: str


def sign_up(*, api: Api = ANYBODY, **changes: Any) -> Person:
    """Sign somebody up and in."""
    email = changes.pop("email", f"person{next(_numbers)}@example.com")
    body = {"email": email, "password": PASSWORD} | changes
    user = api("POST", "/api/v1/users/", body).ok(201)
    return sign_in(email, user["id"], api=api)


def sign_in(email: str, user_id: int, *, api: Api = ANYBODY) -> Person:
    """Sign somebody in who has signed up."""
    credentials = {"email": email, "password": PASSWORD}
    login = api("POST", "/api/auth/login", credentials).ok()["data"]
    api = api.signed_in(login["token"])
    workspace = api("GET", "/api/v1/workspaces").ok()["items"][0]
    return Person(user_id, email, api, login["refresh_token"], workspace["id"])


def join(owner: Person, role: str) -> Person:
    """Sign somebody up who joins the owner's workspace and works there."""
    guest = sign_up()
    seats = f"/api/v1/workspaces/{owner.workspace_id}/members"
    seat = owner.api("POST", seats, {"email": guest.email, "role": role}).ok(202)
    accepted = {"token": seat["token"]}
    guest.api("POST", "/api/v1/workspaces/invitations/accept", accepted).ok()
    api = guest.api.working_in(owner.workspace_id)
    return Person(guest.id, guest.email, api, guest.refresh_token, owner.workspace_id)


def avatar(person: Person, **changes: Any) -> str:
    """Make an avatar and return its id."""
    wanted = {"avatar_name": "Luna", "nicho": "travel", "aesthetic": "warm film"}
    body = wanted | changes
    answer = person.api("POST", "/api/v1/avatars/create", body).ok(201)
    return str(answer["avatar_id"])


class Delivers(Protocol):
    """Whoever sees to it that what waits in a queue is worked on."""

    def deliver(self, queue: str) -> object: ...


def active_avatar(person: Person, workers: Delivers, **changes: Any) -> str:
    """Make an avatar that content may be made of; wants the stand-ins' gate."""
    avatar_id = avatar(person, **changes)
    path = f"/api/v1/avatars/{avatar_id}"
    person.api("PUT", f"{path}/sheet", {"sheet": SHEET, "base_version": 0}).ok(201)
    person.api("POST", f"{path}/attestations", {"basis": "fictional"}).ok(201)
    workers.deliver("moderate")
    person.api("POST", f"{path}/activate").ok()
    return avatar_id
