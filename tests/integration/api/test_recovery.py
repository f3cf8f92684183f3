"""/api/auth/password/* and /api/auth/email/*: what a letter's token is good for."""

from typing import Any

import pytest

from tests.conftest import Set
from tests.support.api import Answer, Api
from tests.support.api_keys import program
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql, content, count
from tests.support.mailbox import Postman, mail_of
from tests.support.people import PASSWORD, Person, sign_up

FORGOT = "/api/auth/password/forgot"
RESET = "/api/auth/password/reset"
VERIFY = "/api/auth/email/verify"
ACCEPT = "/api/v1/workspaces/invitations/accept"
RESEND = "/api/auth/email/resend"
ME = "/api/v1/users/me"
NEW = "another battery of horses"
NOBODY = "nobody@example.com"


def forgot(email: str) -> Answer:
    return Api()("POST", FORGOT, {"email": email})


def reset(token: str, password: str = NEW) -> Answer:
    return Api()("POST", RESET, {"token": token, "new_password": password})


def verify(token: str) -> Answer:
    return Api()("POST", VERIFY, {"token": token})


def login(email: str, password: str) -> Answer:
    return Api()("POST", "/api/auth/login", {"email": email, "password": password})


def verified_at(sql: Sql, person: Person) -> Any:
    (row,) = sql.execute(
        "select email_verified_at from users where id = %s", (person.id,)
    ).fetchall()
    return row["email_verified_at"]


def sent_reset(person: Person, mail: Postman) -> str:
    """Have somebody sent a token to reset their password."""
    forgot(person.email).ok(202)
    return mail.token(person.email)


def test_a_password_is_reset_with_a_letters_token(luna: Person, mail: Postman) -> None:
    token = sent_reset(luna, mail)

    answer = reset(token)

    assert answer.ok()["data"] == {}
    assert login(luna.email, NEW).status == 200
    assert login(luna.email, PASSWORD).status == 401


def test_a_reset_ends_all_sessions_and_tells_of_it(
    luna: Person, mail: Postman, sql: Sql
) -> None:
    token = sent_reset(luna, mail)

    reset(token).ok()

    refresh = {"refresh_token": luna.refresh_token}
    assert luna.api("GET", ME).status == 401
    assert Api()("POST", "/api/auth/refresh", refresh).status == 401
    assert mail.bring(luna.email).subject == "Your password was changed"
    assert count(sql, "audit_log", action="user.password_reset") == 1


def test_a_reset_proves_the_address(luna: Person, mail: Postman, sql: Sql) -> None:
    token = sent_reset(luna, mail)

    reset(token).ok()

    assert verified_at(sql, luna)


@pytest.mark.parametrize(("proved_at", "status"), [("null", 401), ("now()", 200)])
def test_a_reset_ends_keys_made_before_the_address_was_proved(
    luna: Person, mail: Postman, sql: Sql, proved_at: str, status: int
) -> None:
    key = program(luna)
    token = sent_reset(luna, mail)
    sql.execute(f"update users set email_verified_at = {proved_at}".encode())  # noqa: S608 - of two

    reset(token).ok()

    assert key("GET", "/api/v1/avatars").status == status


def test_a_token_is_good_once(luna: Person, mail: Postman) -> None:
    token = sent_reset(luna, mail)
    reset(token).ok()

    answer = reset(token, "yet another battery")

    assert (answer.status, answer.code) == (400, "INVALID_TOKEN")
    assert login(luna.email, NEW).status == 200


def test_of_two_resets_at_once_one_succeeds(
    luna: Person, mail: Postman, sql: Sql
) -> None:
    token = sent_reset(luna, mail)
    wish = Wish(Api(), "POST", RESET, {"token": token, "new_password": NEW})

    answers = at_once(wish, wish)

    assert sorted(answer.status for answer in answers) == [200, 400]
    assert count(sql, "audit_log", action="user.password_reset") == 1


def test_a_newer_letter_replaces_the_token_of_the_older_one(
    luna: Person, mail: Postman
) -> None:
    first = sent_reset(luna, mail)
    second = sent_reset(luna, mail)

    answers = [reset(first).status, reset(second).status]

    assert answers == [400, 200]


@pytest.mark.parametrize(
    "since",
    [
        "update one_time_tokens set created_at = '-infinity', expires_at = now()",
        "update users set is_active = false",
        "update users set email = 'other' || email",
        "update users set erased_at = now()",
    ],
    ids=["too old", "inactive", "another address", "erased"],
)
def test_a_token_is_good_only_while_it_and_its_address_are(
    luna: Person, mail: Postman, sql: Sql, since: str
) -> None:
    token = sent_reset(luna, mail)
    sql.execute(since.encode())
    before = count(sql, "letters")

    answer = reset(token)

    assert (answer.status, answer.code) == (400, "INVALID_TOKEN")
    assert count(sql, "letters") == before


def test_a_token_for_one_thing_is_none_for_another(luna: Person, mail: Postman) -> None:
    to_verify = mail.token(luna.email)
    to_reset = sent_reset(luna, mail)

    answers = [reset(to_verify), verify(to_reset)]

    assert [answer.code for answer in answers] == ["INVALID_TOKEN"] * 2


def test_a_guessable_password_does_not_spend_the_token(
    luna: Person, mail: Postman
) -> None:
    token = sent_reset(luna, mail)

    answer = reset(token, "Password123")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json["error"]["details"]["field"] == "new_password"
    assert reset(token).status == 200


def test_a_reset_with_a_token_that_is_none_changes_nothing(
    luna: Person, sql: Sql
) -> None:
    before = content(sql)

    answer = reset("t" * 43)

    assert (answer.status, answer.code) == (400, "INVALID_TOKEN")
    assert content(sql) == before


def test_an_unknown_address_gets_the_answer_of_a_known_one_and_no_letter(
    luna: Person, mail: Postman, sql: Sql
) -> None:
    answers = [forgot(luna.email), forgot(NOBODY)]

    mail.workers.deliver("mail")
    known, unknown = (answer.ok(202) for answer in answers)
    del known["timestamp"], unknown["timestamp"]
    assert known == unknown
    assert len(mail_of(luna.email)) == 2
    assert mail_of(NOBODY) == []
    assert count(sql, "letters", email=NOBODY) == 0


def test_a_reset_goes_to_the_address_as_it_is_known(
    mail: Postman, database: str
) -> None:
    person = sign_up(email="Some.Body@example.com")
    forgot("sOME.bODY@EXAMPLE.com").ok(202)

    letter = mail.bring(person.email)

    assert letter.subject == "Choose a new password"
    assert mail_of("sOME.bODY@EXAMPLE.com") == []


def test_what_is_kept_of_a_token_is_a_hash(
    luna: Person, mail: Postman, sql: Sql
) -> None:
    token = sent_reset(luna, mail)

    dump = str(sql.execute("select * from one_time_tokens").fetchall())

    assert token not in dump
    assert token.encode().hex() not in dump


def test_an_address_is_proved_with_a_letters_token(
    luna: Person, mail: Postman, sql: Sql
) -> None:
    token = mail.token(luna.email)
    before = verified_at(sql, luna)

    answer = verify(token)

    assert answer.ok()["message"] == "Address confirmed successfully"
    assert before is None
    assert verified_at(sql, luna)
    assert luna.api("GET", ME).status == 200
    assert count(sql, "audit_log", action="user.email_verified") == 1


def test_the_letter_may_be_asked_for_again(luna: Person, mail: Postman) -> None:
    first = mail.token(luna.email)

    answer = luna.api("POST", RESEND)

    second = mail.token(luna.email)
    assert answer.ok(202)["success"] is True
    assert [verify(first).status, verify(second).status] == [400, 200]


def test_whoever_is_proved_gets_no_second_letter(
    luna: Person, mail: Postman, sql: Sql
) -> None:
    verify(mail.token(luna.email)).ok()

    luna.api("POST", RESEND).ok(202)

    mail.workers.deliver("mail")
    assert len(mail_of(luna.email)) == 1
    assert count(sql, "letters", status="queued") == 0


def test_nobody_resends_without_a_token(database: str) -> None:
    answer = Api()("POST", RESEND)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


def test_a_fourth_letter_within_the_hour_is_refused(luna: Person, sql: Sql) -> None:
    answers = [forgot(luna.email), luna.api("POST", RESEND), forgot(luna.email)]

    refused = forgot(luna.email.upper())

    left = [answer.headers["ratelimit-remaining"] for answer in answers]
    assert left == ["2", "1", "0"]
    assert (refused.status, refused.code) == (429, "RATE_LIMITED")
    assert 0 < int(refused.headers["retry-after"]) <= 3_600
    assert count(sql, "letters", kind="reset_password") == 2


def test_so_many_tokens_are_tried_from_one_address(
    luna: Person, surroundings: Set
) -> None:
    surroundings(LOGIN_TRIES_PER_ADDRESS="2")
    guess = "t" * 43
    answers = [verify(guess), luna.api("POST", ACCEPT, {"token": guess})]

    refused = reset(guess)

    left = [answer.headers["ratelimit-remaining"] for answer in answers]
    assert left == ["1", "0"]
    assert (refused.status, refused.code) == (429, "RATE_LIMITED")


def test_so_many_letters_are_asked_for_from_one_house(
    database: str, surroundings: Set
) -> None:
    surroundings(SIGN_UPS_PER_ADDRESS="1")
    rooms = [Api(client=f"2001:db8:1:2::{number}") for number in (1, 2)]

    answers = [
        room("POST", FORGOT, {"email": f"nobody{number}@example.com"})
        for number, room in enumerate(rooms)
    ]

    assert [answer.status for answer in answers] == [202, 429]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (FORGOT, {}, "email"),
        (FORGOT, {"email": "nobody"}, "email"),
        (RESET, {"new_password": NEW}, "token"),
        (RESET, {"token": "", "new_password": NEW}, "token"),
        (RESET, {"token": "t", "new_password": "seven c"}, "new_password"),
        (VERIFY, {"token": "t" * 201}, "token"),
        (VERIFY, {"token": "t", "email": NOBODY}, "email"),
    ],
)
def test_wrong_input_is_named(
    database: str, path: str, body: dict[str, str], field: str
) -> None:
    answer = Api()("POST", path, body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json["error"]["details"]["field"] == field
