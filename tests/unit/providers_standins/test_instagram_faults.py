"""Faults at Instagram: what the caller sees, and whether a post is there or not."""

import asyncio

import httpx
import pytest

from tests.stack.providers import Journal, Providers
from tests.unit.providers_standins.asking import script
from tests.unit.providers_standins.graph import Graph, refused

pytestmark = pytest.mark.asyncio

PUBLISH: dict[str, object] = {"provider": "instagram", "call": "media_publish"}
MAKE: dict[str, object] = {"provider": "instagram", "call": "media.create"}
IMPATIENT = httpx.Timeout(60, read=1)


@pytest.fixture
def journal(providers: Providers) -> Journal:
    return providers.journal("instagram")


@pytest.mark.parametrize(
    ("action", "posts"), [("before", 0), ("after", 1), ("hang", 0), ("hang_after", 1)]
)
async def test_without_an_answer_the_container_tells_whether_it_is_published(
    graph: Graph, journal: Journal, action: str, posts: int
) -> None:
    container = await graph.image(caption="#vxjob-1")
    await script(graph.control, PUBLISH | {"action": action})

    with pytest.raises(httpx.TransportError):
        await graph.client.post(
            "me/media_publish", data={"creation_id": container}, timeout=IMPATIENT
        )

    (entry,) = journal.entries("media_publish")
    assert (entry.status, entry.fault) == (None, action)
    assert len(await graph.posts()) == journal.jobs()["job-1"] == posts
    expected = "PUBLISHED" if posts else "FINISHED"
    assert await graph.status(container) == expected


@pytest.mark.parametrize("action", ["slow", "slow_after"])
async def test_a_slow_publish_takes_its_seconds(graph: Graph, action: str) -> None:
    container = await graph.image()
    await script(graph.control, PUBLISH | {"action": action, "seconds": 0.1})
    began = asyncio.get_running_loop().time()

    answer = await graph.publish(container)

    assert answer.status_code == 200
    assert asyncio.get_running_loop().time() - began >= 0.1


@pytest.mark.parametrize(("action", "posts"), [("status", 0), ("status_after", 1)])
async def test_an_error_answer_may_hide_a_post(
    graph: Graph, action: str, posts: int
) -> None:
    container = await graph.image()
    await script(graph.control, PUBLISH | {"action": action, "status": 500})

    answer = await graph.publish(container)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["is_transient"]) == (500, 2, True)
    assert "retry-after" not in answer.headers
    assert len(await graph.posts()) == posts


@pytest.mark.parametrize(("status", "code"), [(401, 190), (403, 10), (429, 4)])
async def test_an_error_is_worded_in_metas_envelope(
    graph: Graph, status: int, code: int
) -> None:
    container = await graph.image()
    rule = PUBLISH | {"action": "status", "status": status, "retry_after": 7}
    await script(graph.control, rule)

    answer = await graph.publish(container)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.headers["retry-after"] == "7"
    assert "x-app-usage" in answer.headers


@pytest.mark.parametrize(("action", "posts"), [("rubbish", 1), ("rubbish_before", 0)])
async def test_rubbish_is_a_200_nobody_can_read(
    graph: Graph, action: str, posts: int
) -> None:
    container = await graph.image()
    await script(graph.control, PUBLISH | {"action": action})

    answer = await graph.publish(container)

    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Unterminated"):
        answer.json()
    assert len(await graph.posts()) == posts


async def test_a_reply_says_anything_and_nothing_happens(
    graph: Graph, journal: Journal
) -> None:
    container = await graph.image()
    error = {"error": {"message": "Hm", "code": -1, "error_subcode": 2207001}}
    await script(
        graph.control, PUBLISH | {"action": "reply", "status": 400, "body": error}
    )

    answer = await graph.publish(container)

    assert refused(answer) == (-1, 2207001)
    assert journal.effects() == []


@pytest.mark.parametrize(("error", "code"), [("2207053", 2207053), (None, 2207032)])
async def test_a_container_can_fail(graph: Graph, error: str | None, code: int) -> None:
    await script(graph.control, MAKE | {"action": "fail", "error": error})
    container = await graph.image()

    answer = await graph.client.get(container, params={"fields": "status_code,status"})

    assert answer.json()["status_code"] == "ERROR"
    assert answer.json()["status"].endswith(str(code))


async def test_a_container_can_stay_in_progress(graph: Graph) -> None:
    await script(graph.control, MAKE | {"action": "stuck"})
    container = await graph.image()

    await graph.later(3600)

    assert await graph.status(container) == "IN_PROGRESS"


async def test_a_container_made_without_an_answer_is_harmless(
    graph: Graph, journal: Journal
) -> None:
    await script(graph.control, MAKE | {"action": "after"})

    with pytest.raises(httpx.TransportError):
        await graph.image(caption="#vxjob-1")

    (entry,) = journal.entries("media.create")
    assert (entry.outcome, entry.job) == ("read", "job-1")
    assert journal.effects() == []


@pytest.mark.parametrize(
    ("call", "path"),
    [
        ("accounts.get", "me"),
        ("accounts.limit", "me/content_publishing_limit"),
        ("media.list", "me/media"),
        ("media.get", "18050000000000000"),
        ("media.status", "17880000000000000"),
        ("comments.get", "17860000000000000"),
        ("subscriptions.get", "me/subscribed_apps"),
    ],
)
async def test_each_read_fails_by_its_name(graph: Graph, call: str, path: str) -> None:
    rule = {"provider": "instagram", "call": call, "action": "status", "status": 503}
    await script(graph.control, rule)

    answer = await graph.client.get(path)

    assert answer.status_code == 503


async def test_a_match_strikes_one_post_among_many(graph: Graph) -> None:
    containers = [await graph.image() for _ in range(3)]
    rule = PUBLISH | {"action": "status", "status": 500, "match": containers[1]}
    await script(graph.control, rule)

    answers = [await graph.publish(container) for container in containers]

    assert [answer.status_code for answer in answers] == [200, 500, 200]


async def test_a_stranger_uses_up_no_fault(graph: Graph) -> None:
    container = await graph.image()
    await script(graph.control, PUBLISH | {"action": "status", "status": 500})
    await graph.client.post(
        "me/media_publish", headers={"authorization": "Bearer IGAAno"}
    )

    answer = await graph.publish(container)

    assert answer.status_code == 500
