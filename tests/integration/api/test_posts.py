"""/api/v1/posts: pieces posted at every target or at none, and when they appear."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.support.api import Api
from tests.support.database import Sql, count
from tests.support.material import NOBODYS, piece, ready_asset
from tests.support.people import Person, join
from tests.support.platforms import connect
from tests.support.posting import ALL, ON_TIKTOK, Press, press
from tests.support.rights import benefit
from tests.support.studio import Studio

LATER = "2026-12-24T18:00:00Z"
WRONG: list[dict[str, Any]] = [
    {"targets": []},
    {"targets": [{"account_id": NOBODYS, "format": "billboard"}]},
    {"targets": [{"account_id": NOBODYS, "format": "feed", "colour": "red"}]},
    {"targets": [{"account_id": NOBODYS, "format": "feed"}] * 21},
    {
        "targets": [
            {"account_id": NOBODYS, "format": "feed", "settings": {"mode": "loud"}}
        ]
    },
    {
        "targets": [
            {"account_id": NOBODYS, "format": "feed", "settings": {"cover_ms": -1}}
        ]
    },
    {"scheduled_at": "2026-12-24T18:00:00"},
    {"scheduled_at": "9999-12-31T23:59:59-12:00"},
    {"scheduled_at": "9999-12-31T12:00:00Z"},
    {"scheduled_at": "2101-01-01T00:00:00Z"},
    {"scheduled_at": "1999-12-31T23:59:59Z"},
    {"scheduled_at": "0001-01-01T00:00:00Z"},
    {"scheduled_at": "soon"},
    {"scheduled_at": None},
    {"piece_id": "x"},
    {"caption": "of my own"},
]


@pytest.fixture
def ours(studio: Studio, aws: dict[str, str]) -> Press:
    return press(studio)


def order(**changes: Any) -> dict[str, Any]:
    return {
        "piece_id": NOBODYS,
        "targets": [{"account_id": NOBODYS, "format": "feed"}],
        "scheduled_at": LATER,
    } | changes


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", ALL, order()),
        ("POST", f"{ALL}/preflight", order()),
        ("GET", ALL, None),
        ("GET", f"{ALL}/slots?account_id={NOBODYS}", None),
        ("GET", f"{ALL}/{NOBODYS}", None),
        ("PATCH", f"{ALL}/{NOBODYS}", {}),
    ],
)
def test_nobody_gets_in_without_a_token(
    database: str, method: str, path: str, body: Any
) -> None:
    answer = Api()(method, path, body, headers={"if-match": '"v1"'})

    assert answer.status == 401


def test_a_post_is_planned_for_its_time(ours: Press) -> None:
    answer = ours.ask().ok(201)

    (post,) = answer["posts"]
    assert post["group_id"] == answer["group_id"]
    assert (post["status"], post["scheduled_at"]) == ("scheduled", LATER)
    assert post["caption"] == "A slow morning by the sea\n\n#sea"
    assert (post["platform"], post["format"]) == ("instagram", "feed")
    assert (post["is_ai"], post["version"], post["attempts"]) == (True, 1, 0)
    assert post["username"]
    assert not {name for name in post if "token" in name}
    assert ours.messages() == []
    assert ours.trail(ours.piece["id"])[0] == "post.created"


def test_a_time_is_the_same_instant_whatever_its_offset(ours: Press) -> None:
    post = ours.post(scheduled_at="2026-12-24T19:00:00+01:00")

    assert post["scheduled_at"] == LATER


def test_now_sets_out_at_once(ours: Press) -> None:
    post = ours.post(scheduled_at="now")

    assert post["status"] == "queued"
    assert ours.messages() == [(post["id"], "now-1")]


def test_a_piece_goes_to_several_accounts_at_once(ours: Press) -> None:
    second = connect(ours.owner, "tiktok")
    targets = [ours.target(format="story"), {"account_id": second, **ON_TIKTOK}]

    posts = ours.ask(targets=targets).ok(201)["posts"]

    assert [post["account_id"] for post in posts] == [ours.account_id, second]
    assert [post["format"] for post in posts] == ["story", "photo"]
    assert [post["settings"]["privacy_level"] for post in posts] == [None, "SELF_ONLY"]
    assert posts[1]["caption"] == f"{posts[0]['caption']}\n\n#AIGenerated"
    assert len({post["group_id"] for post in posts}) == 1


def test_a_post_is_at_every_target_or_at_none(ours: Press) -> None:
    targets = [ours.target(), {"account_id": connect_off(ours), **ON_TIKTOK}]

    answer = ours.ask(targets=targets)

    assert (answer.status, answer.code) == (409, "PREFLIGHT_FAILED")
    assert answer.json["missing"] == [
        "account: The account is disabled. Enable or connect the account."
    ]
    assert count(ours.sql, "posts") == 0


def connect_off(ours: Press) -> str:
    account_id = connect(ours.owner, "tiktok")
    path = f"/api/v1/social/accounts/{account_id}"
    ours.owner.api("PATCH", path, {"disabled": True}).ok()
    return account_id


def test_what_nobody_has_approved_is_not_posted(ours: Press) -> None:
    asset_id = ready_asset(ours.owner, ours.studio.workers)
    draft = piece(ours.owner, ours.studio.avatar_id, asset_id)

    answer = ours.ask(piece_id=draft["id"])

    assert (answer.status, answer.code) == (409, "NOT_APPROVED")
    assert count(ours.sql, "posts") == 0


def test_the_same_content_is_posted_once_unless_it_is_meant(ours: Press) -> None:
    first = ours.post()

    again = ours.ask()

    assert (again.status, again.code) == (409, "DUPLICATE_POST")
    meant = ours.post(allow_duplicate=True)
    assert meant["id"] != first["id"]


def test_a_feed_and_a_story_of_one_piece_have_to_be_meant(ours: Press) -> None:
    both = [ours.target(), ours.target(format="story")]

    answers = [ours.ask(targets=both), ours.ask(targets=both, allow_duplicate=True)]

    assert [answer.status for answer in answers] == [409, 201]


def limit(ours: Press, posts: int) -> None:
    (account,) = ours.owner.api("GET", "/api/v1/social/accounts").ok()["items"]
    world = ours.studio.world
    world.change(
        "instagram", "accounts", username=account["username"], quotas={"posts": posts}
    )


def test_a_quota_that_is_used_up_is_told(ours: Press) -> None:
    limit(ours, 0)

    answer = ours.ask(scheduled_at="now")

    assert (answer.status, answer.code) == (409, "QUOTA_EXCEEDED")


@pytest.mark.parametrize("when", ["now", LATER])
@pytest.mark.parametrize(("targets", "status"), [(2, 201), (3, 409)])
def test_what_is_asked_for_together_counts_together(
    ours: Press, when: str, targets: int, status: int
) -> None:
    limit(ours, 2)
    wanted = [ours.target()] * targets

    answer = ours.ask(targets=wanted, scheduled_at=when, allow_duplicate=True)

    assert answer.status == status
    assert count(ours.sql, "posts") == (targets if status == 201 else 0)


def test_a_request_that_comes_twice_has_one_effect(ours: Press) -> None:
    key = {"idempotency-key": "my-first-post"}

    answers = [
        ours.owner.api("POST", ALL, ours.order(scheduled_at="now"), headers=key)
        for _ in range(2)
    ]

    assert answers[0].ok(201) == answers[1].ok(201)
    assert count(ours.sql, "posts") == 1
    assert len(ours.messages()) == 1


def test_a_key_is_for_one_request(ours: Press) -> None:
    key = {"idempotency-key": "my-first-post"}
    ours.owner.api("POST", ALL, ours.order(), headers=key).ok(201)

    other = ours.owner.api("POST", ALL, ours.order(scheduled_at="now"), headers=key)

    assert (other.status, other.code) == (409, "IDEMPOTENCY_MISMATCH")


@pytest.mark.parametrize("changes", WRONG, ids=str)
@pytest.mark.parametrize("path", [ALL, f"{ALL}/preflight"])
def test_what_is_no_order_is_refused(
    luna: Person, path: str, changes: dict[str, Any]
) -> None:
    answer = luna.api("POST", path, order(**changes))

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("path", [ALL, f"{ALL}/preflight"])
def test_strangers_have_neither_piece_nor_account(
    ours: Press, stranger: Person, path: str
) -> None:
    theirs = ours.order(targets=[ours.target(account_id=NOBODYS)])

    answers = [
        stranger.api("POST", path, ours.order()),
        ours.owner.api("POST", path, theirs),
    ]

    assert [(a.status, a.json["detail"]) for a in answers] == [
        (404, "Piece not found"),
        (404, "Social account not found"),
    ]


@pytest.mark.parametrize(
    ("role", "statuses"),
    [("editor", [200, 201]), ("reviewer", [200, 403]), ("analyst", [200, 403])],
)
def test_everybody_may_look_and_editors_may_post(
    ours: Press, role: str, statuses: list[int]
) -> None:
    guest = join(ours.owner, role)

    answers = [
        guest.api("POST", f"{ALL}/preflight", ours.order()),
        guest.api("POST", ALL, ours.order()),
    ]

    assert [answer.status for answer in answers] == statuses


def test_a_preflight_that_finds_nothing_is_ok_and_does_nothing(ours: Press) -> None:
    told = ours.owner.api("POST", f"{ALL}/preflight", ours.order()).ok()

    assert told == {"ok": True, "checks": []}
    assert count(ours.sql, "posts") == 0


def test_a_preflight_names_all_that_is_wrong_and_where(ours: Press) -> None:
    off = connect_off(ours)
    targets = [ours.target(), ours.target(account_id=off, format="carousel")]
    past = ours.order(targets=targets, scheduled_at="2026-01-01T00:00:00Z")

    told = ours.owner.api("POST", f"{ALL}/preflight", past).ok()

    found = {(check["target"], check["rule"]) for check in told["checks"]}
    assert not told["ok"]
    assert {(ours.account_id, "time"), (off, "time"), (off, "account")} <= found
    assert (off, "format") in found
    assert all(check["fix"] for check in told["checks"])


def test_a_preflight_counts_what_is_asked_for_together(ours: Press) -> None:
    limit(ours, 1)
    both = ours.order(targets=[ours.target(), ours.target(format="story")])

    told = ours.owner.api("POST", f"{ALL}/preflight", both).ok()

    assert [check["rule"] for check in told["checks"]] == ["quota", "duplicate"]


def test_what_is_meant_is_looked_at_without_an_error(ours: Press) -> None:
    ours.post()
    meant = ours.order(allow_duplicate=True)

    told = ours.owner.api("POST", f"{ALL}/preflight", meant).ok()

    assert told == {"ok": True, "checks": []}


def test_a_preflight_finds_that_no_time_is_free(ours: Press) -> None:
    limit(ours, 0)
    wanted = ours.order(scheduled_at="next_slot")

    told = ours.owner.api("POST", f"{ALL}/preflight", wanted).ok()

    assert not told["ok"]
    assert [check["rule"] for check in told["checks"]] == ["quota"]
    assert "no free time" in told["checks"][0]["message"]


@pytest.mark.parametrize("access", ["members", "tier", "purchase"])
def test_what_is_not_for_everybody_is_not_posted(
    ours: Press, sql: Sql, access: str
) -> None:
    closed = {"access": access}
    if access != "members":
        closed["required_benefit_id"] = benefit(sql, ours.owner)
    piece_id = ours.approved(**closed)["id"]

    found = ours.owner.api("POST", f"{ALL}/preflight", ours.order(piece_id=piece_id))

    (check,) = found.ok()["checks"]
    assert (check["rule"], check["level"]) == ("access", "error")


def test_an_avatar_does_not_speak_through_anothers_account(ours: Press) -> None:
    wanted = {"avatar_name": "Sol", "nicho": "travel", "aesthetic": "soft"}
    made = ours.owner.api("POST", "/api/v1/avatars/create", wanted).ok(201)
    path = f"/api/v1/social/accounts/{ours.account_id}"
    ours.owner.api("PATCH", path, {"avatar_id": made["avatar_id"]}).ok()

    found = ours.owner.api("POST", f"{ALL}/preflight", ours.order())

    (check,) = found.ok()["checks"]
    assert (check["rule"], check["level"]) == ("account_avatar", "error")


def test_a_preflight_warns_of_what_no_platform_tells(ours: Press) -> None:
    ours.studio.world.fault("instagram", "accounts.limit", "status", status=500)

    told = ours.owner.api("POST", f"{ALL}/preflight", ours.order()).ok()

    assert told["ok"]
    assert [(c["rule"], c["level"]) for c in told["checks"]] == [("quota", "warning")]


def test_a_preflight_refreshes_no_token(ours: Press) -> None:
    ours.sql.execute(
        "update social_accounts set token_expires_at = now() + interval '30 seconds'"
    )

    told = ours.owner.api("POST", f"{ALL}/preflight", ours.order()).ok()

    assert [check["rule"] for check in told["checks"]] == ["quota"]
    assert ours.studio.world.calls("instagram", "oauth.refresh") == []


def test_a_post_is_read_with_its_version(ours: Press) -> None:
    post = ours.post()

    answer = ours.owner.api("GET", f"{ALL}/{post['id']}")

    assert answer.ok() == post
    assert answer.headers["etag"] == '"v1"'


def test_a_post_is_a_strangers_nothing(ours: Press, stranger: Person) -> None:
    path = f"{ALL}/{ours.post()['id']}"

    answers = [
        stranger.api("GET", path),
        stranger.api("PATCH", path, {}, headers={"if-match": '"v1"'}),
    ]

    assert [(a.status, a.json["detail"]) for a in answers] == [
        (404, "Post not found")
    ] * 2


def test_posts_are_listed_as_they_appear(ours: Press) -> None:
    late = ours.post(scheduled_at="2026-12-24T18:00:00Z")
    soon = ours.post(scheduled_at="2026-12-23T18:00:00Z", allow_duplicate=True)

    listed = ours.owner.api("GET", ALL).ok()

    assert listed["items"] == [soon, late]
    assert listed["pagination"]["total"] == 2


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("from=2026-12-24T18:00:00Z", 1),
        ("from=2026-12-24T19:00:01%2B01:00", 0),
        ("to=2026-12-24T18:00:00Z", 0),
        ("to=2026-12-24T18:00:01Z", 1),
        ("status=scheduled", 1),
        ("status=published", 0),
        (f"account_id={NOBODYS}", 0),
        (f"avatar_id={NOBODYS}", 0),
        ("page=2", 1),
    ],
)
def test_a_list_can_be_narrowed(ours: Press, query: str, total: int) -> None:
    ours.post()

    listed = ours.owner.api("GET", f"{ALL}?{query}").ok()

    assert listed["pagination"]["total"] == total


def test_a_list_tells_the_time_by_a_clock_of_choice(ours: Press) -> None:
    ours.post()

    listed = ours.owner.api("GET", f"{ALL}?tz=Asia/Tokyo").ok()

    (post,) = listed["items"]
    assert post["timezone"] == "Asia/Tokyo"
    assert post["scheduled_local"] == "2026-12-25T03:00:00+09:00"
    assert post["scheduled_at"] == LATER


@pytest.mark.parametrize(
    "query",
    [
        "tz=Mars/Olympus",
        "from=2026-12-24",
        "from=2026-12-24T18:00:00",
        "from=0001-01-01T00:00:00Z",
        "status=fine",
        "account_id=1",
    ],
)
def test_a_wish_that_is_none_narrows_nothing(luna: Person, query: str) -> None:
    assert luna.api("GET", f"{ALL}?{query}").status == 400


def change(ours: Press, post: dict[str, Any], **wanted: Any) -> Any:
    path = f"{ALL}/{post['id']}"
    return ours.owner.api(
        "PATCH", path, wanted, headers={"if-match": f'"v{post["version"]}"'}
    )


def test_a_post_is_put_off_and_chosen_anew(ours: Press) -> None:
    post = ours.post()

    changed = change(
        ours,
        post,
        scheduled_at="2026-12-25T10:00:00Z",
        settings={"share_to_feed": False},
    )

    told = changed.ok()
    assert (told["scheduled_at"], told["due_at"]) == ("2026-12-25T10:00:00Z",) * 2
    assert told["settings"]["share_to_feed"] is False
    assert (told["status"], told["version"]) == ("scheduled", 2)
    assert changed.headers["etag"] == '"v2"'
    assert ours.trail(post["id"]) == ["post.changed"]


def test_what_is_left_out_stays(ours: Press) -> None:
    post = ours.post(targets=[ours.target(settings={"share_to_feed": False})])

    told = change(ours, post).ok()

    assert told["scheduled_at"] == post["scheduled_at"]
    assert told["settings"] == post["settings"]


def test_a_draft_of_which_no_time_is_named_stays_one(ours: Press) -> None:
    post = ours.post_that_is("draft")

    told = change(ours, post).ok()

    assert (told["status"], told["due_at"]) == ("draft", post["due_at"])


def test_what_is_held_back_is_chosen_anew_without_a_time(ours: Press) -> None:
    post = ours.post()
    ours.sql.execute("update posts set due_at = now() - interval '1 hour'")
    held_back = ours.read(post)

    told = change(ours, post, settings={"share_to_feed": False}).ok()

    assert told["settings"]["share_to_feed"] is False
    assert (told["status"], told["due_at"]) == ("scheduled", held_back["due_at"])


def test_now_makes_a_planned_post_set_out(ours: Press) -> None:
    post = ours.post()

    told = change(ours, post, scheduled_at="now").ok()

    assert told["status"] == "queued"
    assert ours.messages() == [(post["id"], "now-2")]


def test_a_change_takes_the_piece_along_as_it_is_approved_anew(ours: Press) -> None:
    post = ours.post()
    hold_on(ours, "Another morning")

    told = change(ours, post).ok()

    assert told["caption"] == "Another morning\n\n#sea"
    assert ours.sql.execute(
        "select posts.content_hash = content_pieces.content_hash as same"
        " from posts join content_pieces on content_pieces.id = piece_id"
    ).fetchall() == [{"same": True}]


def hold_on(ours: Press, caption: str) -> None:
    """Change the piece's words, and have that approved."""
    path = f"/api/v1/pieces/{ours.piece['id']}"
    api = ours.owner.api
    version = {"if-match": f'"v{api("GET", path).json["version"]}"'}
    api("PATCH", path, {"caption": caption}, headers=version).ok()
    ours.studio.workers.deliver("moderate")
    handed_in = api("POST", f"{path}/submit").ok()
    seen = {"content_hash": handed_in["content_hash"]}
    api("POST", f"{path}/approve", seen).ok()


def test_a_change_keeps_the_rules(ours: Press) -> None:
    post = ours.post()
    past = "2026-01-01T00:00:00Z"

    answer = change(ours, post, scheduled_at=past)

    assert (answer.status, answer.code) == (409, "PREFLIGHT_FAILED")
    assert ours.read(post) == post


def test_a_draft_is_planned_by_naming_its_time(ours: Press) -> None:
    post = ours.post_that_is("draft")

    told = change(ours, post, scheduled_at=LATER).ok()

    assert told["status"] == "scheduled"


@pytest.mark.parametrize(
    "status", ["queued", "publishing", "processing", "published", "failed", "cancelled"]
)
def test_what_has_set_out_or_ended_does_not_change(ours: Press, status: str) -> None:
    post = ours.post_that_is(status)

    answer = change(ours, post | {"version": 7}, scheduled_at=LATER)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert ours.read(post) == post


def test_a_post_that_has_moved_on_does_not_change(ours: Press) -> None:
    post = ours.post()
    change(ours, post, scheduled_at="2026-12-25T10:00:00Z").ok()

    answer = change(ours, post, scheduled_at="2026-12-26T10:00:00Z")

    assert (answer.status, answer.code) == (412, "PRECONDITION_FAILED")


def test_a_change_says_which_version_it_is_of(ours: Press) -> None:
    post = ours.post()

    answer = ours.owner.api("PATCH", f"{ALL}/{post['id']}", {})

    assert answer.status == 428


@pytest.mark.parametrize(
    "wanted",
    [
        {"scheduled_at": None},
        {"settings": None},
        {"status": "published"},
        {"scheduled_at": "2026-12-24T18:00:00"},
        {"scheduled_at": "0001-01-01T00:00:00Z"},
    ],
)
def test_a_change_that_is_none_is_refused(luna: Person, wanted: dict[str, Any]) -> None:
    version = {"if-match": '"v1"'}

    answer = luna.api("PATCH", f"{ALL}/{UUID(int=1)}", wanted, headers=version)

    assert answer.status == 400
