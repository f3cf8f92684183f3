"""Tries after tries: what was there is found, what is wanted back is never sent."""

from typing import Any

import pytest

from tests.conftest import Set
from tests.support.material import approve
from tests.support.newsroom import Newsroom, newsroom
from tests.support.posting import approved
from tests.support.studio import Studio
from tests.support.tiktok_events import deliver, event

HICCUP = {"error": {"code": 1, "message": "a hiccup"}}
FAILED = {
    "data": {"status": "FAILED", "fail_reason": "internal"},
    "error": {"code": "ok", "message": ""},
}


@pytest.fixture
def instagram(studio: Studio, aws: object) -> Newsroom:
    return newsroom(studio, "instagram")


@pytest.fixture
def tiktok(studio: Studio, aws: object) -> Newsroom:
    return newsroom(studio, "tiktok")


def refuse(room: Newsroom, times: int = 1) -> None:
    """Let the one call be refused, in a way that may pass."""
    room.world.fault(
        "instagram", "media_publish", "reply", status=400, body=HICCUP, times=times
    )


def set_out(room: Newsroom, post_id: str) -> None:
    """Let a post that waits for its next try set out at once."""
    room.sql.execute(
        "update posts set status = 'queued' where id = %s and status = 'scheduled'",
        (post_id,),
    )
    room.publish(post_id)


def recall(room: Newsroom, post_id: str) -> None:
    path = f"/api/v1/posts/{post_id}/recall"
    room.press.owner.api("POST", path, {"reason": "The light is wrong."}).ok(202)


def reapproved(room: Newsroom, caption: str) -> None:
    """Give the piece other words, and have those approved."""
    owner, path = room.press.owner, f"/api/v1/pieces/{room.press.piece['id']}"
    seen = {"if-match": f'"v{owner.api("GET", path).ok()["version"]}"'}
    owner.api("PATCH", path, {"caption": caption}, headers=seen).ok()
    room.workers.deliver("moderate")
    approve(owner, owner.api("POST", f"{path}/submit").ok())


def told(room: Newsroom, name: str, handle: str) -> None:
    """Let TikTok report."""
    content = {"publish_id": handle, "publish_type": "DIRECT_PUBLISH"}
    deliver(event(name, str(room.account()["app_user_id"]), content)).ok(202)


def test_what_was_prepared_for_other_words_is_not_published(
    instagram: Newsroom,
) -> None:
    refuse(instagram)
    post_id = instagram.post()
    instagram.publish(post_id)
    reapproved(instagram, "Entirely other words")
    path = f"/api/v1/posts/{post_id}"
    seen = {"if-match": f'"v{instagram.row(post_id)["version"]}"'}
    owner = instagram.press.owner
    owner.api("PATCH", path, {"scheduled_at": "now"}, headers=seen).ok()

    row = instagram.bring(post_id)

    (shown,) = instagram.world.see("instagram", "posts")
    assert shown["caption"] == row["caption"]
    assert "Entirely other words" in shown["caption"]


def test_a_refusal_that_was_none_is_found_at_once(instagram: Newsroom) -> None:
    refuse(instagram, times=2)
    post_id = instagram.post()
    instagram.publish(post_id)
    set_out(instagram, post_id)
    instagram.world.fault("instagram", "media_publish", "status_after", status=400)

    set_out(instagram, post_id)
    instagram.confirm(post_id)

    assert instagram.status(post_id) == "published"
    assert instagram.published() == 1


def test_what_turns_out_to_be_there_at_the_next_try_has_its_name(
    instagram: Newsroom,
) -> None:
    instagram.world.fault("instagram", "media_publish", "status_after", status=429)
    instagram.world.fault("instagram", "media.status", "status", status=500, skip=1)
    post_id = instagram.post()
    instagram.publish(post_id)

    instagram.confirm(post_id)

    row = instagram.row(post_id)
    assert row["status"] == "published"
    assert row["platform_post_id"] is not None
    assert instagram.published() == 1


def test_what_is_wanted_back_is_not_tried_again(tiktok: Newsroom) -> None:
    tiktok.world.turn("tiktok", processing_s=30)
    post_id = tiktok.post()
    tiktok.publish(post_id)
    recall(tiktok, post_id)
    tiktok.world.fault("tiktok", "status.fetch", "reply", status=200, body=FAILED)

    tiktok.confirm(post_id)

    assert tiktok.status(post_id) == "cancelled"


def test_nothing_that_is_wanted_back_sets_out(instagram: Newsroom) -> None:
    post_id = instagram.post()
    instagram.sql.execute("update posts set recall_asked_at = now()")

    instagram.publish(post_id)

    assert instagram.published() == 0


def test_what_was_on_its_way_to_an_account_that_is_gone_is_a_draft(
    tiktok: Newsroom,
) -> None:
    tiktok.sql.execute(
        "create function leave() returns trigger language plpgsql as $$ begin"
        " update social_accounts set status = 'disconnected', data_key = null,"
        " access_token = null, refresh_token = null, refresh_at = null;"
        " return new; end $$;"
        "create trigger leave after update on posts for each row"
        " when (new.status = 'processing') execute function leave()"
    )
    tiktok.world.fault("tiktok", "content.init", "status", status=429)
    post_id = tiktok.post()

    tiktok.publish(post_id)

    assert tiktok.status(post_id) == "draft"


def test_a_failure_of_another_post_is_not_taken_for_a_lost_one(
    tiktok: Newsroom,
) -> None:
    tiktok.world.fault("tiktok", "content.init", "after")
    lost = tiktok.post()
    tiktok.publish(lost)
    other = tiktok.post(piece_id=approved(tiktok.press.studio)["id"])
    tiktok.publish(other)
    handle = tiktok.row(other)["handle"]
    tiktok.world.fault("tiktok", "status.fetch", "reply", status=200, body=FAILED)
    tiktok.confirm(other)

    told(tiktok, "post.publish.failed", handle)

    assert tiktok.row(lost)["handle"] is None
    assert tiktok.row(lost)["attempts"] == 1


def test_a_report_of_success_raises_doubt_of_a_no(tiktok: Newsroom) -> None:
    post_id = tiktok.post()
    tiktok.publish(post_id)
    handle = tiktok.row(post_id)["handle"]
    tiktok.sql.execute("update posts set status = 'failed', error_code = 'X'")

    told(tiktok, "post.publish.complete", handle)

    retry = tiktok.press.owner.api("POST", f"/api/v1/posts/{post_id}/retry")
    assert tiktok.status(post_id) == "unconfirmed"
    assert retry.status == 409


def test_a_signature_that_fails_takes_nothing_back(
    tiktok: Newsroom, surroundings: Set
) -> None:
    post_id = tiktok.post()
    tiktok.publish(post_id)
    tiktok.world.wait()
    tiktok.grow_old(post_id, "11 minutes")
    surroundings(PROVENANCE_KEY_ID="00000000-0000-0000-0000-000000000000")

    tiktok.confirm(post_id)

    row = tiktok.row(post_id)
    assert row["status"] == "published"
    assert row["check_at"] is not None


def test_a_persons_word_is_not_taken_back_by_silence(instagram: Newsroom) -> None:
    instagram.world.fault("instagram", "media_publish", "before")
    post_id = instagram.post()
    instagram.publish(post_id)
    instagram.confirm(post_id)
    path = f"/api/v1/posts/{post_id}/confirm"
    instagram.press.owner.api("POST", path, {"outcome": "published"}).ok()
    instagram.world.tell("instagram", "containers/expire")

    instagram.confirm(post_id)

    row = instagram.row(post_id)
    assert row["status"] == "published"
    assert row["check_at"] is None


def test_the_one_call_is_not_begun_with_no_time_left(
    tiktok: Newsroom, surroundings: Set
) -> None:
    surroundings(LEASE_S="2")
    tiktok.world.fault("tiktok", "creator_info.query", "slow", seconds=0.8)
    post_id = tiktok.post()

    tiktok.publish(post_id)
    before = tiktok.row(post_id)
    row = tiktok.bring(post_id)

    assert (before["status"], before["publish_intent_at"]) == ("publishing", None)
    assert (row["status"], row["attempts"]) == ("published", 1)


def test_posts_that_wait_do_not_keep_each_other_waiting(tiktok: Newsroom) -> None:
    pieces = [approved(tiktok.press.studio)["id"] for _ in range(3)]
    tiktok.world.turn("tiktok", quotas={"posts_a_day": 3})
    posts = [tiktok.post(piece_id=piece) for piece in pieces]
    waiting: Any = "update posts set due_at = now() where status = 'scheduled'"

    for post_id in posts:
        tiktok.publish(post_id)
        tiktok.sql.execute(waiting)

    assert tiktok.published() == 3


def test_a_recall_that_was_asked_for_while_nobody_knew_is_not_forgotten(
    instagram: Newsroom,
) -> None:
    instagram.world.fault("instagram", "media_publish", "after")
    post_id = instagram.post()
    instagram.publish(post_id)
    recall(instagram, post_id)
    asked = instagram.press.messages("publish")
    number = int(asked[-1][1].rpartition("-")[2])
    instagram.sql.execute("update posts set fence = %s", (number - 1,))

    instagram.confirm(post_id)

    assert len(instagram.press.messages("publish")) == len(asked) + 1
    assert instagram.row(post_id)["check_at"] is not None
