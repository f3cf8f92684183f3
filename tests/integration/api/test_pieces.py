"""/api/v1/pieces: a caption and its pictures, composed, changed, found, deleted."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.database import Sql, content, count
from tests.support.films import unlike_any
from tests.support.material import (
    NOBODYS,
    composed,
    picture,
    piece,
    upload,
)
from tests.support.people import Person, avatar, join
from tests.support.rights import benefit
from tests.support.workers import Workers

PIECES = "/api/v1/pieces"
DOORS = [
    ("POST", PIECES),
    ("GET", PIECES),
    ("GET", f"{PIECES}/{NOBODYS}"),
    ("PATCH", f"{PIECES}/{NOBODYS}"),
    ("DELETE", f"{PIECES}/{NOBODYS}"),
]
SEEN = {"If-Match": '"v1"'}

pytestmark = pytest.mark.usefixtures("aws", "world")


@pytest.fixture
def star(luna: Person) -> str:
    """An avatar of Luna's."""
    return avatar(luna)


@pytest.fixture
def photo(luna: Person) -> str:
    """A picture of Luna's, which the gate has not looked at."""
    return upload(luna, picture())


@pytest.fixture
def clip(luna: Person) -> str:
    """A video of Luna's, which the gate has not looked at."""
    return upload(luna, unlike_any(), content_type="video/mp4")


@pytest.fixture
def made(luna: Person, star: str, photo: str) -> Any:
    """A piece of Luna's."""
    return piece(luna, star, photo)


def change(person: Person, made: Any, body: Any, **headers: str) -> Any:
    path = f"{PIECES}/{made['id']}"
    return person.api("PATCH", path, body, headers=headers or SEEN)


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_nobody_asks_without_a_token(database: str, method: str, path: str) -> None:
    answer = Api()(method, path)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_a_workspace_is_not_there_for_a_stranger(
    luna: Person, stranger: Person, method: str, path: str
) -> None:
    intruder = stranger.api.working_in(luna.workspace_id)
    body = {"POST": composed(NOBODYS, NOBODYS), "PATCH": {"title": "Mine"}}.get(method)

    answer = intruder(method, path, body, headers=SEEN)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_piece_is_not_there_for_a_stranger(
    luna: Person, stranger: Person, made: Any, method: str
) -> None:
    body = {"title": "Mine"} if method == "PATCH" else None

    answer = stranger.api(method, f"{PIECES}/{made['id']}", body, headers=SEEN)

    assert answer.status == 404
    assert answer.json["detail"] == "Piece not found"
    assert luna.api("GET", f"{PIECES}/{made['id']}").ok() == made


def test_a_piece_is_not_made_of_a_strangers_avatar(
    stranger: Person, star: str, sql: Sql
) -> None:
    body = composed(star, upload(stranger, picture()))

    answer = stranger.api("POST", PIECES, body)

    assert answer.status == 404
    assert answer.json["detail"] == "Avatar not found"
    assert count(sql, "content_pieces") == 0


def test_a_piece_is_not_made_of_a_strangers_picture(
    stranger: Person, photo: str, sql: Sql
) -> None:
    body = composed(avatar(stranger), photo)

    answer = stranger.api("POST", PIECES, body)

    assert answer.status == 404
    assert answer.json["detail"] == "Asset not found"
    assert count(sql, "content_pieces") == 0


@pytest.mark.parametrize("role", ["reviewer", "analyst"])
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_only_owners_and_editors_write_pieces(
    luna: Person, made: Any, role: str, method: str, sql: Sql
) -> None:
    guest = join(luna, role)
    before = content(sql)
    path = PIECES if method == "POST" else f"{PIECES}/{made['id']}"
    new = composed(made["avatar_id"], made["assets"][0]["asset_id"])
    body = {"POST": new, "PATCH": {"title": "Mine"}}.get(method)

    answer = guest.api(method, path, body, headers=SEEN)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert content(sql) == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("avatar_id", "luna"),
        ("caption", None),
        ("caption", "x" * 2_201),
        ("caption", "nul\x00"),
        ("title", ""),
        ("title", "two\nlines"),
        ("title", "x" * 201),
        ("hashtags", "sea"),
        ("hashtags.0", ["#sea"]),
        ("hashtags.0", ["two words"]),
        ("hashtags", ["sea"] * 31),
        ("assets", []),
        (
            "assets",
            [{"asset_id": f"0199a000-0000-7000-8000-{n:012}"} for n in range(11)],
        ),
        ("assets", [{"asset_id": NOBODYS}, {"asset_id": NOBODYS}]),
        ("assets.0.asset_id", [{"asset_id": "photo"}]),
        ("assets.0.alt_text", [{"asset_id": NOBODYS, "alt_text": "x" * 1_001}]),
        ("assets.0.url", [{"asset_id": NOBODYS, "url": "https://elsewhere.test"}]),
        ("access", "secret"),
        ("review_status", "approved"),
        ("content_hash", "0" * 64),
    ],
)
def test_a_piece_that_makes_no_sense_is_refused(
    luna: Person, sql: Sql, field: str, value: Any
) -> None:
    body = composed(NOBODYS, NOBODYS) | {field.partition(".")[0]: value}

    answer = luna.api("POST", PIECES, body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json["errors"][0]["field"] == field
    assert count(sql, "content_pieces") == 0


def test_a_composed_piece_is_a_draft_with_a_place(
    luna: Person, star: str, photo: str
) -> None:
    answer = luna.api("POST", PIECES, composed(star, photo))

    made = answer.ok(201)
    assert made["review_status"] == "draft"
    assert made["approved_by"] is None
    assert [asset["asset_id"] for asset in made["assets"]] == [photo]
    assert answer.headers["location"] == f"{PIECES}/{made['id']}"
    assert answer.headers["etag"] == '"v1"'


def test_a_piece_may_show_one_video(luna: Person, star: str, clip: str) -> None:
    answer = luna.api("POST", PIECES, composed(star, clip))

    assert [asset["asset_id"] for asset in answer.ok(201)["assets"]] == [clip]


def test_a_video_shares_its_piece_with_no_picture(
    luna: Person, star: str, photo: str, clip: str, sql: Sql
) -> None:
    mixed = [{"asset_id": photo}, {"asset_id": clip}]

    answer = luna.api("POST", PIECES, composed(star, clip, assets=mixed))

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json["errors"][0]["field"] == "assets"
    assert count(sql, "content_pieces") == 0


def test_a_video_shares_its_piece_with_no_other(
    luna: Person, star: str, clip: str, sql: Sql
) -> None:
    other = upload(luna, unlike_any(), content_type="video/mp4")
    both = [{"asset_id": clip}, {"asset_id": other}]

    answer = luna.api("POST", PIECES, composed(star, clip, assets=both))

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert count(sql, "content_pieces") == 0


def test_a_pieces_words_are_put_before_the_gate(
    luna: Person, made: Any, workers: Workers
) -> None:
    workers.deliver("moderate")

    read = luna.api("GET", f"{PIECES}/{made['id']}").ok()
    assert (made["verdict"], read["verdict"]) == ("pending", "allow")


@pytest.mark.parametrize(
    "changes",
    [
        {"caption": "my nudes are online"},
        {"title": "Schoolgirl days"},
        {"hashtags": ["nsfw"]},
        {"assets": [{"asset_id": None, "alt_text": "a naked woman"}]},
    ],
    ids=["caption", "title", "hashtags", "alt_text"],
)
def test_words_that_the_floor_refuses_make_no_piece(
    luna: Person, star: str, photo: str, sql: Sql, changes: dict[str, Any]
) -> None:
    body = composed(star, photo) | changes
    body["assets"] = [asset | {"asset_id": photo} for asset in body["assets"]]

    answer = luna.api("POST", PIECES, body)

    assert (answer.status, answer.code) == (403, "POLICY_BLOCKED")
    assert count(sql, "content_pieces") == 0
    assert count(sql, "policy_decisions", subject_type="caption") == 0


@pytest.mark.parametrize(
    "other",
    [
        {"caption": "Another morning"},
        {"title": "Dawn"},
        {"hashtags": ["ocean"]},
        {"access": "members"},
    ],
    ids=lambda other: str(next(iter(other))),
)
def test_each_part_of_the_content_changes_its_hash(
    luna: Person, star: str, photo: str, other: dict[str, Any]
) -> None:
    one = piece(luna, star, photo)

    two = piece(luna, star, photo, **other)

    assert one["content_hash"] != two["content_hash"]


@pytest.fixture
def gold(luna: Person, sql: Sql) -> str:
    """A tier of Luna's."""
    return benefit(sql, luna)


@pytest.mark.parametrize("access", ["tier", "purchase"])
def test_a_closed_piece_names_what_opens_it(
    luna: Person, star: str, photo: str, gold: str, access: str
) -> None:
    made = piece(luna, star, photo, access=access, required_benefit_id=gold)

    assert (made["access"], made["required_benefit_id"]) == (access, gold)


@pytest.mark.parametrize(
    ("access", "is_named"),
    [("tier", False), ("purchase", False), ("public", True), ("members", True)],
)
def test_a_benefit_is_named_exactly_where_one_opens_the_piece(  # noqa: PLR0913 - fixtures
    luna: Person, star: str, photo: str, gold: str, access: str, *, is_named: bool
) -> None:
    closed = {"access": access, "required_benefit_id": gold if is_named else None}

    answer = luna.api("POST", PIECES, composed(star, photo, **closed))

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json["errors"][0]["field"] == "required_benefit_id"


def test_a_piece_opens_by_no_strangers_benefit(
    luna: Person, stranger: Person, made: Any, sql: Sql
) -> None:
    theirs = {"access": "tier", "required_benefit_id": benefit(sql, stranger)}

    answer = change(luna, made, theirs)

    assert (answer.status, answer.json["detail"]) == (404, "Benefit not found")


def test_a_piece_opens_by_no_benefit_out_of_use(
    luna: Person, made: Any, gold: str, sql: Sql
) -> None:
    sql.execute("update benefits set is_active = false")

    answer = change(luna, made, {"access": "tier", "required_benefit_id": gold})

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_another_benefit_is_another_content(
    luna: Person, made: Any, gold: str, sql: Sql
) -> None:
    silver = benefit(sql, luna, ref="silver")
    closed = {"access": "tier", "required_benefit_id": gold}
    one = change(luna, made, closed).ok()

    two = change(luna, one, {"required_benefit_id": silver}, **{"If-Match": '"v2"'})

    hashes = {piece["content_hash"] for piece in (made, one, two.ok())}
    assert len(hashes) == 3


def test_a_piece_that_is_opened_to_all_is_what_it_was(
    luna: Person, made: Any, gold: str
) -> None:
    closed = {"access": "tier", "required_benefit_id": gold}
    change(luna, made, closed).ok()

    opened = change(luna, made, {"access": "public"}, **{"If-Match": '"v2"'}).ok()

    assert opened["required_benefit_id"] is None
    assert opened["content_hash"] == made["content_hash"]


def test_the_same_content_has_the_same_hash(
    luna: Person, star: str, photo: str
) -> None:
    hashes = {piece(luna, star, photo)["content_hash"] for _ in range(2)}

    assert len(hashes) == 1


# Changing.


def test_a_change_makes_a_new_version(luna: Person, made: Any) -> None:
    answer = change(luna, made, {"caption": "Evening", "title": "Dusk"})

    changed = answer.ok()
    assert (changed["caption"], changed["title"]) == ("Evening", "Dusk")
    assert changed["hashtags"] == made["hashtags"]
    assert changed["content_hash"] != made["content_hash"]
    assert (changed["version"], answer.headers["etag"]) == (2, '"v2"')


def test_null_takes_a_title_away(luna: Person, star: str, photo: str) -> None:
    titled = piece(luna, star, photo, title="Dawn")

    changed = change(luna, titled, {"title": None}).ok()

    assert changed["title"] is None
    assert changed["content_hash"] != titled["content_hash"]


@pytest.mark.parametrize("name", ["caption", "hashtags", "assets", "access"])
def test_what_every_piece_has_is_not_taken_away(
    luna: Person, made: Any, name: str
) -> None:
    answer = change(luna, made, {name: None})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == [name]


def test_pictures_change_their_order(luna: Person, star: str, photo: str) -> None:
    second = upload(luna, picture())
    places = [{"asset_id": photo}, {"asset_id": second}]
    made = piece(luna, star, photo, assets=places)

    changed = change(luna, made, {"assets": places[::-1]}).ok()

    assert [asset["asset_id"] for asset in changed["assets"]] == [second, photo]
    assert changed["content_hash"] != made["content_hash"]


def test_pictures_give_way_to_a_video(luna: Person, made: Any, clip: str) -> None:
    changed = change(luna, made, {"assets": [{"asset_id": clip}]}).ok()

    assert [asset["asset_id"] for asset in changed["assets"]] == [clip]


def test_a_video_does_not_join_pictures(
    luna: Person, made: Any, photo: str, clip: str, sql: Sql
) -> None:
    before = content(sql)
    mixed = [{"asset_id": photo}, {"asset_id": clip}]

    answer = change(luna, made, {"assets": mixed})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert content(sql) == before


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ({}, (428, "PRECONDITION_REQUIRED")),
        ({"If-Match": '"v2"'}, (412, "PRECONDITION_FAILED")),
        ({"If-Match": '"v999999999"'}, (412, "PRECONDITION_FAILED")),
        ({"If-Match": "v1"}, (400, "VALIDATION_ERROR")),
        ({"If-Match": "*"}, (400, "VALIDATION_ERROR")),
        ({"If-Match": '"v1\x00"'}, (400, "VALIDATION_ERROR")),
    ],
)
def test_a_change_names_the_version_that_its_editor_saw(
    luna: Person, made: Any, sql: Sql, headers: dict[str, str], refusal: Any
) -> None:
    before = content(sql)
    path = f"{PIECES}/{made['id']}"

    answer = luna.api("PATCH", path, {"title": "Dusk"}, headers=headers)

    assert (answer.status, answer.code) == refusal
    assert content(sql) == before


def test_of_two_editors_with_one_version_the_second_is_told(
    luna: Person, made: Any
) -> None:
    change(luna, made, {"title": "Dusk"}).ok()

    answer = change(luna, made, {"title": "Dawn"})

    assert (answer.status, answer.code) == (412, "PRECONDITION_FAILED")
    assert luna.api("GET", f"{PIECES}/{made['id']}").ok()["title"] == "Dusk"


def test_a_change_that_the_floor_refuses_changes_nothing(
    luna: Person, made: Any, sql: Sql
) -> None:
    before = content(sql)

    answer = change(luna, made, {"caption": "explicit nudity"})

    assert (answer.status, answer.code) == (403, "POLICY_BLOCKED")
    assert content(sql) == before


@pytest.mark.parametrize(
    ("body", "asked"), [({"caption": "Evening"}, 2), ({"access": "members"}, 1)]
)
def test_the_gate_is_asked_again_for_new_words_only(
    luna: Person, made: Any, sql: Sql, body: dict[str, str], asked: int
) -> None:
    change(luna, made, body).ok()

    assert count(sql, "policy_decisions", subject_type="caption") == asked


def test_a_piece_takes_no_strangers_picture_later(
    luna: Person, stranger: Person, photo: str, made: Any
) -> None:
    theirs = upload(stranger, picture())

    answer = change(luna, made, {"assets": [{"asset_id": theirs}]})

    assert answer.status == 404
    read = luna.api("GET", f"{PIECES}/{made['id']}").ok()
    assert [asset["asset_id"] for asset in read["assets"]] == [photo]


# Deleting.


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_what_is_deleted_is_gone(
    luna: Person, star: str, photo: str, method: str
) -> None:
    path = f"{PIECES}/{piece(luna, star, photo)['id']}"
    luna.api("DELETE", path).ok(204)
    body = {"title": "Dusk"} if method == "PATCH" else None

    answer = luna.api(method, path, body, headers={"If-Match": '"v2"'})

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


# Lists.


def test_pieces_are_found_by_avatar_state_and_access(
    luna: Person, star: str, photo: str
) -> None:
    wanted = piece(luna, star, photo, access="members")
    piece(luna, star, photo)
    piece(luna, avatar(luna, avatar_name="Sol"), photo, access="members")

    query = f"avatar_id={star}&review_status=draft&access=members"
    listed = luna.api("GET", f"{PIECES}?{query}").ok()

    assert [found["id"] for found in listed["items"]] == [wanted["id"]]


def test_pieces_are_listed_newest_first_without_the_deleted(
    luna: Person, stranger: Person, star: str, photo: str
) -> None:
    made = [piece(luna, star, photo)["id"] for _ in range(3)]
    luna.api("DELETE", f"{PIECES}/{made[1]}").ok(204)

    listed = luna.api("GET", PIECES).ok()

    assert [found["id"] for found in listed["items"]] == [made[2], made[0]]
    assert stranger.api("GET", PIECES).ok()["pagination"]["total"] == 0


@pytest.mark.parametrize("query", ["review_status=lost", "access=x", "avatar_id=luna"])
def test_a_filter_that_makes_no_sense_is_refused(luna: Person, query: str) -> None:
    answer = luna.api("GET", f"{PIECES}?{query}")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
