"""Queue publish: a post that is due is published once, or ends with its reason."""

from hashlib import sha256
from typing import Any

import httpx
import pytest

from tests.support.material import announcement, approve, picture, submitted, upload
from tests.support.newsroom import Newsroom, newsroom
from tests.support.posting import ALL, ON_TIKTOK
from tests.support.studio import Studio
from vixenbliss.media.credentials import says_it_is_ai

PLATFORMS = ("instagram", "tiktok")


@pytest.fixture(params=PLATFORMS)
def news(request: pytest.FixtureRequest, studio: Studio, aws: object) -> Newsroom:
    return newsroom(studio, request.param)


@pytest.fixture
def instagram(studio: Studio, aws: object) -> Newsroom:
    return newsroom(studio, "instagram")


@pytest.fixture
def tiktok(studio: Studio, aws: object) -> Newsroom:
    return newsroom(studio, "tiktok")


def test_a_post_that_is_due_is_published_with_its_label(news: Newsroom) -> None:
    post_id = news.post()

    row = news.bring(post_id)

    assert row["status"] == "published", row
    assert row["publish_intent_at"] is not None
    assert row["label_read_back"] is (True if news.platform == "instagram" else None)
    assert row["lease_until"] is None
    assert news.published() == 1


@pytest.mark.parametrize(
    ("platform", "form"), [("instagram", "reel"), ("tiktok", "video")]
)
def test_a_film_is_published_with_its_label(
    studio: Studio, aws: object, platform: str, form: str
) -> None:
    room = newsroom(studio, platform, form)
    post_id = room.post()

    row = room.bring(post_id)

    assert row["status"] == "published", row
    assert room.published() == 1
    (seen,) = room.world.see(platform, "posts")
    assert seen["is_ai_generated" if platform == "instagram" else "is_aigc"] is True


def of_no_machine(tiktok: Newsroom, body: bytes) -> dict[str, Any]:
    """Have a picture posted of which nobody says that a machine made it."""
    studio = tiktok.press.studio
    asset_id = upload(studio.owner, body, ai_generated=False)
    studio.deliver("moderate")
    handed_in = submitted(studio.owner, studio.workers, studio.avatar_id, asset_id)
    piece = approve(studio.owner, handed_in)
    target = tiktok.press.target(**ON_TIKTOK)
    return tiktok.press.post(piece_id=piece["id"], targets=[target], scheduled_at="now")


def test_what_is_said_late_to_be_a_machines_is_labelled_all_the_same(
    studio: Studio, tiktok: Newsroom
) -> None:
    body = picture()
    post = of_no_machine(tiktok, body)
    studio.owner.api("POST", "/api/v1/assets/uploads", announcement(body)).ok()

    row = tiktok.bring(post["id"])

    (seen,) = tiktok.world.see("tiktok", "posts")
    assert row["caption"] == f"{post['caption']}\n\n#AIGenerated"
    assert seen["text_sha256"] == sha256(row["caption"].encode()).hexdigest()
    assert row["is_ai"] is True


def test_a_picture_made_over_without_a_mark_is_made_anew_with_it(
    studio: Studio, tiktok: Newsroom
) -> None:
    body = picture()
    post = of_no_machine(tiktok, body)
    tiktok.bring(post["id"])
    studio.owner.api("POST", "/api/v1/assets/uploads", announcement(body)).ok()

    tiktok.bring(tiktok.post(piece_id=post["piece_id"], allow_duplicate=True))

    seen = tiktok.world.see("tiktok", "posts")
    files = [httpx.get(one["urls"][0]).content for one in seen]
    assert [says_it_is_ai(file) for file in files] == [False, True]


def test_an_instagram_post_has_an_address(instagram: Newsroom) -> None:
    row = instagram.bring(instagram.post())

    assert row["permalink"].startswith("https://www.instagram.com/")
    assert row["check_at"] is None


def test_whoever_looks_leaves_room_for_whoever_publishes(tiktok: Newsroom) -> None:
    post_id = tiktok.post()
    slots = f"{ALL}/slots?account_id={tiktok.press.account_id}"
    looks = [tiktok.press.owner.api("GET", slots).ok() for _ in range(21)]

    row = tiktok.bring(post_id)

    assert row["status"] == "published", row
    assert all(look["slots"] for look in looks)


def test_a_post_that_is_delivered_twice_is_published_once(news: Newsroom) -> None:
    post_id = news.post()

    news.publish(post_id, post_id)
    news.publish(post_id)

    assert news.published() == 1


def test_a_paused_workspace_publishes_nothing(news: Newsroom) -> None:
    post_id = news.post()
    news.sql.execute("update workspaces set publishing_paused_at = now()")

    news.publish(post_id)

    row = news.row(post_id)
    assert (row["status"], row["attempts"]) == ("scheduled", 0)
    assert news.published() == 0


AT_THE_LAST_MOMENT = {
    "PAUSED": ("update workspaces set publishing_paused_at = now()", "scheduled"),
    "ACCOUNT": ("update social_accounts set status = 'disabled'", "scheduled"),
    "APPROVAL": ("update content_pieces set review_status = 'draft'", "failed"),
}
"""What may come between the rules and the intent, by how it is noted."""


@pytest.mark.parametrize("obstacle", AT_THE_LAST_MOMENT)
def test_what_changes_after_the_rules_is_seen_before_the_intent(
    instagram: Newsroom, obstacle: str
) -> None:
    change, status = AT_THE_LAST_MOMENT[obstacle]
    instagram.sql.execute(
        "create function intervene() returns trigger language plpgsql as"
        f" $$ begin {change}; return new; end $$;"
        " create trigger intervene after insert on post_attempts for each row"
        " when (new.outcome = 'PREPARED') execute function intervene()"
    )
    post_id = instagram.post()

    instagram.publish(post_id)

    row = instagram.row(post_id)
    assert instagram.steps(post_id) == [("prepare", "PREPARED"), ("check", obstacle)]
    assert (row["status"], row["publish_intent_at"]) == (status, None)
    assert instagram.published() == 0


def test_what_is_no_longer_approved_is_not_published(news: Newsroom) -> None:
    post_id = news.post()
    piece = news.press.piece
    path = f"/api/v1/pieces/{piece['id']}"
    seen = {"if-match": f'"v{piece["version"]}"'}
    news.press.owner.api("PATCH", path, {"caption": "Other words"}, headers=seen).ok()

    news.publish(post_id)

    row = news.row(post_id)
    assert (row["status"], row["error_class"]) == ("failed", "fix_content")
    assert row["error_code"] == "APPROVAL"
    assert news.published() == 0


def test_an_account_that_is_switched_off_keeps_its_posts(news: Newsroom) -> None:
    post_id = news.post()
    news.sql.execute("update social_accounts set status = 'disabled'")

    news.publish(post_id)

    row = news.row(post_id)
    assert (row["status"], row["attempts"]) == ("scheduled", 0)


def test_what_is_held_back_for_the_same_reason_is_noted_once(news: Newsroom) -> None:
    post_id = news.post()
    news.sql.execute("update social_accounts set status = 'disabled'")

    for _ in range(3):
        news.publish(post_id)
        news.sql.execute("update posts set status = 'queued'")

    assert len(news.steps(post_id)) == 1


def refuse(news: Newsroom, **error: Any) -> None:
    """Let the one call be refused, always."""
    news.world.fault(
        news.platform,
        news.the_call,
        "reply",
        status=400,
        body={"error": error},
        times=None,
    )


@pytest.mark.parametrize(
    ("code", "error_class"),
    [
        ({"code": 36003, "error_subcode": 2207009}, "fix_content"),
        ({"code": 506}, "stop"),
    ],
    ids=["content", "stop"],
)
def test_what_trying_again_cannot_help_ends_at_once(
    instagram: Newsroom, code: dict[str, int], error_class: str
) -> None:
    refuse(instagram, message="no", **code)
    post_id = instagram.post()

    instagram.publish(post_id)

    row = instagram.row(post_id)
    assert (row["status"], row["attempts"]) == ("failed", 1)
    assert row["error_class"] == error_class
    assert row["publish_intent_at"] is not None
    assert instagram.published() == 0


def test_three_refusals_that_may_pass_end_a_post(instagram: Newsroom) -> None:
    refuse(instagram, message="hiccup", code=1, is_transient=True)
    post_id = instagram.post()

    for _ in range(3):
        instagram.publish(post_id)
        instagram.sql.execute(
            "update posts set status = 'queued' where status = 'scheduled'"
        )

    row = instagram.row(post_id)
    assert (row["status"], row["attempts"]) == ("failed", 3)
    letters = instagram.press.studio.dead_letters()
    assert [code for code, _ in letters] == ["1"]


def test_a_refusal_that_passes_costs_a_try_and_nothing_else(news: Newsroom) -> None:
    news.world.fault(news.platform, news.the_call, "status", status=429)
    post_id = news.post()

    news.publish(post_id)
    assert news.status(post_id) == "scheduled"
    news.sql.execute("update posts set status = 'queued'")
    row = news.bring(post_id)

    assert row["status"] == "published"
    assert news.published() == 1


def test_a_refused_token_is_refreshed_before_anybody_is_asked(
    instagram: Newsroom,
) -> None:
    refuse_call = {"error": {"message": "expired", "code": 190, "error_subcode": 463}}
    instagram.world.fault(
        "instagram", "media.create", "reply", status=400, body=refuse_call
    )
    instagram.world.let_pass(2 * 86_400)  # a token is refreshed from its second day on
    post_id = instagram.post()

    instagram.publish(post_id)
    instagram.sql.execute("update posts set status = 'queued'")
    row = instagram.bring(post_id)

    assert instagram.account()["status"] == "connected"
    assert row["status"] == "published", row


def test_a_container_that_is_not_ready_is_waited_for(instagram: Newsroom) -> None:
    instagram.world.turn("instagram", image_s=30)
    post_id = instagram.post()

    instagram.publish(post_id)
    before = instagram.status(post_id)
    instagram.world.let_pass(60)
    row = instagram.bring(post_id)

    assert before == "publishing"
    assert (row["status"], row["attempts"]) == ("published", 1)
    assert len(instagram.world.calls("instagram", "media.create")) == 1


def test_a_worker_that_died_before_the_intent_is_followed_by_another(
    news: Newsroom,
) -> None:
    post_id = news.post()
    news.press.studio.let_rows_die("posts", when="new.status = 'processing'")
    news.publish(post_id)
    news.sql.execute("drop trigger die on posts")
    news.let_leases_end()

    row = news.bring(post_id)

    assert (row["status"], row["attempts"]) == ("published", 1)
    assert news.published() == 1


def test_a_worker_that_died_after_the_call_publishes_nothing_again(
    instagram: Newsroom,
) -> None:
    post_id = instagram.post()
    instagram.press.studio.let_rows_die("posts", when="new.status = 'published'")
    instagram.publish(post_id)
    instagram.sql.execute("drop trigger die on posts")
    instagram.let_leases_end()

    instagram.publish(post_id)
    before = instagram.status(post_id)
    instagram.confirm(post_id)

    assert before == "processing"
    assert instagram.status(post_id) == "published"
    assert instagram.published() == 1


def test_platforms_are_not_asked_more_often_than_they_let_us(tiktok: Newsroom) -> None:
    tiktok.sql.execute(
        "insert into platform_calls values (%s, 'init', array_fill(now(), array[6]))",
        (tiktok.press.account_id,),
    )
    post_id = tiktok.post()

    tiktok.publish(post_id)

    row = tiktok.row(post_id)
    assert (row["status"], row["attempts"]) == ("scheduled", 0)
    assert row["error_code"] == "RATE_LIMITED"
    assert row["publish_intent_at"] is None
    assert tiktok.world.calls("tiktok", "content.init") == []


def test_a_spent_quota_leaves_the_account_alone_for_a_while(
    tiktok: Newsroom,
) -> None:
    tiktok.world.turn("tiktok", quotas={"posts_a_day": 0})
    post_id = tiktok.post()

    tiktok.publish(post_id)

    row = tiktok.row(post_id)
    assert (row["status"], row["attempts"]) == ("scheduled", 0)
    assert row["due_at"] > row["scheduled_at"]
    assert tiktok.published() == 0
