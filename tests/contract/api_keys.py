"""A program of a workspace's owner gets a key, and another, and none any more."""

from typing import Any

from tests.support.api_keys import KEYS, make_key
from tests.support.people import Person


def give_a_program_a_key(boss: Person) -> None:
    """Have every call of keys made once."""
    key: dict[str, Any] = make_key(boss, "avatars:read")
    boss.api("GET", KEYS).ok()
    boss.api("POST", f"{KEYS}/{key['id']}/rotate").ok()
    boss.api("DELETE", f"{KEYS}/{key['id']}").ok(204)
