"""What TikTok takes on, and what it refuses at once."""

import httpx
import pytest

from tests.stack.providers import Providers
from tests.unit.providers_standins.tiktok_asking import (
    CREATOR_INFO,
    DRAFT_INIT,
    PHOTO_INIT,
    STATUS,
    VIDEO_INIT,
    begun,
    code_of,
    data_of,
    photos_of,
    sent,
    status_of,
    token_for,
    video_of,
)

pytestmark = pytest.mark.asyncio

NEAR = "http://127.0.0.1:9/luna.jpg"


def pulled(url: str) -> dict[str, object]:
    return {"source": "PULL_FROM_URL", "video_url": url}


async def refusal(
    client: httpx.AsyncClient, path: str, body: dict[str, object]
) -> tuple[int, str]:
    """Return the status and the code of a refused call, which leaves no post."""
    answer = await client.post(path, json=body)
    assert answer.json()["data"] == {}
    return answer.status_code, code_of(answer)


async def test_a_video_waits_for_its_bytes(tiktok: httpx.AsyncClient) -> None:
    data = await begun(tiktok)

    status = await status_of(tiktok, data["publish_id"])

    assert str(data["publish_id"]).startswith("v_pub_file~v2-1.")
    assert len(str(data["publish_id"])) <= 64
    assert len(str(data["upload_url"])) <= 256
    assert status == {
        "status": "PROCESSING_UPLOAD",
        "publicaly_available_post_id": [],
        "uploaded_bytes": 0,
    }


async def test_an_init_without_bytes_has_no_effect(
    tiktok: httpx.AsyncClient, providers: Providers
) -> None:
    await begun(tiktok)

    (entry,) = providers.journal("tiktok").entries("video.init")
    assert (entry.outcome, entry.job) == ("read", "job-1")


@pytest.mark.parametrize(
    "info",
    [
        {"privacy_level": None},
        {"privacy_level": "EVERYBODY"},
        {"title": "é" * 2201},
        {"title": "🔥" * 1101},
        {"is_aigc": "yes"},
        {"video_cover_timestamp_ms": -1},
        {"brand_content_toggle": True, "privacy_level": "SELF_ONLY"},
    ],
)
async def test_a_videos_info_is_checked(
    tiktok: httpx.AsyncClient, info: dict[str, object]
) -> None:
    refused = await refusal(tiktok, VIDEO_INIT, video_of(**info))

    assert refused == (400, "invalid_param")


async def test_a_title_is_counted_in_units_of_utf_16(tiktok: httpx.AsyncClient) -> None:
    answer = await tiktok.post(VIDEO_INIT, json=video_of(title="🔥" * 1100))

    assert code_of(answer) == "ok"


@pytest.mark.parametrize(
    ("size", "chunk", "count"),
    [
        (3_145_728, 3_145_728, 1),
        (64_000_001, 64_000_000, 1),
        (150_000_000, 64_000_000, 2),
        (50_000_123, 10_000_000, 5),
    ],
)
async def test_chunks_are_counted_as_documented(
    tiktok: httpx.AsyncClient, size: int, chunk: int, count: int
) -> None:
    body = video_of() | {"source_info": sent(size, chunk)}

    answer = await tiktok.post(VIDEO_INIT, json=body)

    assert sent(size, chunk)["total_chunk_count"] == count
    assert code_of(answer) == "ok"


@pytest.mark.parametrize(
    "wrong",
    [
        {"video_size": 4_000, "chunk_size": 2_000, "total_chunk_count": 2},
        {"video_size": 10_000_000, "chunk_size": 4_000_000, "total_chunk_count": 2},
        {"video_size": 150_000_000, "chunk_size": 64_000_000, "total_chunk_count": 3},
        {"video_size": 150_000_000, "chunk_size": 75_000_000, "total_chunk_count": 2},
        {"video_size": 0, "chunk_size": 0, "total_chunk_count": 1},
        {"video_size": 5 * 2**30, "chunk_size": 64_000_000, "total_chunk_count": 83},
        {"video_size": "4000", "chunk_size": 4_000, "total_chunk_count": 1},
        {"source": "TELEPATHY"},
    ],
)
async def test_impossible_chunks_are_refused(
    tiktok: httpx.AsyncClient, wrong: dict[str, object]
) -> None:
    body = video_of() | {"source_info": sent() | wrong}

    assert await refusal(tiktok, VIDEO_INIT, body) == (400, "invalid_param")


@pytest.mark.parametrize(
    "body",
    [
        photos_of(),
        photos_of(*[NEAR] * 36),
        photos_of(NEAR, title="t" * 91),
        photos_of(NEAR, description="d" * 4001),
        photos_of(NEAR, privacy_level=None),
        photos_of(NEAR) | {"media_type": "VIDEO"},
        photos_of(NEAR, mode="WHENEVER"),
        photos_of(NEAR) | {"source_info": {"source": "FILE_UPLOAD"}},
    ],
)
async def test_photos_are_checked(
    tiktok: httpx.AsyncClient, body: dict[str, object]
) -> None:
    assert await refusal(tiktok, PHOTO_INIT, body) == (400, "invalid_param")


async def test_a_body_that_is_no_json_is_refused(tiktok: httpx.AsyncClient) -> None:
    told = {"content-type": "application/json"}

    answer = await tiktok.post(VIDEO_INIT, content=b"{", headers=told)
    unnamed = await tiktok.post(VIDEO_INIT, content=b"{}")

    assert [code_of(one) for one in (answer, unnamed)] == ["invalid_param"] * 2


@pytest.mark.parametrize(
    ("scope", "path", "body"),
    [
        ("video.upload", VIDEO_INIT, video_of()),
        ("video.publish", DRAFT_INIT, {"source_info": sent()}),
        ("video.upload", PHOTO_INIT, photos_of(NEAR)),
        ("video.publish", PHOTO_INIT, photos_of(NEAR, mode="MEDIA_UPLOAD")),
        ("video.upload", CREATOR_INFO, {}),
        ("video.list", STATUS, {"publish_id": "x"}),
    ],
)
async def test_each_call_needs_its_scope(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    scope: str,
    path: str,
    body: dict[str, object],
) -> None:
    tiktok.headers.update(await token_for(control, "luna.vega", scope))

    assert await refusal(tiktok, path, body) == (401, "scope_not_authorized")


@pytest.mark.parametrize(
    ("creator", "options"),
    [
        ({}, ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]),
        (
            {"is_private": True},
            ["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
        ),
        ({"privacy_options": ["SELF_ONLY"]}, ["SELF_ONLY"]),
    ],
)
async def test_a_creators_options_bind(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    creator: dict[str, object],
    options: list[str],
) -> None:
    await control.put("tiktok/creators", json={"username": "luna.vega"} | creator)

    info = data_of(await tiktok.post(CREATOR_INFO))
    answers = [
        await tiktok.post(VIDEO_INIT, json=video_of(privacy_level=level))
        for level in ("PUBLIC_TO_EVERYONE", "FOLLOWER_OF_CREATOR", "SELF_ONLY")
    ]

    levels = ("PUBLIC_TO_EVERYONE", "FOLLOWER_OF_CREATOR", "SELF_ONLY")
    mismatch = "privacy_level_option_mismatch"
    assert info["privacy_level_options"] == options
    assert info["creator_username"] == "luna.vega"
    assert [code_of(answer) for answer in answers] == [
        "ok" if level in options else mismatch for level in levels
    ]


@pytest.mark.parametrize(
    ("is_private", "level", "code"),
    [
        (True, "SELF_ONLY", "ok"),
        (
            True,
            "MUTUAL_FOLLOW_FRIENDS",
            "unaudited_client_can_only_post_to_private_accounts",
        ),
        (
            False,
            "SELF_ONLY",
            "unaudited_client_can_only_post_to_private_accounts",
        ),
    ],
)
async def test_an_app_without_audit_posts_for_one_pair_of_eyes(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    is_private: bool,  # noqa: FBT001 - parametrised
    level: str,
    code: str,
) -> None:
    luna = {"username": "luna.vega", "is_private": is_private}
    await control.put("tiktok/creators", json=luna)
    await control.put("tiktok/settings", json={"audited": False})

    answer = await tiktok.post(VIDEO_INIT, json=video_of(privacy_level=level))

    assert (answer.status_code, code_of(answer)) == (200 if code == "ok" else 403, code)


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/luna.jpg",
        "https://cdn.example/private/luna.jpg",
        "http://cdn.example/media/luna.jpg",
        "http://127.0.0.1:9/luna.jpg",
        "https://[/luna.jpg",
        "",
    ],
)
async def test_only_verified_prefixes_are_pulled_from(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, url: str
) -> None:
    prefixes = ["https://cdn.example/media/", "http://cdn.example/media/"]
    await control.put("tiktok/settings", json={"verified_prefixes": prefixes})

    refused = await refusal(tiktok, PHOTO_INIT, photos_of(url))

    assert refused == (403, "url_ownership_unverified")


async def test_a_video_is_pulled_from_a_verified_prefix_only(
    tiktok: httpx.AsyncClient,
) -> None:
    body = video_of() | {"source_info": pulled("https://elsewhere.example/luna.mp4")}

    refused = await refusal(tiktok, VIDEO_INIT, body)

    assert refused == (403, "url_ownership_unverified")


async def test_equal_inits_are_two_posts(tiktok: httpx.AsyncClient) -> None:
    one, other = [await begun(tiktok) for _ in range(2)]

    assert one["publish_id"] != other["publish_id"]
