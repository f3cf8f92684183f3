"""Queue publish: what is to be taken back is deleted, or left to somebody, once."""

from typing import Any

import pytest

from tests.support.newsroom import Newsroom, newsroom
from tests.support.studio import Studio


@pytest.fixture
def instagram(studio: Studio, aws: object) -> Newsroom:
    return newsroom(studio, "instagram")


@pytest.fixture
def tiktok(studio: Studio, aws: object) -> Newsroom:
    return newsroom(studio, "tiktok")


def recalled(room: Newsroom) -> str:
    """Publish a post and ask for it back; return its id."""
    post_id = room.post()
    room.bring(post_id)
    path = f"/api/v1/posts/{post_id}/recall"
    room.press.owner.api("POST", path, {"reason": "The light is wrong."}).ok(202)
    return post_id


def todos(room: Newsroom) -> list[dict[str, Any]]:
    return [dict(row) for row in room.sql.execute("select * from todos")]


def test_a_post_is_deleted_at_instagram(instagram: Newsroom) -> None:
    post_id = recalled(instagram)

    instagram.publish(post_id)

    row = instagram.row(post_id)
    assert row["status"] == "recalled"
    assert row["recalled_at"] is not None
    (seen,) = instagram.world.see("instagram", "posts")
    assert seen["deleted_at"] is not None
    assert todos(instagram) == []


def test_a_post_at_tiktok_is_left_to_somebody(tiktok: Newsroom) -> None:
    post_id = recalled(tiktok)

    tiktok.publish(post_id)
    tiktok.publish(post_id)

    row = tiktok.row(post_id)
    assert row["status"] == "published"
    assert "by hand" in row["recall_note"]
    (todo,) = todos(tiktok)
    assert str(todo["post_id"]) == post_id
    assert (todo["completed"], todo["board_column"]) == (False, "backlog")


def test_what_is_left_to_somebody_hangs_on_the_board_until_it_is_done(
    tiktok: Newsroom,
) -> None:
    api = tiktok.press.owner.api
    tiktok.publish(recalled(tiktok))
    (todo,) = todos(tiktok)
    path = f"/todos/{todo['id']}"

    refused = api("DELETE", path)

    assert (refused.status, refused.code) == (409, "INVALID_STATE")
    (backlog, *_) = api("GET", "/api/v1/board").ok()["columns"]
    assert [card["post_id"] for card in backlog["cards"]] == [str(todo["post_id"])]
    api("PATCH", path, {"completed": True}).ok()
    api("DELETE", path).ok(204)


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "before"},
        {"action": "after"},
        {"action": "status", "status": 500},
        {"action": "status", "status": 429},
        {"action": "rubbish"},
    ],
    ids=lambda fault: str(fault.get("status", fault["action"])),
)
def test_a_recall_that_fails_is_tried_until_it_is_done(
    instagram: Newsroom, fault: dict[str, Any]
) -> None:
    post_id = recalled(instagram)
    instagram.world.fault("instagram", "media.delete", **fault)

    instagram.publish(post_id)
    before = instagram.row(post_id)
    instagram.publish(post_id)

    assert before["status"] == "published"
    assert before["check_at"] is not None
    assert instagram.status(post_id) == "recalled"


def test_what_somebody_deleted_before_us_is_taken_back(instagram: Newsroom) -> None:
    post_id = recalled(instagram)
    instagram.world.fault("instagram", "media.delete", "after")
    instagram.publish(post_id)
    instagram.let_leases_end()

    instagram.publish(post_id)

    assert instagram.status(post_id) == "recalled"
    assert len(instagram.world.effects("instagram", "media.delete")) == 1


def test_an_account_that_is_gone_leaves_it_to_somebody(instagram: Newsroom) -> None:
    post_id = recalled(instagram)
    instagram.sql.execute("update social_accounts set status = 'disabled'")

    instagram.publish(post_id)

    assert instagram.status(post_id) == "published"
    assert len(todos(instagram)) == 1


def test_a_post_recalled_while_nobody_knows_is_deleted_once_it_is_found(
    instagram: Newsroom,
) -> None:
    instagram.world.fault("instagram", "media_publish", "after")
    instagram.world.fault("instagram", "media.status", "status", status=500, skip=1)
    post_id = instagram.post()
    instagram.publish(post_id)
    instagram.confirm(post_id)
    path = f"/api/v1/posts/{post_id}/recall"
    instagram.press.owner.api("POST", path, {"reason": "The light is wrong."}).ok(202)

    instagram.confirm(post_id)
    instagram.workers.deliver("publish")

    assert instagram.status(post_id) == "recalled"


def test_what_an_app_may_not_delete_is_left_to_somebody_in_time(
    instagram: Newsroom,
) -> None:
    post_id = recalled(instagram)
    refusal = {"error": {"code": 10, "message": "no permission"}}
    instagram.world.fault(
        "instagram", "media.delete", "reply", status=400, body=refusal, times=None
    )
    instagram.publish(post_id)
    before = instagram.row(post_id)["recall_note"]
    instagram.sql.execute(
        "update posts set recall_asked_at = recall_asked_at - interval '61 minutes'"
    )

    instagram.publish(post_id)

    assert before is None
    assert len(todos(instagram)) == 1


def test_a_report_on_what_is_left_to_somebody_rings_no_worker_for_ever(
    tiktok: Newsroom,
) -> None:
    post_id = recalled(tiktok)
    tiktok.publish(post_id)
    tiktok.sql.execute("update posts set check_at = now()")
    tiktok.workers.waiting("publish")

    tiktok.press.studio.fire("SweepFunction")

    assert tiktok.workers.waiting("publish") == []
