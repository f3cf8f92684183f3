"""/api/v1/users/me: who one is, and what one signs in with."""

from typing import Any

import pytest

from tests.support.api import Answer, Api
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql, content, count
from tests.support.mailbox import Postman, mail_of
from tests.support.people import PASSWORD, Person, sign_in, sign_up

ME = "/api/v1/users/me"
CHANGE = f"{ME}/password"
VERIFY = "/api/auth/email/verify"
NEW = "another battery of horses"
NEW_EMAIL = "luna.anew@example.com"
PASSWORDS = {"current_password": PASSWORD, "new_password": NEW}
KEYS = {"id", "email", "is_active", "created_at", "updated_at"}


def login(email: str, password: str = PASSWORD) -> Answer:
    return Api()("POST", "/api/auth/login", {"email": email, "password": password})


def change_email(person: Person, email: str = NEW_EMAIL) -> Answer:
    return person.api("PATCH", ME, {"email": email})


def verify(token: str) -> Answer:
    return Api()("POST", VERIFY, {"token": token})


def test_a_user_reads_who_they_are(luna: Person) -> None:
    user = luna.api("GET", ME).ok()

    assert user.keys() == KEYS
    assert (user["id"], user["email"]) == (luna.id, luna.email)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", ME, None),
        ("PATCH", ME, {"email": NEW_EMAIL}),
        ("POST", CHANGE, PASSWORDS),
    ],
)
def test_nobody_has_an_account_without_a_token(
    database: str, method: str, path: str, body: Any
) -> None:
    answer = Api()(method, path, body)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_password_is_changed_by_whoever_knows_it(luna: Person) -> None:
    answer = luna.api("POST", CHANGE, PASSWORDS)

    assert (answer.status, answer.content) == (204, b"")
    assert answer.headers["ratelimit-remaining"] == "4"
    assert login(luna.email, NEW).status == 200
    assert login(luna.email).status == 401


def test_a_changed_password_ends_all_other_sessions(luna: Person) -> None:
    elsewhere = sign_in(luna.email, luna.id)

    luna.api("POST", CHANGE, PASSWORDS).ok(204)

    assert luna.api("GET", ME).status == 200
    assert elsewhere.api("GET", ME).status == 401


def test_a_changed_password_is_told_by_letter(
    luna: Person, mail: Postman, sql: Sql
) -> None:
    luna.api("POST", CHANGE, PASSWORDS).ok(204)

    letter = mail.bring(luna.email)

    assert letter.subject == "Your password was changed"
    assert NEW not in letter.text
    assert count(sql, "audit_log", action="user.password_changed") == 1


def test_a_changed_password_makes_a_token_to_reset_it_useless(
    luna: Person, mail: Postman
) -> None:
    Api()("POST", "/api/auth/password/forgot", {"email": luna.email}).ok(202)
    token = mail.token(luna.email)
    luna.api("POST", CHANGE, PASSWORDS).ok(204)

    body = {"token": token, "new_password": PASSWORD}
    answer = Api()("POST", "/api/auth/password/reset", body)

    assert answer.code == "INVALID_TOKEN"


def test_a_changed_password_keeps_back_the_letter_to_a_new_address(
    luna: Person, mail: Postman
) -> None:
    change_email(luna, "thief@example.com").ok()
    luna.api("POST", CHANGE, PASSWORDS).ok(204)

    mail.workers.deliver("mail")

    assert mail_of("thief@example.com") == []
    assert len(mail_of(luna.email)) == 2


def test_a_wrong_password_changes_nothing(luna: Person) -> None:
    answer = luna.api("POST", CHANGE, PASSWORDS | {"current_password": "wrong"})

    assert (answer.status, answer.code) == (401, "INVALID_CREDENTIALS")
    assert login(luna.email).status == 200


def test_a_sixth_guess_is_refused_even_if_it_is_right(luna: Person) -> None:
    for _ in range(5):
        luna.api("POST", CHANGE, PASSWORDS | {"current_password": "wrong"})

    answer = luna.api("POST", CHANGE, PASSWORDS)

    assert (answer.status, answer.code) == (429, "RATE_LIMITED")
    assert int(answer.headers["retry-after"]) > 0


def test_guesses_at_either_door_are_counted_together(luna: Person) -> None:
    guess = PASSWORDS | {"current_password": "wrong"}
    guesses = [luna.api("POST", CHANGE, guess) for _ in range(3)]
    guesses += [luna.api("DELETE", ME, {"password": "wrong"}) for _ in range(2)]

    answer = luna.api("DELETE", ME, {"password": PASSWORD})

    left = [guess.headers["ratelimit-remaining"] for guess in guesses]
    assert left == ["4", "3", "2", "1", "0"]
    assert (answer.status, answer.code) == (429, "RATE_LIMITED")


def test_of_two_changes_at_once_one_succeeds(luna: Person, sql: Sql) -> None:
    wishes = [
        Wish(luna.api, "POST", CHANGE, PASSWORDS | {"new_password": f"{NEW} {n}"})
        for n in range(2)
    ]

    answers = at_once(*wishes)

    assert sorted(answer.status for answer in answers) == [204, 401]
    assert count(sql, "audit_log", action="user.password_changed") == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"new_password": "seven c"}, "new_password"),
        ({"new_password": "password1"}, "new_password"),
        ({"new_password": "x" * 9}, "new_password"),
        ({"current_password": ""}, "current_password"),
        ({"current_password": None}, "current_password"),
        ({"email": NEW_EMAIL}, "email"),
    ],
)
def test_what_makes_no_password_is_named(
    luna: Person, sql: Sql, changes: dict[str, Any], field: str
) -> None:
    before = content(sql)

    answer = luna.api("POST", CHANGE, PASSWORDS | changes)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == [field]
    assert content(sql) == before


def test_an_address_stays_until_the_new_one_is_proved(
    luna: Person, mail: Postman
) -> None:
    answer = change_email(luna)

    assert answer.ok()["email"] == luna.email
    assert mail.bring(NEW_EMAIL).subject == "Confirm your new address"
    assert luna.api("GET", ME).ok()["email"] == luna.email


def test_a_proved_address_is_the_one_to_sign_in_with(
    luna: Person, mail: Postman, sql: Sql
) -> None:
    change_email(luna).ok()
    token = mail.token(NEW_EMAIL)

    verify(token).ok()

    assert login(NEW_EMAIL).status == 200
    assert login(luna.email).status == 401
    assert luna.api("GET", ME).status == 401
    assert count(sql, "users", email=NEW_EMAIL, email_verified_at=None) == 0
    assert count(sql, "audit_log", action="user.email_changed") == 1


def test_the_old_address_is_told(luna: Person, mail: Postman) -> None:
    change_email(luna).ok()
    verify(mail.token(NEW_EMAIL)).ok()

    letter = mail.bring(luna.email)

    assert letter.subject == "Your address was changed"
    assert NEW_EMAIL not in letter.text


def test_an_address_that_is_taken_is_refused_at_once(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    answer = change_email(luna, stranger.email.upper())

    assert (answer.status, answer.code) == (400, "USER_EXISTS")
    assert count(sql, "letters", kind="change_email") == 0


def test_an_address_that_was_taken_meanwhile_is_refused_when_it_is_proved(
    luna: Person, mail: Postman, sql: Sql
) -> None:
    change_email(luna).ok()
    token = mail.token(NEW_EMAIL)
    sign_up(email=NEW_EMAIL)

    answer = verify(token)

    assert (answer.status, answer.code) == (400, "USER_EXISTS")
    assert luna.api("GET", ME).ok()["email"] == luna.email
    assert count(sql, "audit_log", action="user.email_changed") == 0


@pytest.mark.parametrize("keys", [["email"], []])
def test_what_changes_nothing_sends_nothing(
    luna: Person, sql: Sql, keys: list[str]
) -> None:
    body = dict.fromkeys(keys, luna.email.upper())
    before = content(sql)

    answer = luna.api("PATCH", ME, body)

    assert answer.ok()["email"] == luna.email
    assert content(sql) == before


def test_a_fourth_address_within_the_hour_is_refused(luna: Person) -> None:
    for number in range(3):
        change_email(luna, f"{number}{NEW_EMAIL}").ok()

    answer = change_email(luna)

    assert (answer.status, answer.code) == (429, "RATE_LIMITED")


@pytest.mark.parametrize("body", [{"email": None}, {"email": "x"}, {"is_active": True}])
def test_wrong_input_is_named(luna: Person, body: dict[str, Any]) -> None:
    answer = luna.api("PATCH", ME, body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == list(body)


def test_a_letter_to_an_address_that_was_never_proved_reaches_it_alone(
    luna: Person, mail: Postman
) -> None:
    change_email(luna).ok()

    mail.workers.deliver("mail")

    assert len(mail_of(luna.email)) == 1  # from when she signed up
