"""Containers at Instagram: what may become a post, and what is turned away."""

import pytest

from tests.unit.providers_standins.graph import Graph, its_id, refused
from tests.unit.providers_standins.host import picture

pytestmark = pytest.mark.asyncio

MB = 1024 * 1024
BAD = (100, None)


async def test_a_picture_becomes_a_container(graph: Graph) -> None:
    answer = await graph.make(
        image_url=graph.host.put("/a.jpg", picture()), caption="Luna #vxjob-1 here"
    )

    assert list(answer.json()) == ["id"]
    (told,) = (await graph.control.get("instagram/containers")).json()
    assert (told["job"], told["caption"]) == ("job-1", "Luna #vxjob-1 here")
    assert "access_token" not in told["asked"]
    assert await graph.status(its_id(answer)) == "FINISHED"


async def test_parameters_come_in_query_form_or_json(graph: Graph) -> None:
    url = graph.host.put("/a.jpg", picture())
    given = {"image_url": url, "is_ai_generated": True}

    answers = [
        await graph.client.post("me/media", params={"image_url": url}),
        await graph.client.post("me/media", data={"image_url": url}),
        await graph.client.post("me/media", json=given),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    told = (await graph.control.get("instagram/containers")).json()
    assert [one["is_ai_generated"] for one in told] == [False, False, True]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, (9004, 2207052)),
        (picture(kind="PNG"), (36001, 2207005)),
        (b"\xff\xd8\xffno picture", (36001, 2207005)),
        (picture() + bytes(8 * MB), (36000, 2207004)),
        (picture(320, 500), (36003, 2207009)),
        (picture(700, 320), (36003, 2207009)),
        (picture(319, 319), (36003, 2207009)),
        (picture(1441, 1441), (36003, 2207009)),
    ],
    ids=["gone", "png", "broken", "large", "tall", "broad", "narrow", "wide"],
)
async def test_a_picture_a_feed_cannot_show_is_refused(
    graph: Graph, content: bytes | None, expected: tuple[int, int]
) -> None:
    url = f"{graph.host.origin}/a.jpg"
    if content is not None:
        graph.host.put("/a.jpg", content)

    answer = await graph.make(image_url=url)

    assert refused(answer) == expected
    assert answer.json()["error"]["error_user_msg"]


@pytest.mark.parametrize(("width", "height"), [(320, 400), (1440, 754), (400, 400)])
async def test_a_picture_at_the_edge_is_taken(
    graph: Graph, width: int, height: int
) -> None:
    url = graph.host.put("/a.jpg", picture(width, height))

    assert (await graph.make(image_url=url)).status_code == 200


async def test_widths_can_be_left_to_the_platform(graph: Graph) -> None:
    await graph.set(strict_width=False)
    url = graph.host.put("/a.jpg", picture(1600, 1600))

    assert (await graph.make(image_url=url)).status_code == 200


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/a.jpg", "https://example.com/a.jpg", "file:///etc/x"]
)
async def test_an_address_out_of_reach_is_refused(graph: Graph, url: str) -> None:
    answer = await graph.make(image_url=url)

    assert refused(answer) == (9004, 2207052)


async def test_a_host_that_dawdles_is_given_up(graph: Graph) -> None:
    await graph.set(fetch_timeout_s=0.05)
    graph.host.slow.add("/a.jpg")

    answer = await graph.make(image_url=f"{graph.host.origin}/a.jpg")

    assert refused(answer) == (-2, 2207003)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"caption": "a" * 2200}, None),
        ({"caption": "a" * 2201}, (36004, 2207010)),
        ({"caption": "#a " * 30}, None),
        ({"caption": "#a " * 31}, BAD),
        ({"caption": "@a " * 20}, None),
        ({"caption": "@a " * 21}, BAD),
        ({"alt_text": "a" * 1000}, None),
        ({"alt_text": "a" * 1001}, BAD),
        ({"collaborators": '["a","b","c"]'}, None),
        ({"collaborators": "a,b,c,d"}, BAD),
        ({"children": "1,2"}, BAD),
        ({"media_type": "PAINTING"}, (100, 2207023)),
        ({"media_type": "VIDEO"}, BAD),
        ({"media_type": "REELS"}, BAD),
        ({"media_type": "IMAGE"}, None),
        ({"is_ai_generated": "perhaps"}, BAD),
        ({"video_url": "http://127.0.0.1:1/a.mp4"}, BAD),
        ({"cover_url": "http://127.0.0.1:1/a.jpg"}, BAD),
    ],
)
async def test_parameters_keep_their_limits(
    graph: Graph, more: dict[str, str], expected: tuple[int, int | None] | None
) -> None:
    url = graph.host.put("/a.jpg", picture())

    answer = await graph.make(image_url=url, **more)

    assert (refused(answer) if expected else answer.status_code) == (expected or 200)


async def test_limits_of_captions_can_be_those_reported(graph: Graph) -> None:
    await graph.set(most_hashtags=5, most_mentions=3)
    url = graph.host.put("/a.jpg", picture())

    answers = [
        await graph.make(image_url=url, caption=caption)
        for caption in ("#a " * 5 + "@b " * 3, "#a " * 6, "@b " * 4)
    ]

    assert [answer.status_code for answer in answers] == [200, 400, 400]


async def test_a_container_needs_a_file(graph: Graph) -> None:
    answer = await graph.make(caption="nothing to see")

    assert refused(answer) == BAD
    assert "image_url is required" in answer.json()["error"]["message"]


async def test_a_container_is_in_progress_for_a_while(graph: Graph) -> None:
    await graph.set(image_s=60)
    container = await graph.image()
    before = await graph.status(container)

    await graph.later(60)

    assert (before, await graph.status(container)) == ("IN_PROGRESS", "FINISHED")


async def test_a_container_expires_after_a_day(graph: Graph) -> None:
    container = await graph.image()
    await graph.later(24 * 3600)

    answer = await graph.client.get(
        container, params={"fields": "id,status_code,status"}
    )

    words = "Expired: Media has expired and can no longer be published."
    assert answer.json() == {
        "id": container,
        "status_code": "EXPIRED",
        "status": words,
    }


async def test_another_accounts_container_is_not_there(graph: Graph) -> None:
    container = await graph.image()
    token = await graph.control.post("instagram/tokens", json={"username": "b"})
    headers = {"authorization": f"Bearer {token.json()['access_token']}"}

    answer = await graph.client.get(container, headers=headers)

    assert refused(answer) == (100, 33)


async def test_containers_are_counted_over_a_day(graph: Graph) -> None:
    await graph.change(quotas={"containers": 1})
    await graph.image()
    url = graph.host.put("/a.jpg", picture())
    refusal = await graph.make(image_url=url)

    await graph.later(24 * 3600)

    assert refused(refusal) == (9, 2207042)
    assert (await graph.make(image_url=url)).status_code == 200
