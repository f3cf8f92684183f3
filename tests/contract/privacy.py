"""A day of accounts: who is signed in where, who may do what, and who goes."""

from dataclasses import replace

from tests.support.people import PASSWORD, Person, sign_in, sign_up
from tests.support.privacy import ME
from tests.support.workers import Workers

SESSIONS = "/api/auth/sessions"


def look_after_accounts(boss: Person, workers: Workers) -> None:
    """Look after somebody's account, until they do not want it any more."""
    guest = sign_up()
    path = f"/api/v1/users/{guest.id}"
    boss.api("PATCH", path, {"platform_role": "support"}).ok()
    boss.api("PATCH", path, {"platform_role": "member"}).ok()
    boss.api("GET", path).ok()
    other, current = _watched(boss, guest), _watched(boss, guest)
    first = other.api("GET", SESSIONS).ok()["data"]["items"][-1]
    current.api("DELETE", f"{SESSIONS}/{first['id']}").ok()
    current.api("POST", "/api/auth/logout-all").ok()
    back = _watched(boss, guest)
    asked = back.api("POST", f"{ME}/export").ok(202)
    workers.deliver("privacy")
    back.api("GET", f"{ME}/requests/{asked['request_id']}").ok()
    back.api("DELETE", ME, {"password": PASSWORD}).ok(202)


def _watched(boss: Person, guest: Person) -> Person:
    """Return somebody who signs in once more, under the same observation."""
    there = sign_in(guest.email, guest.id)
    return replace(there, api=replace(boss.api, token=there.api.token))
