"""Reels, stories and carousels at Instagram: each by its own rules."""

import httpx
import pytest

from tests.unit.providers_standins.graph import Graph, its_id, refused
from tests.unit.providers_standins.host import film, picture

pytestmark = pytest.mark.asyncio

BAD = (100, None)


async def test_a_reel_is_a_video(graph: Graph) -> None:
    cover = graph.host.put("/cover.jpg", picture())

    reel = await graph.reel(cover_url=cover, thumb_offset=4999, share_to_feed=True)

    assert await graph.status(reel) == "FINISHED"


@pytest.mark.parametrize(
    "content",
    [
        b"no film",
        film(seconds=2),
        film(seconds=901),
        film(width=1921),
        film(codec=b"vp09"),
        film(moov_first=False),
    ],
    ids=["rubbish", "short", "long", "wide", "vp9", "moov last"],
)
async def test_a_bad_video_fails_while_it_is_processed(
    graph: Graph, content: bytes
) -> None:
    url = graph.host.put("/bad.mp4", content)
    container = its_id(await graph.make(media_type="REELS", video_url=url))

    answer = await graph.client.get(container, params={"fields": "status_code,status"})

    assert answer.json()["status_code"] == "ERROR"
    assert answer.json()["status"].endswith("error code 2207026")


async def test_videos_need_not_be_looked_at(graph: Graph) -> None:
    await graph.set(strict_videos=False)
    url = graph.host.put("/bad.mp4", b"no film")

    container = its_id(await graph.make(media_type="REELS", video_url=url))

    assert await graph.status(container) == "FINISHED"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"thumb_offset": "5000"}, (1, 2207057)),
        ({"thumb_offset": "-1"}, (1, 2207057)),
        ({"thumb_offset": "soon"}, BAD),
        ({"alt_text": "a film"}, BAD),
        ({"cover_url": "http://127.0.0.1:1/a.jpg"}, (9004, 2207052)),
    ],
)
async def test_a_reel_keeps_its_rules(
    graph: Graph, more: dict[str, str], expected: tuple[int, int | None]
) -> None:
    url = graph.host.put("/a.mp4", film())

    answer = await graph.make(media_type="REELS", video_url=url, **more)

    assert refused(answer) == expected


async def test_a_story_is_a_picture_of_any_shape_or_a_short_video(graph: Graph) -> None:
    tall = graph.host.put("/a.jpg", picture(360, 640))
    long = graph.host.put("/a.mp4", film(seconds=61))

    story = its_id(await graph.make(media_type="STORIES", image_url=tall))
    video = its_id(await graph.make(media_type="STORIES", video_url=long))
    both = await graph.make(media_type="STORIES", image_url=tall, video_url=long)

    assert await graph.status(story) == "FINISHED"
    assert await graph.status(video) == "ERROR"
    assert refused(both) == BAD


async def test_a_carousel_is_made_of_its_children(graph: Graph) -> None:
    video = graph.host.put("/a.mp4", film())
    children = [
        await graph.image(is_carousel_item=True, alt_text="first"),
        its_id(
            await graph.make(media_type="VIDEO", video_url=video, is_carousel_item=True)
        ),
    ]

    answer = await carousel(graph, children, caption="Both", is_ai_generated="true")

    assert await graph.status(its_id(answer)) == "FINISHED"


@pytest.mark.parametrize("count", [1, 11])
async def test_a_carousel_has_two_to_ten_children(graph: Graph, count: int) -> None:
    child = await graph.image(is_carousel_item=True)

    answer = await carousel(graph, [child] * count)

    assert refused(answer) == (100, 2207028)


@pytest.mark.parametrize(
    "more",
    [
        {"is_ai_generated": True},
        {"is_ai_generated": False},
        {"caption": "mine"},
        {"collaborators": "a"},
    ],
)
async def test_a_child_leaves_to_its_parent_what_is_the_parents(
    graph: Graph, more: dict[str, object]
) -> None:
    url = graph.host.put("/a.jpg", picture())

    answer = await graph.make(image_url=url, is_carousel_item=True, **more)

    assert refused(answer) == BAD


async def test_a_child_is_no_reel(graph: Graph) -> None:
    url = graph.host.put("/a.mp4", film())

    answer = await graph.make(media_type="REELS", video_url=url, is_carousel_item=True)

    assert refused(answer) == (100, 2207023)


async def test_a_carousels_children_must_be_children_and_alive(graph: Graph) -> None:
    child = await graph.image(is_carousel_item=True)
    alone = await graph.image()
    bad = graph.host.put("/bad.mp4", b"no film")
    failing = its_id(
        await graph.make(media_type="VIDEO", video_url=bad, is_carousel_item=True)
    )

    answers = [await carousel(graph, [child, one]) for one in (alone, "1", failing)]
    await graph.later(24 * 3600)
    answers.append(await carousel(graph, [child, child]))

    gone = (24, 2207006)
    assert [refused(answer) for answer in answers] == [
        gone,
        gone,
        (-1, 2207032),
        (-2, 2207020),
    ]


async def test_a_carousel_waits_for_its_children(graph: Graph) -> None:
    await graph.set(image_s=60)
    child = await graph.image(is_carousel_item=True)
    await graph.set(image_s=0)
    parent = its_id(await carousel(graph, [child, child]))
    before = await graph.status(parent)

    await graph.later(60)

    assert (before, await graph.status(parent)) == ("IN_PROGRESS", "FINISHED")


async def carousel(graph: Graph, children: list[str], **more: str) -> httpx.Response:
    return await graph.make(media_type="CAROUSEL", children=",".join(children), **more)
