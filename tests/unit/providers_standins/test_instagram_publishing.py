"""Publishing at Instagram: once, within the quota, and what can be read afterwards."""

import hashlib

import pytest

from tests.stack.providers import Journal, Providers
from tests.unit.providers_standins.graph import (
    USER,
    Graph,
    its_id,
    refused,
    token_of,
)
from tests.unit.providers_standins.host import film, picture

pytestmark = pytest.mark.asyncio

FIELDS = (
    "id,permalink,media_type,media_product_type,timestamp,is_ai_generated,caption,"
    "alt_text,username,children{id,media_type},comments_count"
)


@pytest.fixture
def journal(providers: Providers) -> Journal:
    return providers.journal("instagram")


async def test_a_picture_is_published_and_read_back(graph: Graph) -> None:
    container = await graph.image(
        caption="Caf\u00e9 #vxpost-7 \u2600", alt_text="Pink", is_ai_generated=True
    )

    post = its_id(await graph.publish(container))

    shown = (await graph.client.get(post, params={"fields": FIELDS})).json()
    assert shown["id"] == post != container
    assert shown["permalink"].startswith("https://www.instagram.com/p/")
    assert (shown["media_type"], shown["media_product_type"]) == ("IMAGE", "FEED")
    assert (shown["is_ai_generated"], shown["username"]) == (True, USER)
    assert (shown["caption"], shown["alt_text"]) == (
        "Caf\u00e9 #vxpost-7 \u2600",
        "Pink",
    )
    assert shown["timestamp"].endswith("+0000")
    assert await graph.status(container) == "PUBLISHED"


async def test_a_post_is_the_effect_and_is_found_by_its_marker(
    graph: Graph, journal: Journal
) -> None:
    post = await graph.post(caption="Sun #vxpost-7 and sand")

    (effect,) = journal.effects()
    assert (effect.call, effect.id, effect.job) == ("media_publish", post, "post-7")
    assert journal.jobs("media_publish") == {"post-7": 1}
    assert [entry.job for entry in journal.entries("media.create")] == ["post-7"]


async def test_without_a_marker_the_captions_digest_tells(
    graph: Graph, journal: Journal
) -> None:
    await graph.post(caption="Caf\u00e9")

    digest = hashlib.sha256("Caf\u00e9".encode()).hexdigest()
    assert journal.jobs() == {digest: 1}


async def test_a_reel_and_a_story_read_back_as_what_they_are(graph: Graph) -> None:
    url = graph.host.put("/a.jpg", picture(360, 640))
    story = its_id(await graph.make(media_type="STORIES", image_url=url))

    posts = [its_id(await graph.publish(one)) for one in (await graph.reel(), story)]

    shown = [
        (await graph.client.get(post, params={"fields": FIELDS})).json()
        for post in posts
    ]
    kinds = [(one["media_type"], one["media_product_type"]) for one in shown]
    assert kinds == [("VIDEO", "REELS"), ("IMAGE", "STORY")]
    assert "/reel/" in shown[0]["permalink"]
    assert "/stories/" in shown[1]["permalink"]


async def test_a_carousel_is_one_post_with_its_children(graph: Graph) -> None:
    children = [await graph.image(is_carousel_item=True) for _ in range(3)]
    parent = its_id(
        await graph.make(
            media_type="CAROUSEL", children=",".join(children), is_ai_generated=True
        )
    )

    post = its_id(await graph.publish(parent))

    shown = (await graph.client.get(post, params={"fields": FIELDS})).json()
    assert (shown["media_type"], shown["is_ai_generated"]) == ("CAROUSEL_ALBUM", True)
    assert [one["id"] for one in shown["children"]["data"]] == children
    limit = await graph.client.get("me/content_publishing_limit")
    assert limit.json()["data"][0]["quota_usage"] == 1
    assert await graph.status(children[0]) == "PUBLISHED"


async def test_what_is_not_ready_is_not_published(graph: Graph) -> None:
    await graph.set(image_s=60)

    answer = await graph.publish(await graph.image())

    assert refused(answer) == (9007, 2207027)
    assert await graph.posts() == []


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("not_found", (24, 2207006)), ("not_ready", (9007, 2207027))],
)
async def test_a_container_is_published_once(
    graph: Graph, setting: str, expected: tuple[int, int]
) -> None:
    await graph.set(published_twice=setting)
    container = await graph.image()
    await graph.publish(container)

    again = await graph.publish(container)

    assert refused(again) == expected
    assert len(await graph.posts()) == 1


async def test_a_failed_or_expired_container_is_not_published(graph: Graph) -> None:
    url = graph.host.put("/bad.mp4", b"no film")
    failed = its_id(await graph.make(media_type="REELS", video_url=url))
    late = await graph.image()
    refusals = [await graph.publish(failed)]
    await graph.control.post("instagram/containers/expire", json={"id": late})

    refusals.append(await graph.publish(late))

    found = [refused(answer) for answer in refusals]
    assert found == [(-1, 2207032), (-2, 2207020)]


async def test_a_child_or_a_strangers_container_is_not_published(graph: Graph) -> None:
    child = await graph.image(is_carousel_item=True)
    container = await graph.image()
    other = {"authorization": f"Bearer {await token_of(graph.control, 'b')}"}

    answers = [
        await graph.publish(child),
        await graph.publish("17880000000000000"),
        await graph.client.post(
            "me/media_publish", data={"creation_id": container}, headers=other
        ),
        await graph.client.post("me/media_publish"),
    ]

    gone = (24, 2207006)
    assert [refused(one) for one in answers] == [(100, None), gone, gone, (100, None)]


async def test_the_quota_holds_for_a_rolling_day(graph: Graph) -> None:
    await graph.change(quotas={"posts": 2})
    await graph.post()
    await graph.later(3600)
    await graph.post()
    third = await graph.image()
    refusal = await graph.publish(third)

    await graph.later(23 * 3600)

    assert refused(refusal) == (9, 2207042)
    assert (await graph.publish(third)).status_code == 200
    assert refused(await graph.publish(await graph.image())) == (9, 2207042)


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        ("restricted", (25, 2207050)),
        ("blocked", (368, None)),
        ("spam", (4, 2207051)),
    ],
)
async def test_an_account_out_of_favour_publishes_nothing(
    graph: Graph, standing: str, expected: tuple[int, int | None]
) -> None:
    container = await graph.image()
    await graph.change(standing=standing)

    answer = await graph.publish(container)

    assert refused(answer) == expected
    await graph.change(standing="good")
    assert (await graph.publish(container)).status_code == 200


async def test_publishing_needs_its_permission(graph: Graph) -> None:
    token = await token_of(graph.control, permissions=["instagram_business_basic"])
    headers = {"authorization": f"Bearer {token}"}

    answers = [
        await graph.client.post(path, headers=headers)
        for path in ("me/media", "me/media_publish")
    ]

    assert [refused(answer) for answer in answers] == [(10, None), (10, None)]


async def test_a_deleted_post_is_gone_and_still_counts(
    graph: Graph, journal: Journal
) -> None:
    post = await graph.post()

    answer = await graph.client.delete(post)

    assert answer.json() == {"success": True, "deleted_id": post}
    assert refused(await graph.client.get(post)) == (100, 33)
    assert refused(await graph.client.delete(post)) == (100, 33)
    assert len(journal.effects("media.delete")) == 1
    limit = await graph.client.get("me/content_publishing_limit")
    assert limit.json()["data"][0]["quota_usage"] == 1


async def test_deleting_can_be_unsupported(graph: Graph) -> None:
    await graph.set(can_delete=False)
    post = await graph.post()

    answer = await graph.client.delete(post)

    assert refused(answer) == (100, None)
    assert (await graph.client.get(post)).status_code == 200


async def test_posts_are_listed_newest_first_in_pages(graph: Graph) -> None:
    posts = [await graph.post(caption=f"No. {n}") for n in range(3)]
    query = {"fields": "id,caption", "limit": "2"}

    first = (await graph.client.get("me/media", params=query)).json()
    second = (await graph.client.get(first["paging"]["next"])).json()

    listed = [one["id"] for one in first["data"] + second["data"]]
    assert listed == posts[::-1]
    assert second["data"][0]["caption"] == "No. 0"
    assert "next" not in second["paging"]


async def test_stories_are_not_among_the_posts(graph: Graph) -> None:
    url = graph.host.put("/a.jpg", picture())
    story = its_id(await graph.make(media_type="STORIES", image_url=url))
    await graph.publish(story)

    listed = (await graph.client.get("me/media")).json()

    assert listed == {"data": []}


async def test_another_accounts_post_is_not_there(graph: Graph) -> None:
    post = await graph.post()
    other = {"authorization": f"Bearer {await token_of(graph.control, 'b')}"}

    answer = await graph.client.get(post, headers=other)

    assert refused(answer) == (100, 33)


async def test_the_control_door_tells_all_of_a_post(graph: Graph) -> None:
    container = await graph.reel(caption="Moves #vxr-1", is_ai_generated=True)
    post = its_id(await graph.publish(container))

    (told,) = await graph.posts()

    assert (told["id"], told["container_id"], told["job"]) == (post, container, "r-1")
    assert isinstance(told["files"], list)
    assert told["files"][0]["sha256"] == hashlib.sha256(film()).hexdigest()
    assert isinstance(told["asked"], dict)
    assert told["asked"]["is_ai_generated"] == "true"
    assert (told["username"], told["deleted_at"]) == (USER, None)
