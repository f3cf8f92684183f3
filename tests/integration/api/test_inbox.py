"""The inbox: what people wrote, seen by the members of its workspace alone."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.database import Sql
from tests.support.instagram_updates import (
    AT,
    changed,
    comment,
    deliver,
    message,
    written_to,
)
from tests.support.material import NOBODYS
from tests.support.people import Person, join
from tests.support.platforms import connect

pytestmark = pytest.mark.usefixtures("world", "aws")
ALL = "/api/v1/inbox/threads"


@pytest.fixture
def account(luna: Person, sql: Sql) -> str:
    """Return the account to which somebody has written in private and in public."""
    account_id = connect(luna, "instagram")
    row = sql.execute("select platform_user_id from social_accounts").fetchone() or {}
    known_as = row["platform_user_id"]
    reply = comment("179002", "me too", parent_id="179001")
    deliver(changed(known_as, comment(), at=AT + 60)).ok(202)
    deliver(changed(known_as, reply, at=AT + 90)).ok(202)
    deliver(written_to(known_as, message())).ok(202)
    return account_id


def listed(person: Person, query: str = "") -> list[dict[str, Any]]:
    return list(person.api("GET", f"{ALL}{query}").ok()["items"])


def test_threads_are_listed_with_the_latest_news_first(
    luna: Person, account: str
) -> None:
    threads = listed(luna)

    assert [thread["kind"] for thread in threads] == ["comment", "direct"]
    assert {thread["account_id"] for thread in threads} == {account}
    assert threads[0]["participant"] == "fan_one"
    assert threads[0]["platform"] == "instagram"


def test_a_thread_shows_its_messages_in_their_order(luna: Person, account: str) -> None:
    (thread,) = listed(luna, "?kind=comment")

    shown = luna.api("GET", f"{ALL}/{thread['id']}").ok()

    assert [one["body"] for one in shown.pop("messages")] == ["so pretty", "me too"]
    assert shown == thread


def test_only_the_latest_messages_are_shown(
    luna: Person, account: str, sql: Sql
) -> None:
    (thread,) = listed(luna, "?kind=direct")
    sql.execute(
        "insert into inbox_messages (id, thread_id, external_id, body, sent_at)"
        " select gen_random_uuid(), %s, n::text, n::text, now() + n * interval '1 s'"
        " from generate_series(1, 200) n",
        (thread["id"],),
    )

    shown = luna.api("GET", f"{ALL}/{thread['id']}").ok()["messages"]

    assert [one["body"] for one in shown] == [str(n) for n in range(1, 201)]


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("kind=direct", ["direct"]),
        ("kind=mention", []),
        ("account_id={account}", ["comment", "direct"]),
        (f"account_id={NOBODYS}", []),
        ("account_id={account}&kind=comment", ["comment"]),
        ("per_page=1&page=2", ["direct"]),
    ],
)
def test_a_list_can_be_narrowed(
    luna: Person, account: str, query: str, kinds: list[str]
) -> None:
    threads = listed(luna, "?" + query.replace("{account}", account))

    assert [thread["kind"] for thread in threads] == kinds


@pytest.mark.parametrize("query", ["kind=letter", "account_id=7", "page=0"])
def test_a_wish_that_is_none_is_refused(luna: Person, query: str) -> None:
    answer = luna.api("GET", f"{ALL}?{query}")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


def test_every_member_may_read(luna: Person, account: str) -> None:
    analyst = join(luna, "analyst")

    assert len(listed(analyst)) == 2


def test_a_stranger_sees_nothing_of_it(
    luna: Person, stranger: Person, account: str
) -> None:
    (thread, _) = listed(luna)

    answer = stranger.api("GET", f"{ALL}/{thread['id']}")

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert listed(stranger) == []


@pytest.mark.parametrize("path", ["", f"/{NOBODYS}"])
def test_nobody_gets_in_without_a_token(database: str, path: str) -> None:
    assert Api()("GET", f"{ALL}{path}").status == 401


def test_a_thread_that_is_not_there_is_not_found(luna: Person) -> None:
    answer = luna.api("GET", f"{ALL}/{NOBODYS}")

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
