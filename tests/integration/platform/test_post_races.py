"""People, schedules and workers after the same post: one wins, and the others know."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.support.at_once import Wish, answer_after, at_once
from tests.support.database import count
from tests.support.posting import ALL, Press, press
from tests.support.studio import Studio

# What the schedule does with what is due, and the worker with what it claims and sends.
SET_OUT = (
    "update posts set status = 'queued', version = version + 1 where id in"
    " (select id from posts where status = 'scheduled' for update skip locked)"
)
CLAIM = "update posts set status = 'publishing', fence = fence + 1 returning fence"
INTEND = "update posts set status = 'processing', publish_intent_at = now()"


@pytest.fixture
def ours(studio: Studio, aws: dict[str, str]) -> Press:
    return press(studio)


@pytest.fixture
def other(database: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody else's transaction."""
    with psycopg.connect(database) as connection:
        yield connection


def wish(ours: Press, post: dict[str, Any], verb: str, body: Any = None) -> Wish:
    return Wish(ours.owner.api, "POST", f"{ALL}/{post['id']}/{verb}", body)


def publish_now(ours: Press, post: dict[str, Any]) -> Wish:
    version = {"if-match": f'"v{post["version"]}"'}
    path = f"{ALL}/{post['id']}"
    return Wish(ours.owner.api, "PATCH", path, {"scheduled_at": "now"}, version)


def test_who_wants_it_now_is_told_that_it_has_set_out(
    ours: Press, other: psycopg.Connection[Any]
) -> None:
    post = ours.post()
    other.execute(SET_OUT)

    answer = answer_after(other, publish_now(ours, post))

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert ours.read(post)["status"] == "queued"
    assert ours.messages() == []


def test_what_somebody_has_sent_off_does_not_set_out_again(
    ours: Press, other: psycopg.Connection[Any]
) -> None:
    post = ours.post()

    answers = at_once(publish_now(ours, post), publish_now(ours, post))

    assert sorted(answer.status for answer in answers) == [200, 409]
    assert len(ours.messages()) == 1
    assert other.execute(SET_OUT).rowcount == 0


def test_two_who_post_the_same_content_post_it_once(ours: Press) -> None:
    one = Wish(ours.owner.api, "POST", ALL, ours.order(scheduled_at="now"))

    answers = at_once(one, one)

    assert sorted(answer.status for answer in answers) == [201, 409]
    (lost,) = [answer for answer in answers if answer.status == 409]
    assert lost.code == "DUPLICATE_POST"
    assert count(ours.sql, "posts") == len(ours.messages()) == 1


def test_the_index_says_no_where_the_rules_have_seen_nothing(
    ours: Press, other: psycopg.Connection[Any]
) -> None:
    post = ours.post_that_is("failed")
    other.execute("update posts set status = 'unconfirmed', publish_intent_at = now()")

    one = Wish(ours.owner.api, "POST", ALL, ours.order())
    answer = answer_after(other, one)

    assert (answer.status, answer.code) == (409, "DUPLICATE_POST")
    assert ours.read(post)["status"] == "unconfirmed"


def test_two_who_want_the_next_free_time_get_two(ours: Press) -> None:
    order = ours.order(scheduled_at="next_slot", allow_duplicate=True)
    one = Wish(ours.owner.api, "POST", ALL, order)
    path = f"{ALL}/slots?account_id={ours.account_id}"
    free = ours.owner.api("GET", path).ok()["slots"]

    answers = at_once(one, one)

    taken = [answer.ok(201)["posts"][0]["scheduled_at"] for answer in answers]
    assert sorted(taken) == free[:2]


def test_a_worker_that_has_claimed_it_loses_what_is_cancelled(
    ours: Press, other: psycopg.Connection[Any]
) -> None:
    post = ours.post(scheduled_at="now")
    (fence,) = other.execute(CLAIM).fetchone() or (None,)

    answer = answer_after(other, wish(ours, post, "cancel"))

    assert answer.ok()["status"] == "cancelled"
    late = ours.sql.execute(f"{INTEND} where fence = %s".encode(), (fence,))
    assert late.rowcount == 0


@pytest.mark.parametrize(
    ("verb", "body", "answered"),
    [("cancel", None, 409), ("recall", {"reason": "a slip"}, 202)],
)
def test_what_has_just_been_sent_is_not_ended_any_more(
    ours: Press,
    other: psycopg.Connection[Any],
    verb: str,
    body: Any,
    answered: int,
) -> None:
    post = ours.post_that_is("publishing")
    other.execute(INTEND)

    answer = answer_after(other, wish(ours, post, verb, body))

    assert answer.status == answered
    assert ours.read(post)["status"] == "processing"
    assert len(ours.messages()) == int(verb == "recall")
