"""/api/v1/assets: announced, uploaded straight to the bucket, judged, opened."""

import base64
import json
from typing import Any

import httpx
import pytest

from tests.support.api import Api
from tests.support.database import Sql, count
from tests.support.material import (
    NOBODYS,
    announce,
    announcement,
    picture,
    piece,
    ready_asset,
    send,
    upload,
)
from tests.support.people import Person, avatar, join
from tests.support.workers import Workers
from tests.support.world import World
from tests.unit.test_media_samples import bomb, plain

ASSETS = "/api/v1/assets"
UPLOADS = f"{ASSETS}/uploads"
MAX_IMAGE_BYTES = 20_000_000
WRITES = [
    ("POST", UPLOADS),
    ("POST", f"{ASSETS}/{NOBODYS}/complete"),
    ("DELETE", f"{ASSETS}/{NOBODYS}"),
]
READS = [
    ("GET", ASSETS),
    ("GET", f"{ASSETS}/{NOBODYS}"),
    ("GET", f"{ASSETS}/{NOBODYS}/download"),
]

pytestmark = pytest.mark.usefixtures("aws", "world")


def complete(person: Person, asset_id: str) -> Any:
    return person.api("POST", f"{ASSETS}/{asset_id}/complete")


def status_of(person: Person, asset_id: str) -> str:
    return str(person.api("GET", f"{ASSETS}/{asset_id}").ok()["status"])


@pytest.mark.parametrize(("method", "path"), WRITES + READS)
def test_nobody_asks_without_a_token(database: str, method: str, path: str) -> None:
    answer = Api()(method, path)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(("method", "path"), WRITES + READS)
def test_a_workspace_is_not_there_for_a_stranger(
    luna: Person, stranger: Person, method: str, path: str
) -> None:
    intruder = stranger.api.working_in(luna.workspace_id)
    body = announcement(picture()) if path == UPLOADS else None

    answer = intruder(method, path, body)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "end"),
    [("GET", ""), ("GET", "/download"), ("POST", "/complete"), ("DELETE", "")],
)
def test_an_asset_is_not_there_for_a_stranger(
    luna: Person, stranger: Person, workers: Workers, method: str, end: str
) -> None:
    asset_id = ready_asset(luna, workers)

    answer = stranger.api(method, f"{ASSETS}/{asset_id}{end}")

    assert answer.status == 404
    assert answer.json["detail"] == "Asset not found"
    assert status_of(luna, asset_id) == "ready"


@pytest.mark.parametrize("role", ["reviewer", "analyst"])
@pytest.mark.parametrize(("method", "path"), WRITES)
def test_only_owners_and_editors_bring_files(
    luna: Person, role: str, method: str, path: str, sql: Sql
) -> None:
    guest = join(luna, role)
    body = announcement(picture()) if path == UPLOADS else None

    answer = guest.api(method, path, body)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert count(sql, "assets") == 0


@pytest.mark.parametrize("role", ["reviewer", "analyst"])
def test_only_owners_and_editors_say_that_a_file_is_there(
    luna: Person, role: str, sql: Sql
) -> None:
    body = picture()
    announced = announce(luna, body)
    send(announced["upload"], body)

    answer = complete(join(luna, role), announced["asset_id"])

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert count(sql, "policy_decisions") == 0


@pytest.mark.parametrize("role", ["editor", "reviewer", "analyst"])
def test_every_member_opens_a_ready_asset(
    luna: Person, workers: Workers, role: str
) -> None:
    asset_id = ready_asset(luna, workers)

    answer = join(luna, role).api("GET", f"{ASSETS}/{asset_id}/download")

    assert answer.status == 200


# Announcing.


def test_an_announced_file_gets_a_form_for_exactly_this_file(luna: Person) -> None:
    body = picture()

    answer = luna.api("POST", UPLOADS, announcement(body))

    made = answer.ok(201)
    assert answer.headers["location"] == f"{ASSETS}/{made['asset_id']}"
    fields = made["upload"]["fields"]
    policy = json.loads(base64.b64decode(fields["policy"]))
    assert ["content-length-range", len(body), len(body)] in policy["conditions"]
    bound = {
        k: v for c in policy["conditions"] if isinstance(c, dict) for k, v in c.items()
    }
    assert bound["key"] == fields["key"]
    assert bound["Content-Type"] == "image/png"
    assert bound["x-amz-checksum-sha256"] == fields["x-amz-checksum-sha256"]


def test_each_workspace_has_its_own_corner_of_the_bucket(
    luna: Person, stranger: Person
) -> None:
    body = picture()

    keys = [announce(p, body)["upload"]["fields"]["key"] for p in (luna, stranger)]

    assert keys[0].startswith(f"media/{luna.workspace_id}/")
    assert keys[1].startswith(f"media/{stranger.workspace_id}/")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size_bytes", 0),
        ("size_bytes", -1),
        ("size_bytes", "large"),
        ("sha256", "ab" * 31),
        ("sha256", "AB" * 32),
        ("sha256", "zz" * 32),
        ("ai_generated", "perhaps"),
        ("avatar_id", "luna"),
        ("s3_key", "media/elsewhere.png"),
    ],
)
def test_an_announcement_that_makes_no_sense_is_refused(
    luna: Person, field: str, value: Any, sql: Sql
) -> None:
    answer = luna.api("POST", UPLOADS, announcement(picture(), **{field: value}))

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json["errors"][0]["field"] == field
    assert count(sql, "assets") == 0


@pytest.mark.parametrize("size_bytes", [MAX_IMAGE_BYTES + 1, 10**12, 10**30])
def test_too_large_a_file_is_refused_before_it_is_sent(
    luna: Person, size_bytes: int, sql: Sql
) -> None:
    answer = luna.api("POST", UPLOADS, announcement(b"x", size_bytes=size_bytes))

    assert (answer.status, answer.code) == (413, "PAYLOAD_TOO_LARGE")
    assert count(sql, "assets") == 0


def test_the_largest_file_that_we_take_is_taken(luna: Person) -> None:
    announced = announcement(b"x", size_bytes=MAX_IMAGE_BYTES)

    answer = luna.api("POST", UPLOADS, announced)

    assert answer.status == 201


@pytest.mark.parametrize(
    "content_type", ["image/gif", "image/svg+xml", "text/html", "video/webm", "png"]
)
def test_a_file_of_another_type_is_refused_before_it_is_sent(
    luna: Person, content_type: str, sql: Sql
) -> None:
    answer = luna.api("POST", UPLOADS, announcement(b"x", content_type=content_type))

    assert (answer.status, answer.code) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert count(sql, "assets") == 0


def test_a_file_is_not_announced_for_a_strangers_avatar(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    announced = announcement(picture(), avatar_id=avatar(luna))

    answer = stranger.api("POST", UPLOADS, announced)

    assert answer.status == 404
    assert answer.json["detail"] == "Avatar not found"
    assert count(sql, "assets") == 0


def test_a_file_announced_twice_is_one_asset(luna: Person, sql: Sql) -> None:
    body = picture()
    first = announce(luna, body)

    second = announce(luna, body)

    assert second["asset_id"] == first["asset_id"]
    assert second["upload"]
    assert count(sql, "assets") == 1


def test_a_file_that_is_there_needs_no_upload(luna: Person, workers: Workers) -> None:
    body = picture()
    asset_id = upload(luna, body)

    known = luna.api("POST", UPLOADS, announcement(body)).ok(200)

    assert known == {"asset_id": asset_id, "upload": None, "expires_at": None}


def test_a_strangers_file_of_the_same_bytes_is_theirs_alone(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    body = picture()
    mine = upload(luna, body)

    theirs = announce(stranger, body)

    assert theirs["asset_id"] != mine
    assert theirs["upload"]
    assert count(sql, "assets") == 2


def test_a_wrong_announcement_can_be_made_again_and_right(luna: Person) -> None:
    body = picture()
    announce(luna, body, size_bytes=len(body) + 1)
    again = announce(luna, body)
    send(again["upload"], body)

    answer = complete(luna, again["asset_id"])

    assert answer.status == 202


# Uploading.


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_ready_once_the_gate_has_seen_it(
    luna: Person, workers: Workers, kind: str
) -> None:
    body = picture(kind)
    asset_id = upload(luna, body, content_type=f"image/{kind.lower()}")
    before = status_of(luna, asset_id)

    workers.deliver("moderate")

    asset = luna.api("GET", f"{ASSETS}/{asset_id}").ok()
    assert (before, asset["status"]) == ("pending", "ready")
    assert (asset["width"], asset["height"]) == (16, 12)
    assert asset["origin"] == "uploaded"


def test_completing_twice_asks_the_gate_once(luna: Person, sql: Sql) -> None:
    asset_id = upload(luna, picture())

    answer = complete(luna, asset_id)

    assert answer.status == 202
    assert count(sql, "policy_decisions") == 1
    assert count(sql, "outbox", queue="moderate") == 1


def test_a_file_that_was_never_sent_is_not_complete(luna: Person, sql: Sql) -> None:
    announced = announce(luna, picture())

    answer = complete(luna, announced["asset_id"])

    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert count(sql, "policy_decisions") == 0


def test_a_file_of_another_size_is_not_the_one_announced(
    luna: Person, aws: dict[str, str], sql: Sql
) -> None:
    body = picture()
    announced = announce(luna, body, size_bytes=len(body) + 1)
    send(announced["upload"], body)

    answer = complete(luna, announced["asset_id"])

    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert count(sql, "policy_decisions") == 0


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(b"<svg onload=alert(1)>", "image/png", id="not a picture"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "image/png", id="only a head"),
        pytest.param(plain("PNG")[:-7], "image/png", id="cut short"),
        pytest.param(plain("PNG") + b"PK\x03\x04", "image/png", id="something behind"),
        pytest.param(plain("JPEG"), "image/png", id="of another type"),
        pytest.param(bomb("PNG", 50_000), "image/png", id="PNG bomb"),
        pytest.param(bomb("JPEG", 60_000), "image/jpeg", id="JPEG bomb"),
        pytest.param(bomb("WEBP", 16_000), "image/webp", id="WebP bomb"),
    ],
)
def test_what_is_no_honest_picture_is_put_in_quarantine(
    luna: Person, workers: Workers, body: bytes, content_type: str
) -> None:
    asset_id = upload(luna, body, content_type=content_type)

    workers.deliver("moderate")

    assert status_of(luna, asset_id) == "quarantined"


def test_other_bytes_of_the_same_size_are_found_out(
    luna: Person, workers: Workers
) -> None:
    announced, sent = picture(), picture()
    made = announce(luna, announced)
    send(made["upload"], sent)

    answer = complete(luna, made["asset_id"])
    workers.deliver("moderate")

    assert len(announced) == len(sent)
    assert answer.status in (202, 409)  # S3 refuses them itself, its stand-in does not
    assert status_of(luna, made["asset_id"]) != "ready"


def test_nothing_is_ready_while_nobody_judges(
    luna: Person, workers: Workers, world: World
) -> None:
    world.fault("openai", "moderations.create", "status", status=500)
    asset_id = upload(luna, picture())

    workers.deliver("moderate")

    assert status_of(luna, asset_id) == "pending"


# Opening.


def test_a_link_opens_exactly_the_file(luna: Person, workers: Workers) -> None:
    body = picture()
    asset_id = upload(luna, body)
    workers.deliver("moderate")

    link = luna.api("GET", f"{ASSETS}/{asset_id}/download").ok()

    assert httpx.get(link["url"]).content == body
    assert "X-Amz-Expires=300" in link["url"]


def test_what_waits_for_the_gate_cannot_be_opened(luna: Person) -> None:
    asset_id = upload(luna, picture())

    answer = luna.api("GET", f"{ASSETS}/{asset_id}/download")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_what_is_in_quarantine_cannot_be_opened(luna: Person, workers: Workers) -> None:
    asset_id = upload(luna, b"no picture")
    workers.deliver("moderate")

    answer = luna.api("GET", f"{ASSETS}/{asset_id}/download")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


# Deleting.


@pytest.mark.parametrize(
    ("method", "end"),
    [("GET", ""), ("GET", "/download"), ("POST", "/complete"), ("DELETE", "")],
)
def test_what_is_deleted_is_gone(
    luna: Person, workers: Workers, method: str, end: str
) -> None:
    asset_id = ready_asset(luna, workers)
    luna.api("DELETE", f"{ASSETS}/{asset_id}").ok(204)

    answer = luna.api(method, f"{ASSETS}/{asset_id}{end}")

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


def test_an_asset_in_a_piece_stays(luna: Person, workers: Workers) -> None:
    asset_id = ready_asset(luna, workers)
    piece(luna, avatar(luna), asset_id)

    answer = luna.api("DELETE", f"{ASSETS}/{asset_id}")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert status_of(luna, asset_id) == "ready"


def test_an_asset_outlives_no_piece_that_is_deleted(
    luna: Person, workers: Workers
) -> None:
    asset_id = ready_asset(luna, workers)
    made = piece(luna, avatar(luna), asset_id)
    luna.api("DELETE", f"/api/v1/pieces/{made['id']}").ok(204)

    answer = luna.api("DELETE", f"{ASSETS}/{asset_id}")

    assert answer.status == 204
    assert answer.content == b""


def test_deleted_bytes_may_come_again(luna: Person) -> None:
    body = picture()
    first = upload(luna, body)
    luna.api("DELETE", f"{ASSETS}/{first}").ok(204)

    second = announce(luna, body)

    assert second["asset_id"] != first
    assert second["upload"]


# Lists.


def test_assets_are_found_by_avatar_kind_and_status(
    luna: Person, workers: Workers
) -> None:
    avatar_id = avatar(luna)
    wanted = ready_asset(luna, workers, avatar_id=avatar_id)
    ready_asset(luna, workers)
    upload(luna, picture(), avatar_id=avatar_id)

    query = f"avatar_id={avatar_id}&kind=image&status=ready"
    listed = luna.api("GET", f"{ASSETS}?{query}").ok()

    assert [asset["id"] for asset in listed["items"]] == [wanted]
    assert listed["pagination"]["total"] == 1


def test_a_list_has_neither_deleted_assets_nor_strangers(
    luna: Person, stranger: Person
) -> None:
    kept, dropped = upload(luna, picture()), upload(luna, picture())
    upload(stranger, picture())
    luna.api("DELETE", f"{ASSETS}/{dropped}").ok(204)

    listed = luna.api("GET", ASSETS).ok()

    assert [asset["id"] for asset in listed["items"]] == [kept]


@pytest.mark.parametrize("query", ["status=lost", "kind=film", "avatar_id=luna"])
def test_a_filter_that_makes_no_sense_is_refused(luna: Person, query: str) -> None:
    answer = luna.api("GET", f"{ASSETS}?{query}")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


def test_whether_an_item_brings_an_asset_is_found_by_its_name(sql: Sql) -> None:
    sql.execute("set enable_seqscan = off")

    plan = sql.execute(
        "explain select 1 from items where download_asset_id = %s", (NOBODYS,)
    ).fetchall()

    lines = [str(row["QUERY PLAN"]) for row in plan]
    assert any("ix_items_download_asset_id" in line for line in lines), lines
