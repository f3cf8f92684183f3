"""/api/v1/assets: videos, announced, uploaded, looked at frame by frame."""

import base64
import hashlib
import json
from typing import Any

import httpx
import pytest

from tests.support.api import Api
from tests.support.database import Sql, count
from tests.support.films import film, unlike_any
from tests.support.material import announcement, picture, ready_asset, upload
from tests.support.people import Person, join
from tests.support.workers import Workers

ASSETS = "/api/v1/assets"
UPLOADS = f"{ASSETS}/uploads"
MAX_VIDEO_BYTES = 300_000_000

pytestmark = pytest.mark.usefixtures("aws", "world")


def bring(person: Person, body: bytes, **changes: Any) -> str:
    """Upload a video to where the policy gate looks at it; return the asset's id."""
    return upload(person, body, **{"content_type": "video/mp4"} | changes)


def read(person: Person, asset_id: str) -> Any:
    return person.api("GET", f"{ASSETS}/{asset_id}").ok()


def test_nobody_announces_a_video_without_a_token(database: str) -> None:
    answer = Api()("POST", UPLOADS, announcement(b"x", content_type="video/mp4"))

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("role", ["reviewer", "analyst"])
def test_only_owners_and_editors_bring_videos(
    luna: Person, role: str, sql: Sql
) -> None:
    announced = announcement(b"x", content_type="video/mp4")

    answer = join(luna, role).api("POST", UPLOADS, announced)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert count(sql, "assets") == 0


@pytest.mark.parametrize("content_type", ["video/mp4", "video/quicktime"])
def test_a_video_gets_a_form_for_exactly_this_file(
    luna: Person, content_type: str
) -> None:
    body = b"x" * 9

    answer = luna.api("POST", UPLOADS, announcement(body, content_type=content_type))

    fields = answer.ok(201)["upload"]["fields"]
    policy = json.loads(base64.b64decode(fields["policy"]))
    assert ["content-length-range", 9, 9] in policy["conditions"]
    assert {"Content-Type": content_type} in policy["conditions"]
    assert fields["key"].endswith({"video/mp4": ".mp4"}.get(content_type, ".mov"))


def test_the_largest_video_that_we_take_is_taken(luna: Person) -> None:
    announced = announcement(b"x", content_type="video/mp4", size_bytes=MAX_VIDEO_BYTES)

    assert luna.api("POST", UPLOADS, announced).status == 201


@pytest.mark.parametrize(
    ("content_type", "size_bytes"),
    [("video/mp4", MAX_VIDEO_BYTES + 1), ("image/png", MAX_VIDEO_BYTES)],
)
def test_a_file_too_large_for_its_type_is_refused(
    luna: Person, content_type: str, size_bytes: int, sql: Sql
) -> None:
    announced = announcement(b"x", content_type=content_type, size_bytes=size_bytes)

    answer = luna.api("POST", UPLOADS, announced)

    assert (answer.status, answer.code) == (413, "PAYLOAD_TOO_LARGE")
    assert count(sql, "assets") == 0


@pytest.mark.parametrize(
    ("kind", "content_type"), [("mp4", "video/mp4"), ("mov", "video/quicktime")]
)
def test_a_video_is_ready_once_the_gate_has_seen_it(
    luna: Person, workers: Workers, kind: Any, content_type: str
) -> None:
    asset_id = bring(luna, film(kind), content_type=content_type)
    before = read(luna, asset_id)

    workers.deliver("moderate")

    asset = read(luna, asset_id)
    assert (before["status"], asset["status"]) == ("pending", "ready")
    assert (asset["kind"], asset["content_type"]) == ("video", content_type)
    assert (asset["width"], asset["height"], asset["duration_ms"]) == (320, 568, 267)


def test_a_link_opens_exactly_the_video(luna: Person, workers: Workers) -> None:
    body = unlike_any()
    asset_id = bring(luna, body)
    workers.deliver("moderate")

    link = luna.api("GET", f"{ASSETS}/{asset_id}/download").ok()

    assert httpx.get(link["url"]).content == body


def test_a_video_is_not_there_for_a_stranger(
    luna: Person, stranger: Person, workers: Workers
) -> None:
    asset_id = bring(luna, unlike_any())
    workers.deliver("moderate")

    answer = stranger.api("GET", f"{ASSETS}/{asset_id}/download")

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


def test_a_video_announced_twice_is_one_asset(luna: Person, sql: Sql) -> None:
    body = unlike_any()
    asset_id = bring(luna, body)

    again = luna.api("POST", UPLOADS, announcement(body, content_type="video/mp4"))

    assert again.ok(200)["asset_id"] == asset_id
    assert count(sql, "assets", kind="video") == 1


def test_a_wrong_kind_can_be_announced_again_and_right(
    luna: Person, workers: Workers
) -> None:
    body = unlike_any()
    luna.api("POST", UPLOADS, announcement(body)).ok(201)
    asset_id = bring(luna, body)

    workers.deliver("moderate")

    assert read(luna, asset_id)["status"] == "ready"
    assert read(luna, asset_id)["kind"] == "video"


def test_videos_are_found_by_their_kind(luna: Person, workers: Workers) -> None:
    wanted = bring(luna, unlike_any())
    ready_asset(luna, workers)

    listed = luna.api("GET", f"{ASSETS}?kind=video").ok()

    assert [asset["id"] for asset in listed["items"]] == [wanted]


def test_what_was_seen_of_a_video_is_vouched_for(
    luna: Person, workers: Workers
) -> None:
    body = unlike_any()
    bring(luna, body)

    workers.deliver("moderate")

    path = f"/api/v1/provenance/{hashlib.sha256(body).hexdigest()}"
    stated = luna.api("GET", path).ok()["statement"]
    assert (stated["content_type"], stated["duration_ms"]) == ("video/mp4", 267)


def test_a_picture_has_no_length(luna: Person, workers: Workers) -> None:
    asset_id = ready_asset(luna, workers)

    assert read(luna, asset_id)["duration_ms"] is None


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(b"no video", "video/mp4", id="not a video"),
        pytest.param(picture(), "video/mp4", id="a picture"),
        pytest.param(film()[:-7], "video/mp4", id="cut short"),
        pytest.param(film("mov"), "video/mp4", id="of another type"),
        pytest.param(film(), "image/png", id="said to be a picture"),
    ],
)
def test_what_is_no_honest_video_is_put_in_quarantine(
    luna: Person, workers: Workers, body: bytes, content_type: str
) -> None:
    asset_id = bring(luna, body, content_type=content_type)

    workers.deliver("moderate")

    assert read(luna, asset_id)["status"] == "quarantined"
