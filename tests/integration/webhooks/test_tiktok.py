"""POST /webhooks/tiktok: which posts a report has looked at, and that once will do."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.at_once import Wish, at_once
from tests.support.database import content, count
from tests.support.newsroom import Newsroom, newsroom
from tests.support.studio import Studio
from tests.support.tiktok_events import DOOR, deliver, event, signed, statuses
from vixenbliss.services.platform_reports import THERE

COMPLETE = "post.publish.complete"
PUBLIC = "post.publish.publicly_available"
GONE = "post.publish.no_longer_publicaly_available"
PUBLISH_ID = "v_pub_url~v2-1.7412345678901234567"
ABOUT = {"publish_id": PUBLISH_ID, "publish_type": "DIRECT_PUBLISH"}

RINGS = (
    "post.publish.failed",
    COMPLETE,
    "post.publish.completed",
    PUBLIC,
    GONE,
    "video.publish.completed",
    "video.upload.failed",
)


@pytest.fixture
def news(studio: Studio, aws: object) -> Newsroom:
    return newsroom(studio, "tiktok")


@pytest.fixture
def open_id(news: Newsroom) -> str:
    return str(news.account()["app_user_id"])


@pytest.fixture
def sent(news: Newsroom) -> Callable[..., str]:
    """Store a post whose one call has been made."""

    def store(
        *, status: str = "processing", handle: str | None = None, **more: Any
    ) -> str:
        post_id = news.post(status="draft", allow_duplicate=True, **more)
        news.sql.execute(
            "update posts set status = %s, handle = %s, publish_intent_at = now(),"
            " published_at = now() where id = %s",
            (status, handle, post_id),
        )
        return post_id

    return store


def rung(news: Newsroom) -> list[str]:
    return [post_id for post_id, _ in news.press.messages("confirm")]


# What an event leads to.


@pytest.mark.parametrize("name", RINGS)
@pytest.mark.parametrize("status", ["processing", "unconfirmed", "published"])
def test_a_report_on_a_post_has_it_looked_at(
    news: Newsroom,
    open_id: str,
    sent: Callable[..., str],
    name: str,
    status: str,
) -> None:
    post_id = sent(handle=PUBLISH_ID, status=status)

    answer = deliver(event(name, open_id, ABOUT))

    assert answer.ok(202) == {"received": True}
    assert rung(news) == [post_id]
    assert news.status(post_id) == status
    assert statuses(news.sql) == ["processed"]


def test_the_worker_believes_what_it_reads_and_not_the_report(
    news: Newsroom, open_id: str
) -> None:
    post_id = news.post()
    news.publish(post_id)
    news.world.wait()
    handle = news.row(post_id)["handle"]

    deliver(event("post.publish.failed", open_id, {"publish_id": handle})).ok(202)
    news.confirm(post_id)

    assert news.status(post_id) == "published"


def test_a_public_post_s_id_is_kept_and_never_replaced(
    news: Newsroom, open_id: str, sent: Callable[..., str]
) -> None:
    post_id = sent(handle=PUBLISH_ID)

    for public_id in (7_400_000_000_000_000_001, "7400000000000000002"):
        deliver(event(PUBLIC, open_id, ABOUT | {"post_id": public_id})).ok(202)

    assert news.row(post_id)["platform_post_id"] == "7400000000000000001"
    assert rung(news) == [post_id, post_id]


def test_an_id_that_another_post_has_is_not_taken_over(
    news: Newsroom, open_id: str, sent: Callable[..., str]
) -> None:
    first, second = sent(handle="v_pub_1"), sent(handle="v_pub_2")

    for handle in ("v_pub_1", "v_pub_2"):
        about = {"publish_id": handle, "post_id": "74"}
        deliver(event(PUBLIC, open_id, about)).ok(202)

    assert news.row(first)["platform_post_id"] == "74"
    assert news.row(second)["platform_post_id"] is None


def test_an_early_report_waits_for_the_name_it_uses(
    news: Newsroom, open_id: str, sent: Callable[..., str]
) -> None:
    about = ABOUT | {"post_id": "74"}
    deliver(event(PUBLIC, open_id, about)).ok(202)
    assert count(
        news.sql,
        "webhook_events",
        status="received",
        provider_object_id=PUBLISH_ID,
    )
    post_id = sent(handle=PUBLISH_ID)

    deliver(event(COMPLETE, open_id, ABOUT)).ok(202)

    assert statuses(news.sql) == ["processed", "processed"]
    assert news.row(post_id)["platform_post_id"] == "74"


def test_who_leaves_the_app_is_disconnected_and_their_posts_are_drafts(
    news: Newsroom, open_id: str
) -> None:
    post_id = news.post(status="scheduled")

    deliver(event("authorization.removed", open_id, {"reason": 1})).ok(202)

    assert news.account()["status"] == "disconnected"
    assert news.account()["access_token"] is None
    assert news.status(post_id) == "draft"


def test_a_consent_that_was_given_later_stays(news: Newsroom, open_id: str) -> None:
    before = time.time() - 60

    deliver(event("authorization.removed", open_id, {"reason": 1}, at=before)).ok(202)

    assert news.account()["status"] == "connected"


# What a lost answer would have told.


@pytest.mark.parametrize("status", ["processing", "unconfirmed"])
def test_the_one_post_without_a_name_is_the_one_that_is_meant(
    news: Newsroom, open_id: str, sent: Callable[..., str], status: str
) -> None:
    post_id = sent(status=status)

    deliver(event(COMPLETE, open_id, ABOUT)).ok(202)

    assert news.row(post_id)["handle"] == PUBLISH_ID
    assert rung(news) == [post_id]


def test_of_two_that_may_be_meant_neither_is_taken(
    news: Newsroom, open_id: str, sent: Callable[..., str]
) -> None:
    post_ids = [sent(), sent(status="unconfirmed")]

    deliver(event(COMPLETE, open_id, ABOUT)).ok(202)

    assert [news.row(post_id)["handle"] for post_id in post_ids] == [None, None]
    assert (rung(news), statuses(news.sql)) == ([], ["received"])


@pytest.mark.parametrize(
    ("after_s", "is_tied"), [(-10, False), (-4, True), (3_590, True), (3_610, False)]
)
def test_a_report_is_about_what_was_sent_in_the_hour_before_it(
    news: Newsroom,
    open_id: str,
    sent: Callable[..., str],
    after_s: int,
    *,
    is_tied: bool,
) -> None:
    post_id = sent()
    at = news.row(post_id)["publish_intent_at"].timestamp() + after_s

    deliver(event(COMPLETE, open_id, ABOUT, at=at)).ok(202)

    assert (news.row(post_id)["handle"] == PUBLISH_ID) is is_tied


@pytest.mark.parametrize(
    ("name", "about"),
    [
        (GONE, ABOUT),
        (COMPLETE, ABOUT | {"publish_type": "INBOX_SHARE"}),
        ("video.publish.completed", {"share_id": "video.upload.9"}),
    ],
)
def test_a_report_on_something_else_names_no_post(
    news: Newsroom,
    open_id: str,
    sent: Callable[..., str],
    name: str,
    about: dict[str, str],
) -> None:
    post_id = sent()

    deliver(event(name, open_id, about)).ok(202)

    assert news.row(post_id)["handle"] is None


@pytest.mark.parametrize("status", ["published", "failed", "cancelled"])
def test_a_post_that_has_ended_gets_no_name(
    news: Newsroom, open_id: str, sent: Callable[..., str], status: str
) -> None:
    post_id = sent(status="processing")
    news.sql.execute(
        "update posts set status = %s, error_code = 'X' where id = %s",
        (status, post_id),
    )

    deliver(event(COMPLETE, open_id, ABOUT)).ok(202)

    assert news.row(post_id)["handle"] is None


def test_a_strangers_account_has_no_say_over_a_post(
    news: Newsroom, sent: Callable[..., str]
) -> None:
    named, nameless = sent(handle=PUBLISH_ID), sent()

    for publish_id in (PUBLISH_ID, "v_pub_other"):
        deliver(event(COMPLETE, "-000stranger", {"publish_id": publish_id})).ok(202)

    assert rung(news) == []
    assert news.row(named)["handle"] == PUBLISH_ID
    assert news.row(nameless)["handle"] is None


# Once.


def test_a_report_that_comes_again_changes_nothing(
    news: Newsroom, open_id: str, sent: Callable[..., str]
) -> None:
    sent(handle=PUBLISH_ID)
    body = event(PUBLIC, open_id, ABOUT | {"post_id": "74"})
    deliver(body, signed(body, age_s=30)).ok(202)
    before = content(news.sql)

    answer = deliver(body)

    assert answer.status == 202
    assert content(news.sql) == before


def test_copies_at_once_are_one(
    news: Newsroom, open_id: str, sent: Callable[..., str]
) -> None:
    post_id = sent()
    body = json.loads(event(COMPLETE, open_id, ABOUT))
    headers = signed(json.dumps(body).encode())
    wish = Wish(Api(), "POST", DOOR, body, headers)

    answers = at_once(*[wish] * 6)

    assert {answer.status for answer in answers} == {202}
    assert rung(news) == [post_id]
    assert count(news.sql, "webhook_events") == 1
    assert news.row(post_id)["handle"] == PUBLISH_ID


def test_reports_on_one_post_at_once_are_all_heard(
    news: Newsroom, open_id: str, sent: Callable[..., str]
) -> None:
    post_id = sent()
    names = [name for name in RINGS if name in THERE]
    bodies = [json.loads(event(name, open_id, ABOUT)) for name in names]
    wishes = [
        Wish(Api(), "POST", DOOR, body, signed(json.dumps(body).encode()))
        for body in bodies
    ]

    answers = at_once(*wishes)

    assert {answer.status for answer in answers} == {202}
    assert rung(news) == [post_id] * len(names)
    assert news.row(post_id)["handle"] == PUBLISH_ID
