"""A day of somebody who forgets, and is found again; each call is made once."""

from dataclasses import replace

from tests.support.mailbox import Postman
from tests.support.people import PASSWORD, Person, sign_in, sign_up

ME = "/api/v1/users/me"
NEW_EMAIL = "somebody.anew@example.com"


def come_back_for_a_day(boss: Person, mail: Postman) -> None:
    """Have somebody prove an address, change it, and change the password twice."""
    guest = sign_up(email="forgetful@example.com")
    api = replace(boss.api, token=guest.api.token)
    api("GET", ME).ok()
    api("POST", "/api/auth/email/resend").ok(202)
    shown = {"token": mail.token(guest.email)}
    api("POST", "/api/auth/email/verify", shown).ok()
    api("PATCH", ME, {"email": NEW_EMAIL}).ok()
    api("POST", "/api/auth/email/verify", {"token": mail.token(NEW_EMAIL)}).ok()
    api("POST", "/api/auth/password/forgot", {"email": NEW_EMAIL}).ok(202)
    reset = {"token": mail.token(NEW_EMAIL), "new_password": PASSWORD}
    api("POST", "/api/auth/password/reset", reset).ok()
    again = sign_in(NEW_EMAIL, guest.id)
    change = {"current_password": PASSWORD, "new_password": f"{PASSWORD} again"}
    replace(api, token=again.api.token)("POST", f"{ME}/password", change).ok(204)
