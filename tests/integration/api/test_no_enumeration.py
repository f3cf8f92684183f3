"""Whether an address is known shows neither in answers nor in the work they take."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher

from tests.support.api import Answer, Api
from tests.support.database import Sql
from tests.support.mailbox import Postman, mail_of
from tests.support.people import PASSWORD, Person
from tests.support.trips import trips
from vixenbliss.services import passwords

FORM = {"content-type": "application/x-www-form-urlencoded"}


class Counting(PasswordHasher):
    """A hasher that knows how often it was asked."""

    def __init__(self) -> None:
        super().__init__(memory_cost=64, time_cost=1, parallelism=1)
        self.hashed = self.verified = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.hashed += 1
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002 - as argon2 has it
        self.verified += 1
        return super().verify(hash, password)


@pytest.fixture
def hasher() -> Iterator[Counting]:
    """Count what is hashed."""
    before, counting = passwords.hasher, Counting()
    passwords.hasher = counting
    passwords.__dict__["_nobody"].cache_clear()
    yield counting
    passwords.hasher = before
    passwords.__dict__["_nobody"].cache_clear()


def forget(email: str) -> Answer:
    return Api()("POST", "/api/auth/password/forgot", {"email": email})


def login(email: str) -> Answer:
    body = {"email": email, "password": f"not {PASSWORD}"}
    return Api()("POST", "/api/auth/login", body)


def grant(email: str) -> Answer:
    content = f"username={email}&password=not+{PASSWORD}".encode()
    return Api()("POST", "/api/v1/auth/token", content=content, headers=FORM)


def told(answer: Answer) -> Any:
    """Return all that an answer tells but when it was given."""
    headers = {k: v for k, v in answer.headers.items() if k != "ratelimit-reset"}
    body = answer.json
    body.pop("timestamp", None)
    return answer.status, headers, body


@pytest.mark.parametrize("ask", [forget, login, grant])
def test_a_known_address_costs_the_same_as_an_unknown_one(
    luna: Person, hasher: Counting, ask: Callable[[str], Answer]
) -> None:
    ask("warm@example.com")  # what an unknown user is compared with is hashed once

    work = []
    for email in (luna.email, "nobody@example.com"):
        before = hasher.verified
        statements = trips(lambda: ask(email))  # noqa: B023 - called at once
        work.append((statements, hasher.verified - before, hasher.hashed))

    assert work[0] == work[1]
    assert work[0][0] > 0


@pytest.mark.parametrize("ask", [forget, login, grant])
def test_a_known_address_is_answered_as_an_unknown_one(
    luna: Person, sql: Sql, ask: Callable[[str], Answer]
) -> None:
    sql.execute("delete from rate_limits")  # luna has signed in

    known, unknown = ask(luna.email), ask("nobody@example.com")

    assert told(known) == told(unknown)


def test_a_deactivated_user_gets_no_letter_and_the_same_answer(
    luna: Person, mail: Postman, sql: Any
) -> None:
    mail.workers.deliver("mail")
    sql.execute("update users set is_active = false")

    answers = [forget(luna.email), forget("nobody@example.com")]

    mail.workers.deliver("mail")
    assert told(answers[0]) == told(answers[1])
    assert len(mail_of(luna.email)) == 1
