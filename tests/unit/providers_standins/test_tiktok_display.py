"""The Display API: who somebody is, and which videos everybody can see."""

import httpx
import pytest

from tests.unit.providers_standins.tiktok_asking import (
    PHOTO_INIT,
    Shelf,
    code_of,
    data_of,
    photos_of,
    picture,
    posted,
    token_for,
)

pytestmark = pytest.mark.asyncio

LIST = "video/list/?fields=id,title,view_count"
QUERY = "video/query/?fields=id,share_url"


@pytest.mark.parametrize(
    ("scope", "field", "code"),
    [
        ("user.info.basic", "open_id,display_name", "ok"),
        ("user.info.basic", "username", "scope_not_authorized"),
        ("user.info.profile", "username", "ok"),
        ("user.info.basic", "follower_count", "scope_not_authorized"),
        ("user.info.stats", "follower_count,video_count", "ok"),
        ("user.info.basic", "shoe_size", "invalid_params"),
        ("user.info.basic", "", "invalid_params"),
    ],
)
async def test_each_field_of_a_user_needs_its_scope(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    scope: str,
    field: str,
    code: str,
) -> None:
    tiktok.headers.update(await token_for(control, "luna.vega", scope))

    answer = await tiktok.get("user/info/", params={"fields": field})

    assert code_of(answer) == code
    if code == "ok":
        assert set(answer.json()["data"]["user"]) == set(field.split(","))


async def test_only_public_videos_are_listed(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, shelf: Shelf
) -> None:
    await posted(tiktok)
    await posted(tiktok, privacy_level="SELF_ONLY")
    body = photos_of(shelf.put("/a.jpg", picture()))
    await tiktok.post(PHOTO_INIT, json=body)
    await control.post("wait_idle")

    data = data_of(await tiktok.post(LIST, json={}))

    (post, *_) = (await control.get("tiktok/posts")).json()
    shown = {"id": str(post["post_ids"][0]), "title": "Luna #vxjob-1", "view_count": 0}
    assert (data["videos"], data["has_more"]) == ([shown], False)


async def test_videos_come_in_pages_newest_first(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    for name in ("a", "b", "c"):
        await posted(tiktok, title=name)
        await control.post("wait_idle")
        await control.post("clock", json={"advance_s": 1})

    first = data_of(await tiktok.post(LIST, json={"max_count": 2}))
    rest = data_of(await tiktok.post(LIST, json={"cursor": first["cursor"]}))

    assert [_titles(one) for one in (first, rest)] == [["c", "b"], ["a"]]
    assert (first["has_more"], rest["has_more"]) == (True, False)


async def test_videos_are_found_by_their_ids(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await posted(tiktok)
    await control.post("wait_idle")
    (post,) = (await control.get("tiktok/posts")).json()
    number = str(post["post_ids"][0])

    ids = {"filters": {"video_ids": [number, "7"]}}
    data = data_of(await tiktok.post(QUERY, json=ids))

    address = f"https://www.tiktok.com/@luna.vega/video/{number}"
    assert data == {"videos": [{"id": number, "share_url": address}]}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (LIST, {"max_count": 21}),
        ("video/list/", {}),
        ("video/list/?fields=id,secrets", {}),
        (QUERY, {"filters": {"video_ids": []}}),
        (QUERY, {"filters": {"video_ids": ["1"] * 21}}),
    ],
)
async def test_wrong_questions_are_refused(
    tiktok: httpx.AsyncClient, path: str, body: dict[str, object]
) -> None:
    answer = await tiktok.post(path, json=body)

    assert (answer.status_code, code_of(answer)) == (400, "invalid_params")


def _titles(data: dict[str, object]) -> list[str]:
    videos = data["videos"]
    assert isinstance(videos, list)
    return [video["title"] for video in videos]
