"""/api/v1/pieces/{id}/submit, /approve, /request-changes, /reject: reviews.

Approval is of exactly the content that a reviewer has looked at, named by its hash.
"""

from typing import Any

import pytest

from tests.support.api import Answer, Api
from tests.support.database import Sql, content, count
from tests.support.material import (
    NOBODYS,
    approve,
    picture,
    piece,
    ready_asset,
    submitted,
    upload,
)
from tests.support.people import Person, active_avatar, join
from tests.support.studio import Studio
from tests.support.workers import Workers
from tests.support.world import World

MOVES = ["submit", "approve", "request-changes", "reject"]
BODIES: dict[str, Any] = {
    "submit": None,
    "approve": {"content_hash": "0" * 64},
    "request-changes": {"comment": "More light"},
    "reject": {"comment": "Not ours"},
}
DUBIOUS = "This cures every headache"  # the word list wants a person to look at it
BAD = "Only a loser stays at home"  # the moderation service says no

pytestmark = pytest.mark.usefixtures("aws", "world")


@pytest.fixture
def star(luna: Person, workers: Workers) -> str:
    """An avatar of Luna's that may be shown."""
    return active_avatar(luna, workers)


@pytest.fixture
def photo(luna: Person, workers: Workers) -> str:
    """A picture of Luna's that the gate has let through."""
    return ready_asset(luna, workers)


@pytest.fixture
def handed_in(luna: Person, workers: Workers, star: str, photo: str) -> Any:
    """A piece in review."""
    return submitted(luna, workers, star, photo)


@pytest.fixture
def photo_of_studio(studio: Studio) -> str:
    """A picture of the studio's that the gate has let through."""
    return ready_asset(studio.owner, studio.workers)


def review(person: Person, piece_id: str, move: str, body: Any = None) -> Answer:
    path = f"/api/v1/pieces/{piece_id}/{move}"
    return person.api("POST", path, body if body is not None else BODIES[move])


def seen(made: Any) -> dict[str, str]:
    return {"content_hash": made["content_hash"]}


def read(person: Person, made: Any) -> Any:
    return person.api("GET", f"/api/v1/pieces/{made['id']}").ok()


def edit(person: Person, made: Any, **changes: Any) -> Any:
    headers = {"If-Match": f'"v{made["version"]}"'}
    path = f"/api/v1/pieces/{made['id']}"
    return person.api("PATCH", path, changes, headers=headers).ok()


def want_second_reviewer(owner: Person) -> None:
    path = f"/api/v1/workspaces/{owner.workspace_id}"
    headers = {"If-Match": owner.api("GET", path).headers["etag"]}
    owner.api("PATCH", path, {"require_second_reviewer": True}, headers=headers).ok()


def override(person: Person, made: Any, reason: str = "seen by our doctor") -> Answer:
    query = f"subject={made['id']}&verdict=review"
    decisions = person.api("GET", f"/api/v1/policy/decisions?{query}").ok()["items"]
    path = f"/api/v1/policy/decisions/{decisions[0]['id']}/override"
    return person.api("POST", path, {"reason": reason})


@pytest.mark.parametrize("move", MOVES)
def test_nobody_reviews_without_a_token(database: str, move: str) -> None:
    answer = Api()("POST", f"/api/v1/pieces/{NOBODYS}/{move}", BODIES[move])

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("move", MOVES)
def test_a_piece_is_not_there_for_a_stranger(
    luna: Person, stranger: Person, handed_in: Any, move: str
) -> None:
    answer = review(stranger, handed_in["id"], move)

    assert answer.status == 404
    assert answer.json["detail"] == "Piece not found"
    assert read(luna, handed_in)["review_status"] == "in_review"


@pytest.mark.parametrize(
    ("move", "role"),
    [
        ("submit", "reviewer"),
        ("submit", "analyst"),
        *((move, role) for move in MOVES[1:] for role in ("editor", "analyst")),
    ],
)
def test_each_move_is_for_its_roles(
    luna: Person, star: str, move: str, role: str, sql: Sql
) -> None:
    made = piece(luna, star, upload(luna, picture()))

    answer = review(join(luna, role), made["id"], move)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert count(sql, "reviews") == 0


@pytest.mark.parametrize(
    ("move", "body", "field"),
    [
        ("approve", {}, "content_hash"),
        ("approve", {"content_hash": "0" * 63}, "content_hash"),
        ("approve", {"content_hash": "0" * 64, "comment": ""}, "comment"),
        ("request-changes", {}, "comment"),
        ("request-changes", {"comment": "  "}, "comment"),
        ("reject", {"comment": "x" * 2_001}, "comment"),
        ("reject", {"comment": "Not ours", "by": 7}, "by"),
    ],
)
def test_a_review_that_makes_no_sense_is_refused(
    luna: Person, move: str, body: Any, field: str
) -> None:
    answer = review(luna, NOBODYS, move, body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json["errors"][0]["field"] == field


# Handing in.


def test_a_draft_that_the_gate_has_let_through_goes_to_review(
    luna: Person, star: str, photo: str, workers: Workers
) -> None:
    made = piece(luna, star, photo)
    workers.deliver("moderate")

    answer = review(luna, made["id"], "submit")

    assert answer.ok()["review_status"] == "in_review"
    assert answer.headers["etag"] == '"v2"'


def test_a_draft_waits_for_the_gate(luna: Person, star: str, photo: str) -> None:
    made = piece(luna, star, photo)

    answer = review(luna, made["id"], "submit")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert answer.json["missing"] == ["the words"]


def test_a_draft_waits_for_its_pictures(
    luna: Person, star: str, workers: Workers
) -> None:
    workers.deliver("moderate")
    made = piece(luna, star, upload(luna, picture()))

    answer = review(luna, made["id"], "submit")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_a_blocked_caption_is_never_handed_in(
    luna: Person, star: str, photo: str, workers: Workers
) -> None:
    made = piece(luna, star, photo, caption=BAD)
    workers.deliver("moderate")

    answer = review(luna, made["id"], "submit")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert read(luna, made)["verdict"] == "block"


def test_a_dubious_caption_is_handed_in(
    luna: Person, star: str, photo: str, workers: Workers
) -> None:
    made = submitted(luna, workers, star, photo, caption=DUBIOUS)

    assert (made["review_status"], made["verdict"]) == ("in_review", "review")


def test_what_is_in_review_is_not_handed_in_again(luna: Person, handed_in: Any) -> None:
    answer = review(luna, handed_in["id"], "submit")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


# Approving exactly what was seen.


def test_a_reviewer_approves_what_they_have_seen(luna: Person, handed_in: Any) -> None:
    reviewer = join(luna, "reviewer")

    approved = review(reviewer, handed_in["id"], "approve", seen(handed_in)).ok()

    assert approved["review_status"] == "approved"
    assert approved["approved_by"] == reviewer.id
    assert approved["approved_at"]
    assert approved["self_approved"] is False


def test_an_approval_is_kept_with_the_hash_it_is_of(
    luna: Person, handed_in: Any, sql: Sql
) -> None:
    approve(luna, handed_in)

    (kept,) = sql.execute("select decision, content_hash from reviews").fetchall()
    assert kept["decision"] == "approve"
    assert kept["content_hash"].hex() == handed_in["content_hash"]


def test_whoever_approves_their_own_work_is_on_record(
    luna: Person, handed_in: Any
) -> None:
    approved = approve(luna, handed_in)

    assert (approved["approved_by"], approved["self_approved"]) == (luna.id, True)


def test_a_second_pair_of_eyes_is_wanted_where_the_workspace_says_so(
    luna: Person, handed_in: Any
) -> None:
    want_second_reviewer(luna)

    answer = review(luna, handed_in["id"], "approve", seen(handed_in))

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert read(luna, handed_in)["review_status"] == "in_review"


def test_the_second_pair_of_eyes_may_approve(luna: Person, handed_in: Any) -> None:
    want_second_reviewer(luna)

    approved = approve(join(luna, "reviewer"), handed_in)

    assert approved["review_status"] == "approved"


def test_whoever_has_changed_a_piece_is_no_second_pair_of_eyes(
    luna: Person, workers: Workers, star: str, photo: str
) -> None:
    want_second_reviewer(luna)
    made = piece(join(luna, "editor"), star, photo)
    edit(luna, made, caption="A quick evening by the sea")
    workers.deliver("moderate")
    handed_in = review(luna, made["id"], "submit").ok()

    answer = review(luna, made["id"], "approve", seen(handed_in))

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert approve(join(luna, "reviewer"), handed_in)["review_status"] == "approved"


def test_nothing_is_handed_in_for_an_avatar_that_nobody_vouches_for(
    luna: Person, workers: Workers, star: str, photo: str, sql: Sql
) -> None:
    made = piece(luna, star, photo)
    workers.deliver("moderate")
    sql.execute("update likeness_attestations set revoked_at = now()")

    answer = review(luna, made["id"], "submit")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert answer.json["missing"] == ["a live attestation"]


def test_nothing_is_approved_for_an_avatar_that_nobody_vouches_for(
    luna: Person, handed_in: Any, sql: Sql
) -> None:
    sql.execute("update likeness_attestations set revoked_at = now()")

    answer = review(luna, handed_in["id"], "approve", seen(handed_in))

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert answer.json["missing"] == ["a live attestation"]


def test_words_that_are_blocked_later_take_their_approval_with_them(
    luna: Person, workers: Workers, handed_in: Any
) -> None:
    approve(luna, handed_in)
    rules = {"rules": {"blocked_terms": ["slow morning"]}}
    luna.api("PUT", "/api/v1/policy", rules).ok(201)
    another = piece(luna, handed_in["avatar_id"], handed_in["assets"][0]["asset_id"])

    workers.deliver("moderate")

    assert read(luna, another)["verdict"] == "block"
    assert read(luna, handed_in)["review_status"] == "draft"


@pytest.mark.parametrize("order", ["older last", "newer last"])
def test_the_last_word_counts_whenever_it_was_asked_for(
    studio: Studio, photo_of_studio: str, order: str
) -> None:
    pieces = [piece(studio.owner, studio.avatar_id, photo_of_studio) for _ in range(2)]
    older, newer = studio.workers.waiting("moderate")
    first, last = (newer, older) if order == "older last" else (older, newer)
    studio.workers.run("moderate", first)
    scores = {"sexual": 0.99}
    studio.world.fault("openai", "moderations.create", "scores", scores=scores)
    studio.workers.run("moderate", last)

    answers = [review(studio.owner, made["id"], "submit") for made in pieces]

    assert [read(studio.owner, made)["verdict"] for made in pieces] == ["block"] * 2
    assert [answer.status for answer in answers] == [409, 409]


def test_a_picture_that_is_blocked_later_takes_its_approvals_with_it(
    luna: Person, workers: Workers, handed_in: Any, world: World, sql: Sql
) -> None:
    approve(luna, handed_in)
    asset_id = handed_in["assets"][0]["asset_id"]
    world.fault("openai", "moderations.create", "scores", scores={"sexual": 0.99})
    luna.api("POST", "/api/v1/policy/check", {"asset_id": asset_id}).ok(202)

    workers.deliver("moderate")

    assert luna.api("GET", f"/api/v1/assets/{asset_id}").ok()["status"] == "quarantined"
    assert read(luna, handed_in)["review_status"] == "draft"
    assert count(sql, "audit_log", action="piece.withdrawn") == 1


def test_another_hash_approves_nothing(luna: Person, handed_in: Any, sql: Sql) -> None:
    before = content(sql)

    answer = review(luna, handed_in["id"], "approve", {"content_hash": "0" * 64})

    assert (answer.status, answer.code) == (409, "NOT_APPROVED")
    assert content(sql) == before


def test_a_hash_that_has_become_stale_approves_nothing(
    luna: Person, handed_in: Any, workers: Workers
) -> None:
    edit(luna, handed_in, caption="A quick evening by the sea")
    workers.deliver("moderate")
    review(luna, handed_in["id"], "submit").ok()

    answer = review(luna, handed_in["id"], "approve", seen(handed_in))

    assert (answer.status, answer.code) == (409, "NOT_APPROVED")
    assert read(luna, handed_in)["review_status"] == "in_review"


@pytest.mark.parametrize("move", ["approve", "request-changes", "reject"])
def test_a_draft_is_not_reviewed(
    luna: Person, star: str, photo: str, move: str, sql: Sql
) -> None:
    made = piece(luna, star, photo)
    body = seen(made) if move == "approve" else None

    answer = review(luna, made["id"], move, body)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert count(sql, "reviews") == 0


@pytest.mark.parametrize("move", ["approve", "request-changes", "reject", "submit"])
def test_what_is_approved_stays_as_it_is(
    luna: Person, handed_in: Any, move: str, sql: Sql
) -> None:
    approve(luna, handed_in)
    body = seen(handed_in) if move == "approve" else None

    answer = review(luna, handed_in["id"], move, body)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert count(sql, "reviews") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"caption": "Buy now"},
        {"title": "New"},
        {"hashtags": []},
        {"access": "members"},
    ],
    ids=lambda changes: str(next(iter(changes))),
)
def test_an_edit_takes_an_approval_back(
    luna: Person, handed_in: Any, changes: dict[str, Any]
) -> None:
    approved = approve(luna, handed_in)

    edited = edit(luna, approved, **changes)

    assert edited["review_status"] == "draft"
    assert edited["approved_by"] is None
    assert edited["approved_at"] is None
    assert edited["content_hash"] != approved["content_hash"]


def test_another_picture_takes_an_approval_back(
    luna: Person, handed_in: Any, workers: Workers
) -> None:
    approved = approve(luna, handed_in)
    other = ready_asset(luna, workers)

    edited = edit(luna, approved, assets=[{"asset_id": other}])

    assert (edited["review_status"], edited["approved_by"]) == ("draft", None)


def test_an_edited_piece_wants_a_verdict_on_its_new_words(
    luna: Person, handed_in: Any
) -> None:
    edit(luna, approve(luna, handed_in), caption="A quick evening by the sea")

    answer = review(luna, handed_in["id"], "submit")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert answer.json["missing"] == ["the words"]


def test_no_row_is_approved_with_another_hash(
    luna: Person, handed_in: Any, sql: Sql
) -> None:
    approve(luna, handed_in)

    rows = sql.execute(
        "select 1 from content_pieces where review_status = 'approved'"
        " and approved_hash = content_hash"
    ).fetchall()

    assert len(rows) == 1


# What the gate wants a person to look at.


def test_a_dubious_caption_needs_a_reasoned_override(
    luna: Person, star: str, photo: str, workers: Workers
) -> None:
    made = submitted(luna, workers, star, photo, caption=DUBIOUS)

    answer = review(luna, made["id"], "approve", seen(made))

    assert (answer.status, answer.code) == (409, "NOT_APPROVED")
    assert "the words" in answer.json["detail"]


def test_an_overridden_caption_is_approved(
    luna: Person, star: str, photo: str, workers: Workers
) -> None:
    made = submitted(luna, workers, star, photo, caption=DUBIOUS)
    override(luna, made).ok()

    approved = approve(luna, made)

    assert approved["review_status"] == "approved"


def test_an_override_is_of_its_words_only(
    luna: Person, star: str, photo: str, workers: Workers
) -> None:
    made = submitted(luna, workers, star, photo, caption=DUBIOUS)
    override(luna, made).ok()
    edited = edit(luna, made, caption=f"{DUBIOUS} and every cold")
    workers.deliver("moderate")
    review(luna, made["id"], "submit").ok()

    answer = review(luna, made["id"], "approve", seen(edited))

    assert (answer.status, answer.code) == (409, "NOT_APPROVED")


# Handing back.


@pytest.mark.parametrize(
    ("move", "status"),
    [("request-changes", "changes_requested"), ("reject", "rejected")],
)
def test_a_piece_is_handed_back_with_its_reason(
    luna: Person, handed_in: Any, move: str, status: str, sql: Sql
) -> None:
    reviewer = join(luna, "reviewer")

    back = review(reviewer, handed_in["id"], move).ok()

    assert back["review_status"] == status
    comment = BODIES[move]["comment"]
    assert count(sql, "reviews", reviewer_id=reviewer.id, comment=comment) == 1


@pytest.mark.parametrize("move", ["request-changes", "reject"])
def test_what_was_handed_back_is_a_draft_once_it_is_edited(
    luna: Person, handed_in: Any, move: str
) -> None:
    back = review(luna, handed_in["id"], move).ok()

    edited = edit(luna, back, title="Brighter")

    assert edited["review_status"] == "draft"


@pytest.mark.parametrize("move", ["request-changes", "reject"])
def test_what_was_handed_back_is_not_approved(
    luna: Person, handed_in: Any, move: str
) -> None:
    review(luna, handed_in["id"], move).ok()

    answer = review(luna, handed_in["id"], "approve", seen(handed_in))

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
