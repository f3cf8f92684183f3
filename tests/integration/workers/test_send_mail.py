"""Queue mail: each letter leaves once, or it is known why it did not."""

import json
from typing import Any
from uuid import UUID

import pytest

from tests.conftest import Set
from tests.support.api import Api, handler_of
from tests.support.database import Sql, count
from tests.support.mailbox import Postman, mail_of
from tests.support.people import Person
from tests.support.workers import Workers, dead_letter
from tests.support.world import MAIL_FROM
from vixenbliss.errors import OutcomeUnknownError
from vixenbliss.loop import run
from vixenbliss.providers.ses import Mailbox
from vixenbliss.services.mailing import Mailing
from vixenbliss.services.sweeping import sweep
from vixenbliss.settings import settings

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def letter(luna: Person, mail: Postman) -> str:
    """A letter that is to confirm Luna's address, and has not been sent."""
    (letter_id,) = mail.workers.waiting("mail")
    return letter_id


def row(sql: Sql, letter_id: str) -> dict[str, Any]:
    query = "select * from letters where id = %s"
    (found,) = sql.execute(query, (letter_id,)).fetchall()
    return found


def standing(sql: Sql, letter_id: str) -> tuple[str, int, str | None]:
    found = row(sql, letter_id)
    return found["status"], found["attempts"], found["error_code"]


def die_after_claiming(sql: Sql, letter_id: str) -> None:
    """Let a worker have taken the letter a while ago, and never have come back."""
    sql.execute(
        "update letters set attempts = attempts + 1, lease_token = gen_random_uuid(),"
        " lease_until = now() - interval '1 second', check_at = now() where id = %s",
        (letter_id,),
    )


def bury(letter_id: str) -> None:
    body = json.dumps({"id": letter_id})
    handler_of("BuryDeadLettersFunction")(
        {"Records": [dead_letter(body, "mail")]}, None
    )


def test_a_letter_leaves_and_says_so(
    luna: Person, workers: Workers, sql: Sql, letter: str
) -> None:
    again = workers.run("mail", letter)

    (brought,) = mail_of(luna.email)
    sent = row(sql, letter)
    assert again == []
    assert (brought.sender, brought.subject) == (MAIL_FROM, "Confirm your address")
    assert f"https://studio.test/verify-email?token={brought.token}" in brought.text
    assert (sent["status"], sent["attempts"]) == ("sent", 1)
    assert sent["message_id"]
    assert (sent["lease_token"], sent["check_at"]) == (None, None)


def test_a_second_delivery_sends_nothing(
    luna: Person, workers: Workers, letter: str
) -> None:
    workers.run("mail", letter, letter)

    workers.run("mail", letter)

    assert len(mail_of(luna.email)) == 1


def test_a_letter_that_another_holds_is_left_alone(
    luna: Person, workers: Workers, sql: Sql, letter: str
) -> None:
    die_after_claiming(sql, letter)
    sql.execute("update letters set lease_until = now() + interval '1 minute'")

    again = workers.run("mail", letter)

    assert again == []
    assert mail_of(luna.email) == []


def test_after_a_crash_the_letter_is_sent_with_another_token(
    luna: Person, workers: Workers, sql: Sql, letter: str
) -> None:
    workers.run("mail", letter)
    sql.execute("update letters set status = 'queued', sent_at = null")
    die_after_claiming(sql, letter)

    swept = run(sweep())
    workers.deliver("mail")

    first, second = (brought.token for brought in mail_of(luna.email))
    show = {"first": first, "second": second}
    answers = {
        name: Api()("POST", "/api/auth/email/verify", {"token": token}).status
        for name, token in show.items()
    }
    assert swept.letters == 1
    assert answers == {"first": 400, "second": 200}


def test_a_letter_that_kills_three_workers_is_given_up(
    luna: Person, workers: Workers, sql: Sql, letter: str
) -> None:
    for _ in range(3):
        die_after_claiming(sql, letter)

    workers.run("mail", letter)

    assert standing(sql, letter) == ("failed", 4, "OUTCOME_UNKNOWN")
    assert mail_of(luna.email) == []
    assert count(sql, "dead_letters", queue="mail", code="OUTCOME_UNKNOWN") == 1


class Mute(Mailbox):
    """A mailbox that never says whether it has sent a letter."""

    async def send(self, address: str, *, subject: str, text: str) -> str:
        del address, subject, text
        raise OutcomeUnknownError("SES", "no answer")


def test_a_letter_without_an_answer_is_sent_three_times_at_most(
    sql: Sql, letter: str
) -> None:
    mailing = Mailing(Mute(), settings())

    for _ in range(4):
        run(mailing.send([UUID(letter)]))

    assert standing(sql, letter) == ("failed", 3, "OUTCOME_UNKNOWN")
    assert count(sql, "dead_letters", queue="mail", code="OUTCOME_UNKNOWN") == 1


def test_while_ses_is_away_no_try_is_counted_and_nothing_is_lost(
    workers: Workers, sql: Sql, letter: str, surroundings: Set, aws: dict[str, str]
) -> None:
    surroundings(AWS_ENDPOINT_URL=NOWHERE)
    for _ in range(4):
        assert workers.run("mail", letter) == []
    paused = standing(sql, letter)
    surroundings(AWS_ENDPOINT_URL=aws["AWS_ENDPOINT_URL"])
    sql.execute("update letters set check_at = now()")

    run(sweep())
    workers.deliver("mail")

    assert paused == ("queued", 0, None)
    assert standing(sql, letter) == ("sent", 1, None)


def test_ses_is_waited_for_no_longer_than_a_day(
    workers: Workers, sql: Sql, letter: str, surroundings: Set
) -> None:
    surroundings(AWS_ENDPOINT_URL=NOWHERE)
    sql.execute("update letters set created_at = now() - interval '2 days'")

    workers.run("mail", letter)

    assert standing(sql, letter)[::2] == ("failed", "PROVIDER_UNAVAILABLE")
    assert count(sql, "dead_letters", queue="mail") == 1


def test_what_ses_refuses_has_failed_and_its_reason_tells_no_address(
    luna: Person, workers: Workers, sql: Sql, letter: str, surroundings: Set
) -> None:
    surroundings(MAIL_FROM="somebody@elsewhere.test")

    workers.run("mail", letter)

    (dead,) = sql.execute("select reason from dead_letters").fetchall()
    assert standing(sql, letter) == ("failed", 1, "PROVIDER_REFUSED")
    assert dead["reason"] == "SES: not taken (MessageRejected)"


@pytest.mark.parametrize("missing", ["MAIL_FROM", "RETURN_ORIGINS"])
def test_without_a_sender_or_a_page_nothing_is_sent(
    workers: Workers, sql: Sql, letter: str, surroundings: Set, missing: str
) -> None:
    surroundings(**{missing: None})

    workers.run("mail", letter)

    assert standing(sql, letter) == ("failed", 1, "MAIL_NOT_SET_UP")
    assert count(sql, "dead_letters", queue="mail", subject_id=letter) == 1
    assert count(sql, "one_time_tokens") == 0


def test_a_letter_that_has_failed_is_sent_with_a_redrive(
    luna: Person, workers: Workers, sql: Sql, letter: str, surroundings: Set
) -> None:
    surroundings(MAIL_FROM=None)
    workers.run("mail", letter)
    surroundings(MAIL_FROM=MAIL_FROM)
    sql.execute("update users set platform_role = 'admin'")

    redriven = luna.api("POST", "/api/v1/ops/queues/mail/redrive").ok(202)
    workers.deliver("mail")

    assert redriven == {"redriven": 1}
    assert standing(sql, letter) == ("sent", 1, None)
    assert len(mail_of(luna.email)) == 1


def test_a_letter_that_has_left_is_not_redriven(
    luna: Person, workers: Workers, sql: Sql, letter: str
) -> None:
    workers.run("mail", letter)
    sql.execute("update users set platform_role = 'admin'")
    bury(letter)
    sql.execute("update dead_letters set redriven_at = null")

    answer = luna.api("POST", "/api/v1/ops/queues/mail/redrive")

    assert answer.ok(202) == {"redriven": 0}


def test_a_letter_whose_messages_die_twice_has_failed(sql: Sql, letter: str) -> None:
    bury(letter)
    woken = standing(sql, letter)
    sql.execute("update dead_letters set created_at = now() - interval '1 hour'")
    bury(letter)

    assert woken == ("queued", 0, None)
    assert standing(sql, letter) == ("failed", 0, "DEAD_LETTER")
    assert count(sql, "dead_letters", queue="mail", redriven_at=None) == 1


@pytest.mark.parametrize(
    "since",
    [
        "update users set email_verified_at = now()",
        "update users set is_active = false",
        "update users set email = 'other' || email",
    ],
    ids=["proved", "inactive", "another address"],
)
def test_a_letter_that_nobody_wants_any_more_is_forgotten(
    luna: Person, workers: Workers, sql: Sql, letter: str, since: str
) -> None:
    sql.execute(since.encode())

    workers.run("mail", letter)

    assert mail_of(luna.email) == []
    assert count(sql, "letters") == 0
    assert count(sql, "dead_letters") == 0


def test_an_invitation_is_taken_with_the_letters_token_or_the_owners(
    luna: Person, stranger: Person, mail: Postman
) -> None:
    seats = f"/api/v1/workspaces/{luna.workspace_id}/members"
    seat = {"email": stranger.email, "role": "editor"}
    told = luna.api("POST", seats, seat).ok(202)["token"]
    brought = mail.token(stranger.email)

    accept = "/api/v1/workspaces/invitations/accept"
    answers = [
        stranger.api("POST", accept, {"token": token}).status
        for token in (brought, told)
    ]

    assert told != brought
    assert answers == [200, 400]


def test_an_invitation_that_was_taken_back_is_not_sent(
    luna: Person, mail: Postman, sql: Sql
) -> None:
    guest = "guest-of-luna@example.com"
    seats = f"/api/v1/workspaces/{luna.workspace_id}/members"
    luna.api("POST", seats, {"email": guest, "role": "editor"}).ok(202)
    sql.execute("delete from workspace_invitations")

    mail.workers.deliver("mail")

    assert mail_of(guest) == []


def test_staff_sees_how_long_letters_wait(luna: Person, letter: str, sql: Sql) -> None:
    sql.execute("update users set platform_role = 'admin'")
    sql.execute("update letters set created_at = now() - interval '1 hour'")

    queues = luna.api("GET", "/api/v1/ops/queues").ok()["items"]

    ages = {queue["name"]: queue["oldest_s"] for queue in queues}
    assert 3_600 <= ages["mail"] < 3_700
