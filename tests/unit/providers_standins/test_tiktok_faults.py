"""Faults of TikTok: what is lost where, and whether it happened all the same."""

import asyncio

import httpx
import pytest

from tests.stack.providers import Providers
from tests.unit.providers_standins.asking import as_object, script
from tests.unit.providers_standins.tiktok_asking import (
    PHOTO_INIT,
    STATUS,
    VIDEO_INIT,
    Shelf,
    begun,
    code_of,
    photos_of,
    picture,
    put_chunk,
    status_of,
    video_of,
)

pytestmark = pytest.mark.asyncio

VIDEO: dict[str, object] = {"provider": "tiktok", "call": "video.init"}
PHOTOS: dict[str, object] = {"provider": "tiktok", "call": "content.init"}
UPLOAD: dict[str, object] = {"provider": "tiktok", "call": "video.upload"}
SILENT: list[tuple[dict[str, object], bool]] = [
    ({"action": "before"}, False),
    ({"action": "hang", "seconds": 0}, False),
    ({"action": "after"}, True),
    ({"action": "hang_after", "seconds": 0}, True),
]
ANSWERED: list[tuple[dict[str, object], bool]] = [
    ({"action": "status", "status": 503}, False),
    ({"action": "rubbish_before"}, False),
    ({"action": "reply", "status": 200, "body": {"error": {"code": "ok"}}}, False),
    ({"action": "status_after", "status": 500}, True),
    ({"action": "rubbish"}, True),
    ({"action": "slow", "seconds": 0}, True),
    ({"action": "slow_after", "seconds": 0}, True),
]


@pytest.mark.parametrize(("fault", "happens"), SILENT)
async def test_an_init_may_be_lost_without_an_answer(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    fault: dict[str, object],
    happens: bool,  # noqa: FBT001 - parametrised
) -> None:
    await script(control, VIDEO | fault)

    with pytest.raises(httpx.TransportError):
        await tiktok.post(VIDEO_INIT, json=video_of())

    assert len((await control.get("tiktok/posts")).json()) == int(happens)


@pytest.mark.parametrize(("fault", "happens"), ANSWERED)
async def test_an_init_may_be_answered_wrongly(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    fault: dict[str, object],
    happens: bool,  # noqa: FBT001 - parametrised
) -> None:
    await script(control, VIDEO | fault)

    answer = await tiktok.post(VIDEO_INIT, json=video_of())

    assert answer.status_code == fault.get("status", 200)
    assert len((await control.get("tiktok/posts")).json()) == int(happens)


@pytest.mark.parametrize(("fault", "happens"), SILENT)
async def test_photos_may_be_out_though_nobody_was_told(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    shelf: Shelf,
    fault: dict[str, object],
    happens: bool,  # noqa: FBT001 - parametrised
) -> None:
    body = photos_of(shelf.put("/a.jpg", picture()))
    await script(control, PHOTOS | fault)

    with pytest.raises(httpx.TransportError):
        await tiktok.post(PHOTO_INIT, json=body)

    await control.post("wait_idle")
    posts = (await control.get("tiktok/posts")).json()
    assert [one["status"] for one in posts] == ["PUBLISH_COMPLETE"] * happens


async def test_photos_lost_after_their_init_are_counted_for_their_job(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    shelf: Shelf,
    providers: Providers,
) -> None:
    body = photos_of(shelf.put("/a.jpg", picture()))
    await script(control, PHOTOS | {"action": "after"})
    with pytest.raises(httpx.TransportError):
        await tiktok.post(PHOTO_INIT, json=body)

    await tiktok.post(PHOTO_INIT, json=body)

    journal = providers.journal("tiktok")
    first, second = journal.effects("content.init")
    assert (first.fault, first.status, second.fault) == ("after", None, None)
    assert journal.jobs() == {"job-1": 2}


@pytest.mark.parametrize(("fault", "happens"), SILENT)
async def test_an_upload_may_be_lost_and_its_place_be_found_again(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    fault: dict[str, object],
    happens: bool,  # noqa: FBT001 - parametrised
) -> None:
    data = await begun(tiktok)
    await script(control, UPLOAD | fault)

    with pytest.raises(httpx.TransportError):
        await put_chunk(tiktok, data["upload_url"])

    again = await put_chunk(tiktok, data["upload_url"])
    await control.post("wait_idle")
    status = await status_of(tiktok, data["publish_id"])
    assert again.status_code == (416 if happens else 201)
    assert status["status"] == "PUBLISH_COMPLETE"


@pytest.mark.parametrize(("fault", "happens"), ANSWERED)
async def test_an_upload_may_be_answered_wrongly(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    providers: Providers,
    fault: dict[str, object],
    happens: bool,  # noqa: FBT001 - parametrised
) -> None:
    data = await begun(tiktok)
    await script(control, UPLOAD | fault)

    answer = await put_chunk(tiktok, data["upload_url"])

    is_slow = str(fault["action"]).startswith("slow")
    expected = 201 if is_slow else fault.get("status", 200)
    assert answer.status_code == expected
    assert len(providers.journal("tiktok").effects("video.upload")) == int(happens)


async def test_the_upload_address_speaks_bare_http(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    data = await begun(tiktok)
    await script(control, UPLOAD | {"action": "status", "status": 502})

    answer = await put_chunk(tiktok, data["upload_url"])

    assert (answer.status_code, answer.content) == (502, b"")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "access_token_invalid"),
        (429, "rate_limit_exceeded"),
        (500, "internal_error"),
        (503, "internal_error"),
    ],
)
async def test_troubles_come_in_the_envelope(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, status: int, code: str
) -> None:
    await script(control, VIDEO | {"action": "status", "status": status})

    answer = await tiktok.post(VIDEO_INIT, json=video_of())

    assert (answer.status_code, code_of(answer)) == (status, code)
    assert answer.headers["x-tt-logid"]


async def test_troubles_of_the_token_endpoint_are_flat(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    rule = VIDEO | {"call": "oauth.token", "action": "status"}
    await script(control, rule | {"status": 503})

    answer = await tiktok.post("oauth/token/", data={})

    assert answer.status_code == 503
    assert set(answer.json()) == {"error", "error_description", "log_id"}


async def test_a_lost_refresh_has_spent_the_token(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, providers: Providers
) -> None:
    pair = (await control.post("tiktok/tokens", json={"username": "luna.vega"})).json()
    form = {
        "client_key": providers.tiktok_client_key,
        "client_secret": providers.tiktok_client_secret,
        "grant_type": "refresh_token",
        "refresh_token": pair["refresh_token"],
    }
    rule = VIDEO | {"call": "oauth.token", "action": "after"}
    await script(control, rule | {"match": "grant_type=refresh_token"})

    with pytest.raises(httpx.TransportError):
        await tiktok.post("oauth/token/", data=form)

    again = await tiktok.post("oauth/token/", data=form)
    assert again.json()["error"] == "invalid_grant"


async def test_one_post_can_be_struck_among_others(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    rule = VIDEO | {"action": "status", "status": 500, "match": "#vxjob-2"}
    await script(control, rule)
    titles = ("a #vxjob-1", "b #vxjob-2", "c #vxjob-2")

    answers = [
        await tiktok.post(VIDEO_INIT, json=video_of(title=title)) for title in titles
    ]

    assert [answer.status_code for answer in answers] == [200, 500, 200]


async def test_a_stranger_uses_up_no_fault(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    status = VIDEO | {"call": "status.fetch", "action": "before"}
    await script(control, status)
    guessed = {"authorization": "Bearer act.guessed"}

    await tiktok.post(STATUS, json={"publish_id": "x"}, headers=guessed)

    rules = as_object(await control.get("faults"))["rules"]
    assert rules == [status | {"seen": 0, "struck": 0}]


async def test_equal_uploads_at_once_are_one_post(
    tiktok: httpx.AsyncClient, providers: Providers
) -> None:
    data = await begun(tiktok)

    answers = await asyncio.gather(
        *(put_chunk(tiktok, data["upload_url"]) for _ in range(3))
    )

    assert sorted(one.status_code for one in answers) == [201, 416, 416]
    assert len(providers.journal("tiktok").effects()) == 1
