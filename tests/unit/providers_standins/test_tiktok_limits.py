"""How often, and how much: sliding minutes, the day's posts, drafts and users."""

import httpx
import pytest

from tests.unit.providers_standins.tiktok_asking import (
    CREATOR_INFO,
    DRAFT_INIT,
    PHOTO_INIT,
    STATUS,
    VIDEO_INIT,
    begun,
    code_of,
    photos_of,
    posted,
    put_chunk,
    sent,
    token_for,
    video_of,
)

pytestmark = pytest.mark.asyncio

MINUTE = {"advance_s": 60}
DAY = {"advance_s": 86_400}


@pytest.mark.parametrize(
    ("path", "body", "most"),
    [
        (VIDEO_INIT, video_of(), 6),
        (PHOTO_INIT, photos_of("https://elsewhere.example/a.jpg"), 6),
        (CREATOR_INFO, {}, 20),
        (STATUS, {"publish_id": "v_pub_file~v2-1.1"}, 30),
    ],
)
async def test_a_user_has_so_many_calls_a_minute(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    path: str,
    body: dict[str, object],
    most: int,
) -> None:
    codes = [code_of(await tiktok.post(path, json=body)) for _ in range(most)]

    refused = await tiktok.post(path, json=body)

    stranger = await token_for(control, "nova.ray")
    other = await tiktok.post(path, json=body, headers=stranger)
    await control.post("clock", json=MINUTE)
    late = await tiktok.post(path, json=body, headers=await token_for(control, "x"))
    assert "rate_limit_exceeded" not in codes
    assert (refused.status_code, code_of(refused)) == (429, "rate_limit_exceeded")
    assert code_of(other) != "rate_limit_exceeded"
    assert code_of(late) != "rate_limit_exceeded"


async def test_a_minute_slides(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await control.put("tiktok/settings", json={"quotas": {"inits_a_minute": 1}})
    await tiktok.post(VIDEO_INIT, json=video_of())
    await control.post("clock", json={"advance_s": 58})
    early = await tiktok.post(VIDEO_INIT, json=video_of())

    await control.post("clock", json={"advance_s": 2})

    late = await tiktok.post(VIDEO_INIT, json=video_of())
    assert [code_of(early), code_of(late)] == ["rate_limit_exceeded", "ok"]


async def test_a_creator_has_so_many_posts_a_day(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    quotas = {"inits_a_minute": 100}
    await control.put("tiktok/settings", json={"quotas": quotas})
    for _ in range(15):
        await posted(tiktok)
    await control.post("wait_idle")

    refused = await tiktok.post(VIDEO_INIT, json=video_of())
    told = await tiktok.post(CREATOR_INFO)

    await control.post("clock", json=DAY)
    tomorrow = await token_for(control, "luna.vega")
    late = await tiktok.post(VIDEO_INIT, json=video_of(), headers=tomorrow)
    assert (refused.status_code, code_of(refused)) == (403, "spam_risk_too_many_posts")
    assert (told.status_code, code_of(told)) == (200, "spam_risk_too_many_posts")
    assert code_of(late) == "ok"


async def test_posts_begun_before_the_day_was_full_fail_in_their_processing(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    url = (await begun(tiktok))["upload_url"]
    await control.put("tiktok/settings", json={"quotas": {"posts_a_day": 1}})
    await posted(tiktok)
    await control.post("wait_idle")

    await put_chunk(tiktok, url)
    await control.post("wait_idle")

    first = (await control.get("tiktok/posts")).json()[0]
    assert (first["status"], first["fail_reason"]) == (
        "FAILED",
        "spam_risk_too_many_posts",
    )


async def test_an_inbox_holds_so_many_drafts_a_day(
    tiktok: httpx.AsyncClient,
) -> None:
    body = {"source_info": sent()}
    for _ in range(5):
        await tiktok.post(DRAFT_INIT, json=body)

    refused = await tiktok.post(DRAFT_INIT, json=body)

    code = "spam_risk_too_many_pending_share"
    assert (refused.status_code, code_of(refused)) == (403, code)


async def test_a_banned_creator_posts_nothing(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    luna = {"username": "luna.vega", "is_banned": True}
    await control.put("tiktok/creators", json=luna)

    refused = await tiktok.post(VIDEO_INIT, json=video_of())

    code = "spam_risk_user_banned_from_posting"
    assert (refused.status_code, code_of(refused)) == (403, code)


async def test_an_app_without_audit_has_so_many_users_a_day(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await control.put("tiktok/settings", json={"audited": False})
    codes = []

    for name in ("a", "b", "c", "d", "e", "f", "a"):
        creator = {"username": name, "is_private": True}
        await control.put("tiktok/creators", json=creator)
        whose = await token_for(control, name)
        body = video_of(privacy_level="SELF_ONLY")
        codes.append(code_of(await tiktok.post(VIDEO_INIT, json=body, headers=whose)))

    assert codes == [*["ok"] * 5, "reached_active_user_cap", "ok"]
