"""Sending a video in chunks: their order, their sizes, their answers."""

import httpx
import pytest

from tests.stack.providers import Providers
from tests.unit.providers_standins.tiktok_asking import (
    VIDEO,
    VIDEO_INIT,
    begun,
    data_of,
    put_chunk,
    sent,
    status_of,
    video_of,
)

pytestmark = pytest.mark.asyncio

CHUNK = 5_000_000
LONG = VIDEO + bytes(2 * CHUNK)


async def long_one(client: httpx.AsyncClient) -> dict[str, object]:
    """Begin a video of two chunks, the last of which is a little longer."""
    body = video_of() | {"source_info": sent(len(LONG), CHUNK)}
    return data_of(await client.post(VIDEO_INIT, json=body))


async def test_a_whole_video_is_the_effect(
    tiktok: httpx.AsyncClient, providers: Providers
) -> None:
    data = await begun(tiktok)
    del tiktok.headers["authorization"]

    answer = await put_chunk(tiktok, data["upload_url"])

    (effect,) = providers.journal("tiktok").effects()
    assert (answer.status_code, answer.content) == (201, b"")
    assert (effect.call, effect.id) == ("video.upload", data["publish_id"])
    assert effect.job == "job-1"


async def test_a_long_video_comes_in_chunks(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, providers: Providers
) -> None:
    data, total = await long_one(tiktok), len(LONG)
    url = data["upload_url"]

    first = await put_chunk(tiktok, url, LONG[:CHUNK], total=total)
    half = await status_of(tiktok, data["publish_id"])
    last = await put_chunk(tiktok, url, LONG[CHUNK:], first=CHUNK, total=total)

    await control.post("wait_idle")
    assert (first.status_code, last.status_code) == (206, 201)
    assert first.headers["content-range"] == f"bytes 0-{CHUNK - 1}/{total}"
    assert (half["status"], half["uploaded_bytes"]) == ("PROCESSING_UPLOAD", CHUNK)
    assert len(providers.journal("tiktok").effects()) == 1
    whole = await status_of(tiktok, data["publish_id"])
    assert whole["status"] == "PUBLISH_COMPLETE"


@pytest.mark.parametrize(
    ("start", "came"), [(CHUNK, f"bytes */{len(LONG)}"), (1, f"bytes */{len(LONG)}")]
)
async def test_chunks_come_in_their_order(
    tiktok: httpx.AsyncClient, start: int, came: str
) -> None:
    url = (await long_one(tiktok))["upload_url"]
    chunk = LONG[start : start + CHUNK]

    answer = await put_chunk(tiktok, url, chunk, first=start, total=len(LONG))

    assert (answer.status_code, answer.headers["content-range"]) == (416, came)


async def test_a_chunk_sent_again_is_told_its_place(tiktok: httpx.AsyncClient) -> None:
    data = await begun(tiktok)
    await put_chunk(tiktok, data["upload_url"])

    again = await put_chunk(tiktok, data["upload_url"])

    size = len(VIDEO)
    assert again.status_code == 416
    assert again.headers["content-range"] == f"bytes 0-{size - 1}/{size}"


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/octet-stream"},
        {"content-range": "bytes 0-3999"},
        {"content-range": f"bytes 0-{len(VIDEO) - 2}/{len(VIDEO)}"},
        {"content-range": f"bytes 0-{len(VIDEO) - 1}/{len(VIDEO) + 1}"},
    ],
)
async def test_headers_must_fit_the_bytes(
    tiktok: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    url = str((await begun(tiktok))["upload_url"])
    place = f"bytes 0-{len(VIDEO) - 1}/{len(VIDEO)}"
    right = {"content-type": "video/mp4", "content-range": place}

    answer = await tiktok.put(url, content=VIDEO, headers=right | headers)

    assert (answer.status_code, answer.content) == (400, b"")


async def test_a_chunk_has_the_size_that_was_told(tiktok: httpx.AsyncClient) -> None:
    url = (await long_one(tiktok))["upload_url"]

    answer = await put_chunk(tiktok, url, LONG[: CHUNK - 1], total=len(LONG))

    assert answer.status_code == 400


async def test_the_address_dies_after_an_hour(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    url = (await begun(tiktok))["upload_url"]
    await control.post("clock", json={"advance_s": 3600})

    answer = await put_chunk(tiktok, url)

    assert answer.status_code == 403


@pytest.mark.parametrize("cut", ["upload_id=", "upload_token="])
async def test_an_address_cannot_be_guessed(
    tiktok: httpx.AsyncClient, cut: str
) -> None:
    url = str((await begun(tiktok))["upload_url"])

    answer = await put_chunk(tiktok, url.replace(cut, f"{cut}1"))

    assert answer.status_code == 404


async def test_nothing_is_sent_to_a_post_that_failed(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    data = await begun(tiktok)
    fate = {"publish_id": data["publish_id"]}
    await control.post("tiktok/posts/fail", json=fate)

    answer = await put_chunk(tiktok, data["upload_url"])

    assert answer.status_code == 404
