"""A look at what a day has brought; every call of it is made once."""

from tests.support.people import Person


def look_at_the_numbers(boss: Person, avatar_id: str) -> None:
    """Have somebody who may look at an avatar's figures."""
    boss.api("GET", "/api/v1/analytics/overview").ok()
    path = f"/api/v1/analytics/avatars/{avatar_id}"
    boss.api("GET", f"{path}?interval=week").ok()
