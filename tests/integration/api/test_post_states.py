"""/api/v1/posts/{id}/cancel, /retry, /confirm, /recall, and recalls of whole pieces."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.database import count
from tests.support.material import NOBODYS
from tests.support.people import Person, join
from tests.support.posting import ALL, Press, press
from tests.support.studio import Studio

BODIES: dict[str, Any] = {
    "cancel": None,
    "retry": None,
    "confirm": {"outcome": "published"},
    "recall": {"reason": "A mistake in the caption"},
}
REASON = BODIES["recall"]
EVERY = [
    "draft",
    "scheduled",
    "queued",
    "publishing",
    "processing",
    "published",
    "unconfirmed",
    "failed",
    "cancelled",
    "recalled",
]
NOT_OUT = EVERY[:4]
MAYBE_OUT = EVERY[4:7]
PERMALINK = "https://www.instagram.com/p/Cabc123/"


@pytest.fixture
def ours(studio: Studio, aws: dict[str, str]) -> Press:
    return press(studio)


def facts(ours: Press) -> dict[str, Any]:
    """Return the only post as it lies there."""
    return dict(ours.studio.one("select * from posts"))


@pytest.mark.parametrize("verb", BODIES)
def test_nobody_gets_in_without_a_token(database: str, verb: str) -> None:
    answer = Api()("POST", f"{ALL}/{NOBODYS}/{verb}", BODIES[verb])

    assert answer.status == 401


@pytest.mark.parametrize("verb", BODIES)
def test_a_post_is_a_strangers_nothing(
    ours: Press, stranger: Person, verb: str
) -> None:
    post = ours.post_that_is("unconfirmed")

    answer = stranger.api("POST", f"{ALL}/{post['id']}/{verb}", BODIES[verb])

    assert (answer.status, answer.json["detail"]) == (404, "Post not found")
    assert ours.read(post) == post


@pytest.mark.parametrize("verb", BODIES)
@pytest.mark.parametrize("role", ["reviewer", "analyst"])
def test_only_those_who_post_change_posts(ours: Press, verb: str, role: str) -> None:
    guest = join(ours.owner, role)

    answer = guest.api("POST", f"{ALL}/{NOBODYS}/{verb}", BODIES[verb])

    assert (answer.status, answer.code) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("confirm", {}),
        ("confirm", {"outcome": "maybe"}),
        ("confirm", {"outcome": "published", "permalink": ""}),
        ("recall", {}),
        ("recall", {"reason": ""}),
        ("recall", {"reason": "x" * 501}),
    ],
)
def test_what_is_no_wish_is_refused(luna: Person, verb: str, body: Any) -> None:
    assert luna.api("POST", f"{ALL}/{NOBODYS}/{verb}", body).status == 400


@pytest.mark.parametrize("status", NOT_OUT)
def test_what_nobody_has_seen_is_cancelled(ours: Press, status: str) -> None:
    post = ours.post_that_is(status)

    told = ours.act(post, "cancel").ok()

    assert (told["status"], told["version"]) == ("cancelled", post["version"] + 1)
    assert ours.trail(post["id"]) == ["post.cancelled"]


def test_a_worker_loses_what_is_cancelled(ours: Press) -> None:
    post = ours.post_that_is("publishing")
    fence = facts(ours)["fence"]
    ours.sql.execute("update posts set lease_until = now(), check_at = now()")

    ours.act(post, "cancel").ok()

    row = facts(ours)
    assert row["fence"] > fence
    assert (row["lease_until"], row["check_at"]) == (None, None)


@pytest.mark.parametrize("status", [*MAYBE_OUT, "failed", "recalled"])
def test_what_may_be_out_is_not_cancelled(ours: Press, status: str) -> None:
    post = ours.post_that_is(status)

    answer = ours.act(post, "cancel")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert ours.read(post) == post


def test_to_cancel_twice_is_to_cancel_once(ours: Press) -> None:
    post = ours.post()

    answers = [ours.act(post, "cancel").ok() for _ in range(2)]

    assert answers[0] == answers[1]
    assert ours.trail(post["id"]) == ["post.cancelled"]


def test_the_content_of_what_is_cancelled_is_free_again(ours: Press) -> None:
    ours.act(ours.post(), "cancel").ok()

    assert ours.ask().status == 201


def test_a_failed_post_is_tried_from_the_beginning(ours: Press) -> None:
    post = ours.post()
    ours.bring(post, "failed")
    ours.sql.execute(
        "update posts set attempts = 3, handle = 'c1', publish_intent_at = now(),"
        " request_sha256 = 'x', error_message = 'no'"
    )

    told = ours.act(post, "retry").ok(202)

    assert (told["status"], told["attempts"]) == ("queued", 0)
    assert (told["error_code"], told["error_message"]) == (None, None)
    row = facts(ours)
    assert row["publish_intent_at"] is None
    assert row["handle"] == "c1"  # to be looked at before anything is sent
    assert ours.messages() == [(post["id"], f"retry-{told['version']}")]
    assert ours.trail(post["id"]) == ["post.retried"]


@pytest.mark.parametrize("status", [one for one in EVERY if one != "failed"])
def test_only_what_has_failed_is_tried_again(ours: Press, status: str) -> None:
    post = ours.post_that_is(status)

    answer = ours.act(post, "retry")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert ours.read(post) == post
    assert ours.messages() == []


def test_to_try_again_twice_is_to_try_once(ours: Press) -> None:
    post = ours.post_that_is("failed")

    answers = [ours.act(post, "retry") for _ in range(2)]

    assert [answer.status for answer in answers] == [202, 409]
    assert len(ours.messages()) == 1


def test_to_try_again_is_to_keep_the_rules(ours: Press) -> None:
    post = ours.post_that_is("failed")
    path = f"/api/v1/workspaces/{ours.owner.workspace_id}/pause-publishing"
    ours.owner.api("POST", path, {"reason": "a bad day"}).ok()

    answer = ours.act(post, "retry")

    assert (answer.status, answer.code) == (409, "PREFLIGHT_FAILED")
    assert ours.read(post) == post


def test_what_is_wanted_back_is_not_tried_again(ours: Press) -> None:
    post = ours.post_that_is("failed")
    ours.sql.execute("update posts set recall_asked_at = now()")

    answer = ours.act(post, "retry")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert ours.messages() == []


def test_what_was_posted_in_the_meantime_is_not_tried_again(ours: Press) -> None:
    post = ours.post_that_is("failed")
    ours.post()

    answer = ours.act(post, "retry")

    assert (answer.status, answer.code) == (409, "DUPLICATE_POST")


def test_a_post_that_somebody_has_seen_is_there(ours: Press) -> None:
    post = ours.post_that_is("unconfirmed")

    told = ours.act(
        post, "confirm", {"outcome": "published", "permalink": PERMALINK}
    ).ok()

    assert (told["status"], told["permalink"]) == ("published", PERMALINK)
    assert told["published_at"] == post["publish_intent_at"]
    assert ours.messages("confirm") == [(post["id"], f"confirmed-{told['version']}")]
    assert ours.messages() == []
    assert ours.trail(post["id"]) == ["post.confirmed"]
    steps = ours.owner.api("GET", f"{ALL}/{post['id']}/attempts").ok()
    assert [(s["step"], s["outcome"], s["detail"]) for s in steps] == [
        ("confirm", "published", PERMALINK)
    ]


def test_a_post_that_nobody_sees_has_failed_and_may_be_tried(ours: Press) -> None:
    post = ours.post_that_is("unconfirmed")

    told = ours.act(post, "confirm", {"outcome": "not_published"}).ok()

    assert (told["status"], told["error_code"]) == ("failed", "CONFIRMED_NOT_PUBLISHED")
    assert told["published_at"] is None
    assert ours.messages("confirm") == []
    assert ours.act(post, "retry").ok(202)["status"] == "queued"


def test_a_post_that_was_wanted_back_and_is_not_there_is_called_off(
    ours: Press,
) -> None:
    post = ours.post_that_is("unconfirmed")
    ours.act(post, "recall", REASON).ok(202)

    told = ours.act(post, "confirm", {"outcome": "not_published"}).ok()

    assert (told["status"], told["error_code"]) == ("cancelled", None)
    assert facts(ours)["check_at"] is None
    assert ours.act(post, "retry").status == 409


def test_a_post_that_was_wanted_back_is_deleted_once_it_is_seen(ours: Press) -> None:
    post = ours.post_that_is("unconfirmed")
    ours.act(post, "recall", REASON).ok(202)

    told = ours.act(post, "confirm", BODIES["confirm"]).ok()

    assert ours.messages()[-1] == (post["id"], f"recall-{told['version']}")


@pytest.mark.parametrize("status", [one for one in EVERY if one != "unconfirmed"])
@pytest.mark.parametrize("outcome", ["published", "not_published"])
def test_nobody_s_word_is_needed_of_what_is_known(
    ours: Press, status: str, outcome: str
) -> None:
    post = ours.post_that_is(status)

    answer = ours.act(post, "confirm", {"outcome": outcome})

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert ours.read(post) == post
    assert count(ours.sql, "post_attempts") == 0


@pytest.mark.parametrize(
    ("outcome", "permalink"),
    [
        ("published", "http://www.instagram.com/p/1/"),
        ("published", "https://instagram.com.evil.test/p/1/"),
        ("published", "https://evilinstagram.com/p/1/"),
        ("published", "https://instagram.com@evil.test/p/1/"),
        ("published", "https://evil.test\\.instagram.com/"),
        ("published", "https://www.tiktok.com/@x/video/1"),
        ("published", "https://[instagram.com"),
        ("not_published", PERMALINK),
    ],
)
def test_a_permalink_is_a_page_of_the_platform_s(
    ours: Press, outcome: str, permalink: str
) -> None:
    post = ours.post_that_is("unconfirmed")

    answer = ours.act(post, "confirm", {"outcome": outcome, "permalink": permalink})

    assert answer.status == 400
    assert answer.json["errors"][0]["field"] == "permalink"
    assert ours.read(post) == post


@pytest.mark.parametrize("status", NOT_OUT)
def test_a_recall_ends_what_nobody_has_seen(ours: Press, status: str) -> None:
    post = ours.post_that_is(status)

    told = ours.act(post, "recall", REASON).ok(202)

    assert (told["status"], told["recall_reason"]) == ("cancelled", REASON["reason"])
    assert ours.messages() == []
    assert facts(ours)["fence"] > 0


@pytest.mark.parametrize("status", MAYBE_OUT)
def test_a_recall_asks_for_what_may_be_out_and_leaves_it_its_worker(
    ours: Press, status: str
) -> None:
    post = ours.post_that_is(status)

    told = ours.act(post, "recall", REASON).ok(202)

    assert (told["status"], told["recall_reason"]) == (status, REASON["reason"])
    assert told["recall_asked_at"]
    assert ours.messages() == [(post["id"], f"recall-{told['version']}")]
    row = facts(ours)
    assert row["fence"] == 0
    assert row["check_at"]


@pytest.mark.parametrize("status", ["scheduled", "published"])
def test_to_recall_twice_is_to_recall_once(ours: Press, status: str) -> None:
    post = ours.post_that_is(status)

    answers = [ours.act(post, "recall", REASON).ok(202) for _ in range(2)]

    assert answers[0] == answers[1]
    assert len(ours.messages()) == int(status == "published")
    assert ours.trail(post["id"]) == ["post.recalled"]


@pytest.mark.parametrize(
    ("status", "answered"), [("failed", 409), ("cancelled", 202), ("recalled", 202)]
)
def test_what_is_not_there_stays_as_it_is(
    ours: Press, status: str, answered: int
) -> None:
    post = ours.post_that_is(status)

    answer = ours.act(post, "recall", REASON)

    assert answer.status == answered
    assert ours.read(post) == post


def test_a_pause_tells_how_many_posts_it_stops(ours: Press) -> None:
    for status in ("scheduled", "queued", "publishing", "published", "draft"):
        ours.post_that_is(status, allow_duplicate=True)
    path = f"/api/v1/workspaces/{ours.owner.workspace_id}/pause-publishing"

    told = ours.owner.api("POST", path, {"reason": "a bad day"}).ok()

    assert told["stopped"] == {"posts": 3, "jobs": 0, "replies": 0}


def test_a_piece_is_taken_back_wherever_it_is(ours: Press) -> None:
    out = ours.post_that_is("published")
    planned = ours.post(allow_duplicate=True)
    path = f"/api/v1/pieces/{ours.piece['id']}"

    told = ours.owner.api("POST", f"{path}/recall", REASON).ok(202)

    assert told["recall_id"]
    assert {post["id"]: post["status"] for post in told["posts"]} == {
        out["id"]: "published",
        planned["id"]: "cancelled",
    }
    assert [post for post, _ in ours.messages()] == [out["id"]]
    assert ours.owner.api("GET", path).ok()["review_status"] == "draft"
    assert ours.trail(ours.piece["id"])[0] == "piece.recalled"


def test_a_piece_is_taken_back_once(ours: Press) -> None:
    ours.post_that_is("published")
    path = f"/api/v1/pieces/{ours.piece['id']}/recall"

    first, second = (ours.owner.api("POST", path, REASON).ok(202) for _ in range(2))

    assert first["posts"] == second["posts"]
    assert len(ours.messages()) == 1


def test_others_pieces_are_not_taken_back(ours: Press, stranger: Person) -> None:
    path = f"/api/v1/pieces/{ours.piece['id']}/recall"

    answers = [
        Api()("POST", path, REASON),
        stranger.api("POST", path, REASON),
        join(ours.owner, "reviewer").api("POST", path, REASON),
        ours.owner.api("POST", path, {}),
    ]

    assert [answer.status for answer in answers] == [401, 404, 403, 400]


@pytest.mark.parametrize(
    ("status", "answered"),
    [
        *((one, 409) for one in EVERY[1:7]),
        *((one, 204) for one in ("draft", "failed", "cancelled", "recalled")),
    ],
)
def test_a_piece_is_not_deleted_while_it_may_be_seen(
    ours: Press, status: str, answered: int
) -> None:
    ours.post_that_is(status)

    answer = ours.owner.api("DELETE", f"/api/v1/pieces/{ours.piece['id']}")

    assert answer.status == answered


def test_a_withdrawn_word_takes_all_posts_back(ours: Press) -> None:
    out = ours.post_that_is("published")
    planned = ours.post(allow_duplicate=True)
    path = f"/api/v1/avatars/{ours.studio.avatar_id}/attestations"
    (word,) = ours.owner.api("GET", path).ok()["items"]

    told = ours.owner.api("DELETE", f"{path}/{word['id']}", REASON).ok(202)

    assert told["recall_id"]
    assert told["posts"] == [out["id"], planned["id"]]
    assert ours.read(planned)["status"] == "cancelled"
    assert ours.read(out)["recall_reason"] == REASON["reason"]
    assert [post for post, _ in ours.messages()] == [out["id"]]


def test_an_archived_avatar_keeps_what_is_out(ours: Press) -> None:
    out = ours.post_that_is("published")
    planned = ours.post(allow_duplicate=True)

    ours.owner.api("POST", f"/api/v1/avatars/{ours.studio.avatar_id}/archive").ok()

    assert ours.read(planned)["status"] == "cancelled"
    assert ours.read(out) == out


def test_an_avatar_whose_word_has_run_out_keeps_what_is_out(ours: Press) -> None:
    out = ours.post_that_is("published")
    planned = ours.post(allow_duplicate=True)
    ours.sql.execute("update likeness_attestations set expires_at = now()")

    ours.studio.fire("SweepFunction")

    assert ours.read(planned)["status"] == "cancelled"
    assert ours.read(out) == out


@pytest.mark.parametrize(
    ("status", "after"),
    [
        ("scheduled", "draft"),
        ("queued", "draft"),
        ("publishing", "draft"),
        ("processing", "processing"),
        ("published", "published"),
    ],
)
def test_what_is_planned_on_an_account_that_goes_is_a_draft_again(
    ours: Press, status: str, after: str
) -> None:
    post = ours.post_that_is(status)

    path = f"/api/v1/social/accounts/{ours.account_id}"
    ours.owner.api("DELETE", path).ok(204)

    assert ours.read(post)["status"] == after
