"""/api/v1/posts/{id}/attempts and /receipt: what became of a post, and the proof."""

import base64
import json

import pytest

from tests.support.api import Api
from tests.support.material import NOBODYS
from tests.support.people import Person, join
from tests.support.posting import ALL, Press, press
from tests.support.studio import Studio

DOORS = ["attempts", "receipt"]


@pytest.fixture
def ours(studio: Studio, aws: dict[str, str]) -> Press:
    return press(studio)


@pytest.mark.parametrize("door", DOORS)
def test_nobody_gets_in_without_a_token(database: str, door: str) -> None:
    assert Api()("GET", f"{ALL}/{NOBODYS}/{door}").status == 401


@pytest.mark.parametrize("door", DOORS)
def test_a_post_is_a_strangers_nothing(
    ours: Press, stranger: Person, door: str
) -> None:
    path = f"{ALL}/{ours.post()['id']}/{door}"

    answer = stranger.api("GET", path)

    assert (answer.status, answer.json["detail"]) == (404, "Post not found")


@pytest.mark.parametrize("door", DOORS)
def test_a_post_that_is_not_there_is_not_found(luna: Person, door: str) -> None:
    assert luna.api("GET", f"{ALL}/{NOBODYS}/{door}").status == 404


def test_what_has_not_begun_has_taken_no_step(ours: Press) -> None:
    post = ours.post()

    assert ours.owner.api("GET", f"{ALL}/{post['id']}/attempts").ok() == []


def test_steps_are_told_in_their_order_to_every_member(ours: Press) -> None:
    post = ours.post()
    for step, outcome in (("prepare", "prepared"), ("publish", "refused")):
        ours.sql.execute(
            "insert into post_attempts (post_id, attempt, step, outcome, http_status)"
            " values (%s, 1, %s, %s, 200)",
            (post["id"], step, outcome),
        )

    analyst = join(ours.owner, "analyst")
    told = analyst.api("GET", f"{ALL}/{post['id']}/attempts").ok()

    assert [(one["step"], one["outcome"]) for one in told] == [
        ("prepare", "prepared"),
        ("publish", "refused"),
    ]
    assert told[0]["attempt"] == 1
    assert told[0]["http_status"] == 200


def test_of_very_many_steps_the_last_ones_are_told(ours: Press) -> None:
    post = ours.post()
    ours.sql.execute(
        "insert into post_attempts (post_id, attempt, step, outcome)"
        " select %s, 0, 'check', n from generate_series(1, 501) as n",
        (post["id"],),
    )

    told = ours.owner.api("GET", f"{ALL}/{post['id']}/attempts").ok()

    assert [one["outcome"] for one in told] == [str(n) for n in range(2, 502)]


def test_before_a_post_is_there_nothing_is_said_of_it(ours: Press) -> None:
    post = ours.post()

    answer = ours.owner.api("GET", f"{ALL}/{post['id']}/receipt")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_the_newest_receipt_is_told_as_it_was_signed(ours: Press) -> None:
    post = ours.post_that_is("published")
    ours.sign(post, '{"label":null}')
    ours.sign(post, '{"label":true}')

    told = ours.owner.api("GET", f"{ALL}/{post['id']}/receipt").ok()

    assert told["receipt"] == json.loads(base64.b64decode(told["payload"]))
    assert told["receipt"] == {"label": True}
    assert base64.b64decode(told["signature"]) == b"signed"
    assert told["algorithm"] == "ECDSA_SHA_256"
    assert told["public_key"].startswith("-----BEGIN PUBLIC KEY-----")
    assert told["recalled_at"] is None


def test_the_receipt_of_what_was_taken_back_says_so(ours: Press) -> None:
    post = ours.post_that_is("recalled")
    ours.sign(post, '{"label":true}')

    told = ours.owner.api("GET", f"{ALL}/{post['id']}/receipt").ok()

    assert told["recalled_at"] == ours.read(post)["recalled_at"] is not None
    assert told["receipt"] == {"label": True}


@pytest.mark.parametrize("status", ["failed", "queued", "unconfirmed"])
def test_what_is_not_there_any_more_has_no_receipt(ours: Press, status: str) -> None:
    post = ours.post_that_is(status)
    ours.sign(post, '{"label":true}')

    answer = ours.owner.api("GET", f"{ALL}/{post['id']}/receipt")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
