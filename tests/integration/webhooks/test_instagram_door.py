"""/webhooks/instagram: who may tell us something, and what of it is only kept."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.conftest import Set
from tests.stack.providers.instagram.keys import APP_SECRET, META_APP_SECRET
from tests.support.api import Answer, Api
from tests.support.contract import operation
from tests.support.database import Sql, count
from tests.support.instagram_updates import (
    AT,
    DOOR,
    body,
    changed,
    comment,
    deliver,
    message,
    signed,
    written_to,
)

pytestmark = pytest.mark.usefixtures("world")
NOBODY = "17841400000000001"
BODY = b'{"object":"instagram","entry":[]}'
TOKEN = "a token of tests"


def is_refused(answer: Answer, sql: Sql, code: str = "INVALID_SIGNATURE") -> bool:
    """Tell whether a delivery was refused and nothing is left of it."""
    told = (answer.status, answer.code) == (400, code)
    return told and not count(sql, "webhook_events")


def asked(**changes: str) -> Answer:
    """Ask the door for its challenge, as Meta does."""
    query = {
        "hub.mode": "subscribe",
        "hub.challenge": "1158201444",
        "hub.verify_token": TOKEN,
    } | {f"hub.{name}": value for name, value in changes.items()}
    return Api()("GET", f"{DOOR}?{urlencode(query)}")


# Whose address it is.


@pytest.fixture
def _token(surroundings: Set) -> None:
    surroundings(INSTAGRAM_VERIFY_TOKEN=f"another,{TOKEN}")


@pytest.mark.usefixtures("_token")
@pytest.mark.parametrize("token", [TOKEN, "another"])
def test_a_challenge_is_repeated_to_whoever_knows_the_token(token: str) -> None:
    answer = asked(verify_token=token)

    assert (answer.status, answer.content) == (200, b"1158201444")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.usefixtures("_token")
@pytest.mark.parametrize(
    "changes",
    [
        {"verify_token": "guessed"},
        {"verify_token": ""},
        {"verify_token": f"another,{TOKEN}"},
        {"verify_token": "\N{ARABIC-INDIC DIGIT ZERO}"},
        {"mode": "unsubscribe"},
        {"mode": ""},
    ],
)
def test_nobody_else_hears_it(changes: dict[str, str]) -> None:
    answer = asked(**changes)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")


@pytest.mark.usefixtures("_token")
@pytest.mark.parametrize(
    "challenge", ["", "<script>", "1 2", "1\n", "é", "1" * 401, "%00"]
)
def test_what_might_act_in_a_browser_is_not_repeated(challenge: str) -> None:
    answer = asked(challenge=challenge)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


def test_without_a_token_nobody_is_asked_for_it() -> None:
    answer = asked()

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


# Who may tell.


@pytest.mark.parametrize("secret", ["another secret", "", APP_SECRET[:-1]])
def test_what_meta_has_not_signed_is_refused(sql: Sql, secret: str) -> None:
    answer = deliver(BODY, signed(BODY, secret))

    assert is_refused(answer, sql)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": "sha256="},
        {"x-hub-signature-256": signed(BODY)["x-hub-signature-256"].upper()},
        {"x-hub-signature-256": signed(BODY)["x-hub-signature-256"][7:]},
        {"x-hub-signature": signed(BODY)["x-hub-signature-256"]},
        signed(BODY + b" "),
    ],
    ids=["none", "empty", "short", "loud", "bare", "older", "of another body"],
)
def test_a_signature_that_is_none_is_refused(sql: Sql, headers: Any) -> None:
    answer = deliver(BODY, headers)

    assert is_refused(answer, sql)


def test_either_secret_of_the_app_may_have_signed(surroundings: Set) -> None:
    surroundings(INSTAGRAM_APP_SECRET=f"{APP_SECRET},{META_APP_SECRET}")

    answer = deliver(BODY, signed(BODY, META_APP_SECRET))

    assert answer.status == 202


def test_without_a_secret_there_is_no_door(surroundings: Set, sql: Sql) -> None:
    surroundings(INSTAGRAM_APP_SECRET=None)

    answer = deliver(BODY)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize(("more", "status"), [(0, 202), (1, 413)])
def test_a_body_has_a_megabyte_at_most(more: int, status: int) -> None:
    answer = deliver(BODY.ljust(1024 * 1024 + more))

    assert answer.status == status


@pytest.mark.parametrize("told", [b"", b"{", b"[" * 100_000, b"\xff", b'{"a": "\xff"}'])
def test_what_is_signed_and_no_json_is_refused(sql: Sql, told: bytes) -> None:
    answer = deliver(told)

    assert is_refused(answer, sql, "VALIDATION_ERROR")


# What is signed, and says nothing to us.


@pytest.mark.parametrize(
    "told",
    [
        [],
        {},
        None,
        7,
        "entry",
        [[]],
        {"entry": {}},
        {"entry": [7, None, []]},
        body({}),
        body({"id": None, "changes": [{"field": "comments"}]}),
        body({"id": NOBODY, "changes": 7, "messaging": "x"}),
    ],
    ids=repr,
)
def test_json_that_tells_no_update_is_taken_and_forgotten(sql: Sql, told: Any) -> None:
    answer = deliver(told)

    assert answer.status == 202
    assert count(sql, "webhook_events") == 0


@pytest.mark.parametrize(
    "told",
    [
        changed(NOBODY, comment(), field="story_insights"),
        changed(NOBODY, comment(""), 7, None, "x", field="comments")
        | {"more": "of it"},
        changed(NOBODY, comment("x" * 121)),
        changed(NOBODY, comment(text=7)),
        changed(NOBODY, comment(text="\0 and \ud83d")),
        changed(NOBODY, {"media_id": None}, field="mentions"),
        changed(NOBODY, comment(), at=10**30),
        written_to(NOBODY, {"sender": {"id": "1"}, "read": {"mid": "m_1"}}),
        written_to(NOBODY, message("x" * 256)),
        written_to(NOBODY, message(text=["x"])),
        body({"id": NOBODY, "time": AT, "field": "comments"}),
        body({"id": int(NOBODY), "messaging": [{"reaction": {"mid": "m_1"}}]}),
    ],
    ids=lambda told: repr(told)[40:100],
)
def test_what_we_do_not_read_is_kept_and_ignored(sql: Sql, told: Any) -> None:
    deliver(told).ok(202)
    stored = count(sql, "webhook_events", status="ignored")

    answer = deliver(told)

    assert answer.status == 202
    assert count(sql, "webhook_events") == stored > 0
    assert count(sql, "inbox_messages") == 0


def test_answers_keep_to_the_contract() -> None:
    said = operation(f"POST {DOOR}")

    answers = [deliver(BODY), deliver(BODY, {})]

    assert [said.complaints(answer) for answer in answers] == [[], []]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_lead_nowhere(method: str) -> None:
    assert Api()(method, DOOR).status == 405
