"""How posts go: pulled or sent, processed, moderated, or failed for a reason."""

import asyncio

import httpx
import pytest

from tests.stack.providers import Providers
from tests.unit.providers_standins.tiktok_asking import (
    CANCEL,
    DRAFT_INIT,
    PHOTO_INIT,
    VIDEO,
    VIDEO_INIT,
    Shelf,
    begun,
    code_of,
    data_of,
    photos_of,
    picture,
    posted,
    put_chunk,
    sent,
    status_of,
    token_for,
    video_of,
)

pytestmark = pytest.mark.asyncio

COMPLETE = "PUBLISH_COMPLETE"


async def test_a_public_post_has_an_id_once_it_is_moderated(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await control.put("tiktok/settings", json={"moderation_s": 3600})
    publish_id = await posted(tiktok)
    await _until_complete(control)
    early = await status_of(tiktok, publish_id)

    await control.post("clock", json={"advance_s": 3600})
    await control.post("wait_idle")

    late = await status_of(tiktok, publish_id)
    assert early["publicaly_available_post_id"] == []
    (number,) = _ids(late)
    assert isinstance(number, int)
    assert late["status"] == COMPLETE


async def test_a_post_for_few_eyes_never_tells_its_id(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    publish_id = await posted(tiktok, privacy_level="SELF_ONLY")
    await control.post("wait_idle")

    status = await status_of(tiktok, publish_id)

    assert (status["status"], _ids(status)) == (COMPLETE, [])


async def test_photos_are_fetched_and_are_the_effect_of_their_init(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    shelf: Shelf,
    providers: Providers,
) -> None:
    files = [picture(), picture(80, 60, "WEBP")]
    paths = ["/a.jpg?sign=1", "/b.webp"]
    urls = [shelf.put(path, file) for path, file in zip(paths, files, strict=True)]

    data = data_of(await tiktok.post(PHOTO_INIT, json=photos_of(*urls)))

    await control.post("wait_idle")
    status = await status_of(tiktok, data["publish_id"])
    (effect,) = providers.journal("tiktok").effects()
    assert str(data["publish_id"]).startswith("p_pub_url~v2.")
    assert set(data) == {"publish_id"}
    assert shelf.asked == paths
    assert status["status"] == COMPLETE
    assert status["downloaded_bytes"] == sum(map(len, files))
    assert (effect.call, effect.job) == ("content.init", "job-1")


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (picture(kind="PNG"), "file_format_check_failed"),
        (b"no picture", "file_format_check_failed"),
        (picture(1081, 1200), "picture_size_check_failed"),
        (picture(600, 1921), "picture_size_check_failed"),
        (None, "photo_pull_failed"),
    ],
)
async def test_photos_that_are_not_as_documented_fail(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    shelf: Shelf,
    file: bytes | None,
    reason: str,
) -> None:
    url = f"{shelf.base}/a.jpg" if file is None else shelf.put("/a.jpg", file)

    data = data_of(await tiktok.post(PHOTO_INIT, json=photos_of(url)))

    await control.post("wait_idle")
    status = await status_of(tiktok, data["publish_id"])
    assert (status["status"], status["fail_reason"]) == ("FAILED", reason)


async def test_nothing_beyond_loopback_is_fetched(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    prefixes = {"verified_prefixes": ["https://cdn.example/"]}
    await control.put("tiktok/settings", json=prefixes)
    body = photos_of("https://cdn.example/luna.jpg")

    data = data_of(await tiktok.post(PHOTO_INIT, json=body))

    await control.post("wait_idle")
    status = await status_of(tiktok, data["publish_id"])
    assert status["fail_reason"] == "photo_pull_failed"


async def test_a_video_can_be_pulled(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, shelf: Shelf
) -> None:
    source = {"source": "PULL_FROM_URL", "video_url": shelf.put("/v.mp4", VIDEO)}

    body = video_of() | {"source_info": source}
    data = data_of(await tiktok.post(VIDEO_INIT, json=body))

    await control.post("wait_idle")
    status = await status_of(tiktok, data["publish_id"])
    assert (status["status"], status["downloaded_bytes"]) == (COMPLETE, len(VIDEO))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no video" * 500, "file_format_check_failed"),
        (
            VIDEO + b"mvhd" + bytes(12) + (1).to_bytes(4) + (601).to_bytes(4),
            "duration_check_failed",
        ),
    ],
)
async def test_videos_that_are_not_as_documented_fail(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, content: bytes, reason: str
) -> None:
    body = video_of() | {"source_info": sent(len(content))}
    data = data_of(await tiktok.post(VIDEO_INIT, json=body))

    await put_chunk(tiktok, data["upload_url"], content)

    await control.post("wait_idle")
    status = await status_of(tiktok, data["publish_id"])
    assert (status["status"], status["fail_reason"]) == ("FAILED", reason)


@pytest.mark.parametrize("late", [False, True])
async def test_a_post_can_be_made_to_fail_in_its_processing_or_its_moderation(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    late: bool,  # noqa: FBT001 - parametrised
) -> None:
    told = {"reason": "spam_risk_text", "match": "job-1", "late": late}
    await control.post("tiktok/misfortunes", json=told)

    other = await posted(tiktok, title="another #vxjob-2")
    struck = await posted(tiktok)
    again = await posted(tiktok)

    await control.post("wait_idle")
    ends = [(await status_of(tiktok, one))["status"] for one in (other, struck, again)]
    shown = (await control.get("tiktok/posts")).json()
    assert ends == [COMPLETE, "FAILED", COMPLETE]
    assert shown[1]["fail_reason"] == "spam_risk_text"
    assert (shown[1]["completed_at"] is not None) is late


async def test_a_draft_goes_to_the_inbox_and_may_be_posted_more_than_once(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    data = data_of(await tiktok.post(DRAFT_INIT, json={"source_info": sent()}))
    await put_chunk(tiktok, data["upload_url"])
    await control.post("wait_idle")
    inbox = await status_of(tiktok, data["publish_id"])

    for _ in range(2):
        fate = {"publish_id": data["publish_id"]}
        await control.post("tiktok/posts/post_draft", json=fate)
        await control.post("wait_idle")

    status = await status_of(tiktok, data["publish_id"])
    assert str(data["publish_id"]).startswith("v_inbox_file~v2-1.")
    assert inbox["status"] == "SEND_TO_USER_INBOX"
    assert (status["status"], len(_ids(status))) == (COMPLETE, 2)


async def test_a_post_is_told_of_to_its_owner_only(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    publish_id = (await begun(tiktok))["publish_id"]
    stranger = await token_for(control, "nova.ray")
    path = "post/publish/status/fetch/"

    answers = [
        await tiktok.post(path, json={"publish_id": publish_id}, headers=stranger),
        await tiktok.post(path, json={"publish_id": "v_pub_file~v2-1.1"}),
        await tiktok.post(path, json={"publish_id": 1}),
    ]

    assert [(one.status_code, code_of(one)) for one in answers] == [
        (400, "token_not_authorized_for_specified_publish_id"),
        (400, "invalid_publish_id"),
        (400, "invalid_param"),
    ]


async def test_a_slow_download_can_be_cancelled_and_nothing_else(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, shelf: Shelf
) -> None:
    await control.put("tiktok/settings", json={"download_s": 3600})
    body = photos_of(shelf.put("/a.jpg", picture()))
    pulled = data_of(await tiktok.post(PHOTO_INIT, json=body))["publish_id"]
    waiting = (await begun(tiktok))["publish_id"]

    done, too_late, never = [
        await tiktok.post(CANCEL, json={"publish_id": one})
        for one in (pulled, pulled, waiting)
    ]

    status = await status_of(tiktok, pulled)
    assert (done.status_code, set(done.json())) == (200, {"error"})
    assert code_of(done) == "ok"
    assert status["fail_reason"] == "publish_cancelled"
    assert [too_late.status_code, never.status_code] == [400, 400]


async def test_the_control_door_shows_all_of_a_post(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    publish_id = await posted(tiktok, brand_organic_toggle=True)
    await control.post("wait_idle")

    (shown,) = (await control.get("tiktok/posts")).json()

    assert shown["publish_id"] == publish_id
    assert (shown["username"], shown["source"]) == ("luna.vega", "FILE_UPLOAD")
    assert (shown["is_aigc"], shown["is_draft"]) == (True, False)
    assert shown["post_info"]["brand_organic_toggle"] is True
    assert shown["files"][0]["size_bytes"] == len(VIDEO)
    assert shown["job"] == "job-1"


async def test_without_a_marker_the_text_itself_is_the_job(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, providers: Providers
) -> None:
    await posted(tiktok, title="Luna by the sea")

    (effect,) = providers.journal("tiktok").effects()
    (shown,) = (await control.get("tiktok/posts")).json()
    assert effect.job == effect.prompt_sha256 == shown["text_sha256"]


async def _until_complete(control: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while (await control.get("tiktok/posts")).json()[0]["status"] != COMPLETE:
            pass


def _ids(status: dict[str, object]) -> list[object]:
    found = status["publicaly_available_post_id"]
    assert isinstance(found, list)
    return found
