"""POST /webhooks/instagram: what people write is kept once, in whatever order."""

import itertools
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql, content, count
from tests.support.instagram_updates import (
    AT,
    DOOR,
    body,
    changed,
    comment,
    deliver,
    edit,
    message,
    signed,
    written_to,
)
from tests.support.people import Person
from tests.support.platforms import connect

pytestmark = pytest.mark.usefixtures("world", "aws")
SHOWN = (
    "select t.kind, t.external_id as thread, t.media_id, t.participant,"
    " t.participant_id, t.last_message_at, m.external_id as message, m.author, m.body,"
    " m.revision, m.sent_at from inbox_threads t join inbox_messages m"
    " on m.thread_id = t.id order by t.kind, t.external_id, m.external_id"
)


@pytest.fixture
def account(luna: Person, sql: Sql) -> str:
    """Return how Instagram knows the account that Luna has connected."""
    connect(luna, "instagram")
    row = sql.execute("select platform_user_id from social_accounts").fetchone()
    return str((row or {})["platform_user_id"])


def shown(sql: Sql) -> list[dict[str, Any]]:
    return [dict(row) for row in sql.execute(SHOWN).fetchall()]


def told(sql: Sql) -> list[tuple[str, str]]:
    """Return what was reported, and how far it has come."""
    rows = sql.execute(
        "select event_type, status from webhook_events order by event_type, status"
    )
    return [(row["event_type"], row["status"]) for row in rows]


def test_a_comment_is_put_into_the_inbox(account: str, sql: Sql) -> None:
    answer = deliver(changed(account, comment(text="caf\N{FIRE}")))

    assert answer.ok(202) == {"received": True}
    (row,) = shown(sql)
    assert (row["kind"], row["thread"], row["message"]) == (
        "comment",
        "179001",
        "179001",
    )
    assert (row["participant"], row["author"]) == ("fan_one", "fan_one")
    assert (row["body"], row["media_id"]) == ("caf\N{FIRE}", "17950000000000001")
    assert row["sent_at"].timestamp() == AT
    assert told(sql) == [("comments", "processed")]


@pytest.mark.parametrize("is_listed", [False, True])
@pytest.mark.parametrize("is_flat", [False, True])
def test_each_shape_that_was_seen_is_read(
    account: str, sql: Sql, *, is_listed: bool, is_flat: bool
) -> None:
    change = {"field": "comments", "value": comment()}
    entry = {"id": account, "time": AT}
    entry |= change if is_flat else {"changes": [change]}
    whole = body(entry)

    deliver([whole] if is_listed else whole).ok(202)

    assert [row["message"] for row in shown(sql)] == ["179001"]


def test_a_reply_belongs_to_what_it_answers(account: str, sql: Sql) -> None:
    reply = comment("179002", "me too", parent_id="179001")

    deliver(changed(account, comment(), reply)).ok(202)

    assert [row["thread"] for row in shown(sql)] == ["179001", "179001"]
    assert count(sql, "inbox_threads") == 1


def test_a_mention_says_where_it_is(account: str, sql: Sql) -> None:
    values = [{"media_id": "1795"}, {"media_id": "1795", "comment_id": "1790"}]

    deliver(changed(account, *values, field="mentions")).ok(202)

    rows = [(row["kind"], row["thread"], row["message"]) for row in shown(sql)]
    assert rows == [("mention", "1795", "1790"), ("mention", "1795", "1795")]


def test_what_somebody_sends_in_private_is_one_thread(account: str, sql: Sql) -> None:
    picture = {"attachments": [{"type": "image", "payload": {"url": "https://x"}}]}
    messages = [
        message("m_1"),
        message("m_2", text=None) | {"message": {"mid": "m_2", **picture}},
        message("m_3", sender="5552"),
    ]

    deliver(written_to(account, *messages)).ok(202)

    rows = [(row["thread"], row["body"]) for row in shown(sql)]
    assert rows == [("5551", "hello"), ("5551", "[image]"), ("5552", "hello")]


@pytest.mark.parametrize("mark", ["is_echo", "is_self"])
def test_what_the_account_says_itself_is_no_letter(
    account: str, sql: Sql, mark: str
) -> None:
    deliver(written_to(account, message("m_1", **{mark: True}))).ok(202)
    deliver(written_to(account, message("m_2", sender=account))).ok(202)

    assert shown(sql) == []
    assert [status for _, status in told(sql)] == ["ignored", "ignored"]


def test_the_last_edit_counts_and_what_is_taken_back_is_gone(
    account: str, sql: Sql
) -> None:
    deliver(written_to(account, message("m_1"), message("m_2"))).ok(202)
    deliver(written_to(account, edit("m_1", "hello!!", 2))).ok(202)

    deliver(
        written_to(account, edit("m_1", "hello!", 1), message("m_2", is_deleted=True))
    ).ok(202)

    assert [row["body"] for row in shown(sql)] == ["hello!!", ""]


STORY: tuple[Callable[[str], Any], ...] = (
    lambda account: changed(account, comment(), at=AT + 3),
    lambda account: changed(
        account,
        comment("179002", "me too", parent_id="179001")
        | {"from": {"id": "77", "username": "fan_two"}},
        at=AT + 9,
    ),
    lambda account: written_to(account, message("m_1")),
    lambda account: written_to(account, edit("m_1", "hello!", 1)),
    lambda account: written_to(account, edit("m_1", "hello!!", 2)),
    lambda account: written_to(account, message("m_1", is_deleted=True)),
)


def test_no_order_and_no_copy_makes_a_difference(account: str, sql: Sql) -> None:
    dice = random.Random("the order of updates")
    orders = list(itertools.permutations(STORY))
    seen: list[list[dict[str, Any]]] = []

    for order in [STORY, *dice.sample(orders, 40)]:
        sql.execute("truncate inbox_threads, inbox_messages, webhook_events")
        for update in dice.sample([*order, *order], 12) if seen else order:
            deliver(update(account)).ok(202)
        seen.append(shown(sql))

    assert [row["body"] for row in seen[0]] == ["so pretty", "me too", ""]
    assert all(rows == seen[0] for rows in seen)


def test_a_delivery_that_comes_again_changes_nothing(account: str, sql: Sql) -> None:
    whole = changed(account, comment())
    deliver(whole).ok(202)
    before = content(sql)

    answer = deliver(whole)

    assert answer.status == 202
    assert content(sql) == before


def test_an_update_in_another_batch_is_the_same(account: str, sql: Sql) -> None:
    deliver(changed(account, comment())).ok(202)

    deliver(changed(account, comment("179009"), comment(), at=AT + 60)).ok(202)

    assert count(sql, "inbox_messages") == 2
    assert count(sql, "webhook_events") == 2


def test_deliveries_at_once_are_one(account: str, sql: Sql) -> None:
    values = [comment(f"17900{n}") for n in range(5)]
    bodies = [changed(account, *values), changed(account, *reversed(values))] * 3
    wishes = [
        Wish(Api(), "POST", DOOR, one, signed(json.dumps(one).encode()))
        for one in bodies
    ]

    answers = at_once(*wishes)

    assert {answer.status for answer in answers} == {202}
    assert count(sql, "inbox_messages") == 5
    assert count(sql, "webhook_events") == 5


def test_a_thousand_updates_come_in_at_once(account: str, sql: Sql) -> None:
    values = [{"id": str(n), "text": "x"} for n in range(1_000)]

    deliver(changed(account, *values)).ok(202)

    assert count(sql, "inbox_messages") == 1_000


@pytest.mark.parametrize("known_as", ["17841499999999999", ""])
def test_updates_for_nobody_of_ours_are_kept_and_ignored(
    account: str, sql: Sql, known_as: str
) -> None:
    deliver(changed(known_as, comment())).ok(202)

    assert (shown(sql), told(sql)) == ([], [("comments", "ignored")])


def test_an_account_that_was_let_go_gets_no_letters(
    luna: Person, account: str, sql: Sql
) -> None:
    row = sql.execute("select id from social_accounts").fetchone() or {}
    luna.api("DELETE", f"/api/v1/social/accounts/{row['id']}").ok(204)

    deliver(changed(account, comment())).ok(202)

    assert shown(sql) == []


def test_a_letter_goes_to_the_account_s_own_workspace(
    luna: Person, stranger: Person, account: str, sql: Sql
) -> None:
    deliver(changed(account, comment())).ok(202)

    path = "/api/v1/inbox/threads"
    assert len(luna.api("GET", path).ok()["items"]) == 1
    assert stranger.api("GET", path).ok()["items"] == []
