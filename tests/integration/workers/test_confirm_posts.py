"""Queue confirm: what became of the one call is found out, and nothing is repeated."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.conftest import Set
from tests.support.newsroom import Newsroom, newsroom
from tests.support.posting import Press
from tests.support.studio import Studio

LOST = [
    {"action": "after"},
    {"action": "hang_after", "seconds": 3},
    {"action": "status_after", "status": 500},
    {"action": "rubbish"},
]


@pytest.fixture(params=["instagram", "tiktok"])
def news(request: pytest.FixtureRequest, studio: Studio, aws: object) -> Newsroom:
    return newsroom(studio, request.param)


@pytest.fixture
def instagram(studio: Studio, aws: object) -> Newsroom:
    return newsroom(studio, "instagram")


@pytest.fixture
def tiktok(studio: Studio, aws: object) -> Newsroom:
    return newsroom(studio, "tiktok")


def strike(news: Newsroom, action: str, call: str = "", **more: Any) -> None:
    news.world.fault(news.platform, call or news.the_call, action, **more)


def receipts(news: Newsroom, post_id: str) -> list[dict[str, Any]]:
    rows = news.sql.execute(
        "select * from post_receipts where post_id = %s order by id", (post_id,)
    )
    return [dict(row) for row in rows]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: str(fault["action"]))
def test_a_lost_answer_is_found_by_reading(
    instagram: Newsroom, surroundings: Set, fault: dict[str, Any]
) -> None:
    surroundings(REQUEST_TIMEOUT_S="0.5")
    strike(instagram, **fault)
    post_id = instagram.post()

    instagram.publish(post_id)
    before = instagram.status(post_id)
    instagram.confirm(post_id)

    row = instagram.row(post_id)
    assert before == "processing"
    assert row["status"] == "published"
    assert row["platform_post_id"] is not None
    assert row["label_read_back"] is True
    assert instagram.published() == 1


def test_what_never_went_out_is_unconfirmed_and_not_sent_again(
    news: Newsroom,
) -> None:
    strike(news, "before")
    post_id = news.post()

    news.publish(post_id)
    news.confirm(post_id)
    news.publish(post_id)
    news.confirm(post_id)

    assert news.status(post_id) == "unconfirmed"
    assert news.published() == 0


def test_a_platform_that_is_at_work_is_looked_at_again(tiktok: Newsroom) -> None:
    tiktok.world.turn("tiktok", processing_s=30)
    post_id = tiktok.post()

    tiktok.publish(post_id)
    tiktok.confirm(post_id)
    before = tiktok.status(post_id)
    tiktok.world.let_pass(60)
    tiktok.world.wait()
    tiktok.confirm(post_id)

    assert before == "processing"
    assert tiktok.status(post_id) == "published"
    assert tiktok.workers.waiting("confirm").count(post_id) >= 1


def test_a_platform_that_works_for_too_long_makes_a_post_unconfirmed(
    tiktok: Newsroom,
) -> None:
    tiktok.world.turn("tiktok", processing_s=3_000)
    post_id = tiktok.post()
    tiktok.publish(post_id)
    tiktok.grow_old(post_id, "11 minutes")

    tiktok.confirm(post_id)

    assert tiktok.status(post_id) == "unconfirmed"


def test_after_a_day_only_a_report_or_a_person_can_tell(news: Newsroom) -> None:
    strike(news, "before")
    post_id = news.post()
    news.publish(post_id)
    news.grow_old(post_id, "26 hours")
    news.workers.waiting("confirm")

    news.confirm(post_id)

    row = news.row(post_id)
    assert (row["status"], row["check_at"]) == ("unconfirmed", None)
    assert news.workers.waiting("confirm") == []


@pytest.mark.parametrize(
    ("reason", "status", "error_class"),
    [
        ("picture_size_check_failed", "failed", "fix_content"),
        ("spam_risk", "failed", "stop"),
        ("internal", "scheduled", "retry"),
    ],
)
def test_what_fails_on_its_way_ends_by_the_platforms_reason(
    tiktok: Newsroom, reason: str, status: str, error_class: str
) -> None:
    tiktok.world.turn("tiktok", processing_s=3_000)
    post_id = tiktok.post()
    tiktok.publish(post_id)
    handle = tiktok.row(post_id)["handle"]
    tiktok.world.tell("tiktok", "posts/fail", publish_id=handle, reason=reason)

    tiktok.confirm(post_id)

    row = tiktok.row(post_id)
    assert (row["status"], row["error_code"]) == (status, reason)
    assert row["error_class"] == error_class


def test_an_old_failure_is_not_tried_again_of_itself(tiktok: Newsroom) -> None:
    tiktok.world.turn("tiktok", processing_s=3_000)
    post_id = tiktok.post()
    tiktok.publish(post_id)
    handle = tiktok.row(post_id)["handle"]
    tiktok.world.tell("tiktok", "posts/fail", publish_id=handle, reason="internal")
    tiktok.sql.execute(
        "update posts set scheduled_at = scheduled_at - interval '7 hours'"
    )

    tiktok.confirm(post_id)

    assert tiktok.status(post_id) == "failed"


def test_a_platform_that_does_not_answer_makes_nothing_unconfirmed_yet(
    news: Newsroom,
) -> None:
    post_id = news.post()
    news.publish(post_id)
    call = "media.get" if news.platform == "instagram" else "status.fetch"
    strike(news, "status", call, status=500, times=None)
    was = news.status(post_id)

    news.confirm(post_id)

    assert news.status(post_id) == was


def test_a_receipt_is_signed_and_says_what_the_platform_shows(news: Newsroom) -> None:
    post_id = news.post()

    row = news.bring(post_id)

    (receipt,) = receipts(news, post_id)
    said = json.loads(receipt["payload"])
    assert said["request_sha256"] == row["request_sha256"].hex()
    assert said["platform_post_id"] == row["platform_post_id"]
    assert said["permalink"] == row["permalink"]
    assert said["ai_label"] == {
        "needed": True,
        "told_by": "flag" if news.platform == "instagram" else "caption",
        "read_back": row["label_read_back"],
    }
    found = news.sql.execute("select * from signing_keys").fetchone()
    assert found
    key = load_pem_public_key(found["public_key_pem"].encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(
        receipt["signature"], receipt["payload"].encode(), ec.ECDSA(hashes.SHA256())
    )


def test_asking_again_writes_no_other_receipt(instagram: Newsroom) -> None:
    post_id = instagram.post()
    instagram.bring(post_id)

    instagram.confirm(post_id)

    assert len(receipts(instagram, post_id)) == 1


def test_what_is_told_later_is_told_in_a_second_receipt(tiktok: Newsroom) -> None:
    tiktok.world.turn("tiktok", moderates=False)
    post_id = tiktok.post()
    tiktok.bring(post_id)
    handle = tiktok.row(post_id)["handle"]
    before = tiktok.row(post_id)["platform_post_id"]
    tiktok.world.tell("tiktok", "posts/approve", publish_id=handle)

    tiktok.confirm(post_id)

    first, second = receipts(tiktok, post_id)
    assert before is None
    assert json.loads(first["payload"])["platform_post_id"] is None
    assert json.loads(second["payload"])["platform_post_id"] is not None


def test_who_has_approved_a_post_stays_whatever_becomes_of_its_piece(
    tiktok: Newsroom,
) -> None:
    tiktok.world.turn("tiktok", moderates=False)
    wishes = {"privacy_level": "PUBLIC_TO_EVERYONE"}
    target = tiktok.press.target(format="photo", settings=wishes)
    post = tiktok.press.post(scheduled_at="now", targets=[target])
    tiktok.bring(post["id"])
    edit(tiktok.press)
    handle = tiktok.row(post["id"])["handle"]
    tiktok.world.tell("tiktok", "posts/approve", publish_id=handle)

    tiktok.confirm(post["id"])

    said = [json.loads(one["payload"]) for one in receipts(tiktok, post["id"])]
    assert [one["approved_by"] for one in said] == [tiktok.press.owner.id] * 2


def edit(press: Press) -> None:
    """Change the piece's words, of which nobody has approved then."""
    path = f"/api/v1/pieces/{press.piece['id']}"
    seen = {"if-match": f'"v{press.owner.api("GET", path).ok()["version"]}"'}
    press.owner.api("PATCH", path, {"caption": "Other words"}, headers=seen).ok()


def test_a_post_whose_receipt_was_not_signed_is_looked_at_again(
    instagram: Newsroom, surroundings: Set, aws: dict[str, str]
) -> None:
    post_id = instagram.post()
    instagram.publish(post_id)
    surroundings(PROVENANCE_KEY_ID="00000000-0000-0000-0000-000000000000")

    instagram.confirm(post_id)
    assert receipts(instagram, post_id) == []
    assert instagram.row(post_id)["check_at"] is not None
    surroundings(PROVENANCE_KEY_ID=aws["PROVENANCE_KEY_ID"])
    instagram.confirm(post_id)

    assert len(receipts(instagram, post_id)) == 1


@pytest.mark.parametrize("status", ["disabled", "needs_reauth"])
def test_what_is_there_has_its_receipt_whatever_becomes_of_the_account(
    instagram: Newsroom, status: str
) -> None:
    post_id = instagram.post()
    instagram.publish(post_id)
    instagram.sql.execute("update social_accounts set status = %s", (status,))

    instagram.confirm(post_id)

    assert len(receipts(instagram, post_id)) == 1


def test_what_somebody_has_seen_has_its_receipt(tiktok: Newsroom) -> None:
    strike(tiktok, "after")
    post_id = tiktok.post()
    tiktok.publish(post_id)
    tiktok.confirm(post_id)
    path = f"/api/v1/posts/{post_id}/confirm"
    tiktok.press.owner.api("POST", path, {"outcome": "published"}).ok()

    tiktok.workers.deliver("confirm")

    assert tiktok.status(post_id) == "published"
    assert len(receipts(tiktok, post_id)) == 1


def test_a_name_without_an_address_is_not_asked_about_for_ever(
    tiktok: Newsroom,
) -> None:
    post_id = tiktok.post()
    tiktok.bring(post_id)
    tiktok.grow_old(post_id, "2 hours")

    tiktok.confirm(post_id)

    row = tiktok.row(post_id)
    assert row["platform_post_id"] is not None
    assert (row["permalink"], row["check_at"]) == (None, None)
