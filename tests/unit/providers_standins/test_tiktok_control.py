"""The control doors of TikTok's stand-in."""

import httpx
import pytest

from tests.unit.providers_standins.tiktok_asking import (
    VIDEO_INIT,
    begun,
    code_of,
    posted,
    status_of,
    video_of,
)

pytestmark = pytest.mark.asyncio

ME = "user/info/?fields=open_id"


@pytest.mark.parametrize(
    ("method", "path", "body", "reason"),
    [
        ("PUT", "settings", {"audit": True}, "audit: Extra inputs"),
        ("PUT", "settings", [1], "settings are an object"),
        ("PUT", "settings", {"quotas": {"posts": 1}}, "quotas.posts: Extra inputs"),
        ("PUT", "creators", {"is_private": True}, "username: Field required"),
        ("POST", "tokens", {}, "username: Field required"),
        ("POST", "tokens/expire", {"kind": "both"}, "kind: Input should be"),
        ("POST", "authorizations/remove", {"username": "x", "reason": 6}, "reason: "),
        ("POST", "posts/fail", {"publish_id": "x"}, "no such publish_id"),
        ("POST", "misfortunes", {"reason": ""}, "reason: String should"),
        ("POST", "events", {"username": "x"}, "event: Field required"),
    ],
)
async def test_what_is_not_understood_is_refused_with_the_reason(
    control: httpx.AsyncClient, method: str, path: str, body: object, reason: str
) -> None:
    answer = await control.request(method, f"tiktok/{path}", json=body)

    assert answer.status_code == 400
    assert reason in answer.json()["error"]


async def test_settings_and_quotas_not_named_stay(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await control.put("tiktok/settings", json={"quotas": {"posts_a_day": 2}})

    answer = await control.put(
        "tiktok/settings", json={"quotas": {"inits_a_minute": 1}}
    )

    settings = answer.json()
    assert settings["processing_s"] == 0
    assert settings["quotas"]["posts_a_day"] == 2
    assert settings["quotas"]["inits_a_minute"] == 1
    assert settings["quotas"]["statuses_a_minute"] == 30


@pytest.mark.parametrize(
    ("order", "ended", "status"),
    [
        ({}, 1, 401),
        ({"username": "luna.vega", "kind": "all"}, 2, 401),
        ({"kind": "refresh"}, 1, 200),
        ({"username": "nova.ray"}, 0, 200),
    ],
)
async def test_tokens_can_be_let_expire(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    order: dict[str, str],
    ended: int,
    status: int,
) -> None:
    answer = await control.post("tiktok/tokens/expire", json=order)

    assert answer.json() == {"expired": ended}
    assert (await tiktok.get(ME)).status_code == status


async def test_creators_can_be_changed_and_are_shown(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    luna = {"username": "luna.vega", "duet_disabled": True}
    await control.put("tiktok/creators", json=luna)
    await control.put("tiktok/creators", json={"username": "luna.vega"})

    info = (await tiktok.post("post/publish/creator_info/query/")).json()["data"]

    (shown,) = (await control.get("tiktok/creators")).json()
    assert info["duet_disabled"] is True
    assert (shown["username"], shown["duet_disabled"]) == ("luna.vega", True)


async def test_moderation_can_be_left_to_the_test(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await control.put("tiktok/settings", json={"moderates": False})
    publish_id = await posted(tiktok)
    await control.post("wait_idle")
    before = await status_of(tiktok, publish_id)

    fate = {"publish_id": publish_id}
    answers = [await control.post("tiktok/posts/approve", json=fate) for _ in range(2)]

    after = await status_of(tiktok, publish_id)
    assert before["publicaly_available_post_id"] == []
    assert after["publicaly_available_post_id"] == answers[1].json()["post_ids"]


@pytest.mark.parametrize("door", ["approve", "take_down", "post_draft"])
async def test_what_cannot_happen_to_a_post_is_refused(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, door: str
) -> None:
    fate = {"publish_id": (await begun(tiktok))["publish_id"]}

    answer = await control.post(f"tiktok/posts/{door}", json=fate)

    assert answer.status_code == 400


async def test_a_post_fails_once(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    fate = {"publish_id": (await begun(tiktok))["publish_id"]}

    answers = [await control.post("tiktok/posts/fail", json=fate) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 400]
    assert answers[0].json()["fail_reason"] == "spam_risk"


async def test_misfortunes_are_shown_and_taken_back(control: httpx.AsyncClient) -> None:
    await control.post("tiktok/misfortunes", json={"reason": "internal"})

    shown = (await control.get("tiktok/misfortunes")).json()
    left = (await control.delete("tiktok/misfortunes")).json()

    assert [one["reason"] for one in shown] == ["internal"]
    assert left == []


async def test_a_reset_forgets_everybody_and_takes_back_all_settings(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await posted(tiktok)
    await control.put("tiktok/settings", json={"audited": False})

    await control.post("reset")

    assert (await control.get("tiktok/posts")).json() == []
    assert (await control.get("tiktok/settings")).json()["audited"] is True
    assert (await tiktok.get(ME)).status_code == 401


async def test_unknown_paths_are_answered_in_the_envelope(
    tiktok: httpx.AsyncClient,
) -> None:
    without_slash = VIDEO_INIT.removesuffix("/")

    answer = await tiktok.post(without_slash, json=video_of())

    assert (answer.status_code, code_of(answer)) == (404, "path_not_found")
