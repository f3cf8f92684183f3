"""What becomes of an account's posts when its owner, or a member, lets it go."""

import time
from collections.abc import Callable

import pytest

from tests.stack.providers.instagram.accounts import Account
from tests.support.api import Answer
from tests.support.newsroom import Newsroom, newsroom
from tests.support.platforms import forgotten, left
from tests.support.posting import approved
from tests.support.studio import Studio

LUNA = Account("luna.vega").scoped_id
type End = Callable[[Newsroom], Answer]
SEEN = ("processing", "published", "unconfirmed")


def by_member(news: Newsroom) -> Answer:
    path = f"/api/v1/social/accounts/{news.press.account_id}"
    return news.press.owner.api("DELETE", path)


def by_platform(_: Newsroom) -> Answer:
    return left("deauthorize", LUNA)


def by_being_forgotten(_: Newsroom) -> Answer:
    return forgotten(LUNA)


@pytest.fixture
def news(studio: Studio, aws: object) -> Newsroom:
    return newsroom(studio, "instagram")


@pytest.fixture(params=[by_member, by_platform, by_being_forgotten])
def end(request: pytest.FixtureRequest) -> End:
    way: End = request.param
    return way


def withdrawn(news: Newsroom) -> list[str]:
    """Return the posts that the trail says were put back."""
    rows = news.sql.execute(
        "select target_id from audit_log where action = 'post.withdrawn'"
    )
    return sorted(row["target_id"] for row in rows)


@pytest.mark.parametrize("status", ["scheduled", "queued", "publishing"])
def test_what_nobody_has_seen_is_a_draft_again(
    news: Newsroom, end: End, status: str
) -> None:
    post_id = news.post(status=status)
    due_at = news.row(post_id)["due_at"]

    assert end(news).status in (200, 204)

    row = news.row(post_id)
    assert (row["status"], row["due_at"], row["check_at"]) == ("draft", due_at, None)
    assert withdrawn(news) == [post_id]


@pytest.mark.parametrize("status", SEEN)
def test_what_the_platform_may_show_goes_its_way(
    news: Newsroom, end: End, status: str
) -> None:
    post_id = news.post(status="draft")
    news.sql.execute(
        "update posts set status = %s, publish_intent_at = now(), published_at = now()",
        (status,),
    )
    before = news.row(post_id)

    end(news)

    assert news.row(post_id) == before
    assert withdrawn(news) == []


def test_a_worker_that_holds_a_withdrawn_post_publishes_nothing(
    news: Newsroom, end: End
) -> None:
    news.world.turn("instagram", image_s=3_600)
    post_id = news.post()
    news.publish(post_id)
    assert news.status(post_id) == "publishing"

    end(news)
    news.publish(post_id)

    assert (news.status(post_id), news.published()) == ("draft", 0)


def test_posts_of_other_accounts_stay(news: Newsroom, end: End) -> None:
    other = newsroom(news.press.studio, "tiktok").post(status="scheduled")
    news.post(status="scheduled")

    end(news)

    assert news.status(other) == "scheduled"


def test_a_consent_that_was_given_later_keeps_its_posts(news: Newsroom) -> None:
    post_id = news.post(status="scheduled")

    left("deauthorize", LUNA, at=time.time() - 60)

    assert news.status(post_id) == "scheduled"


def test_the_end_told_twice_withdraws_once(news: Newsroom, end: End) -> None:
    post_ids = [
        news.post(status="queued"),
        news.post(status="queued", piece_id=approved(news.press.studio)["id"]),
    ]

    for _ in range(2):
        end(news)

    assert withdrawn(news) == sorted(post_ids)
    assert [news.row(post_id)["version"] for post_id in post_ids] == [2, 2]
