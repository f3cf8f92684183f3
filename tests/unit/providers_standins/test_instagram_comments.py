"""Comments at Instagram: read, written, answered, hidden and taken away."""

import pytest

from tests.stack.providers import Providers
from tests.unit.providers_standins.graph import Graph, its_id, refused, token_of

pytestmark = pytest.mark.asyncio

FIELDS = "id,text,username,from,parent_id,hidden,replies{id,text}"


async def written_by_a_fan(graph: Graph, post: str, text: str = "Wow") -> str:
    await graph.set(webhook_url="http://127.0.0.1:1/nobody")
    update = {"kind": "comment", "post_id": post, "text": text}
    answer = await graph.control.post("instagram/updates", json={"updates": [update]})
    return str(answer.json()["values"][0]["id"])


async def test_comments_are_read_with_their_replies(graph: Graph) -> None:
    post = await graph.post()
    comment = await written_by_a_fan(graph, post)
    reply = its_id(
        await graph.client.post(f"{comment}/replies", data={"message": "Thanks"})
    )

    listed = (
        await graph.client.get(f"{post}/comments", params={"fields": FIELDS})
    ).json()

    (shown,) = listed["data"]
    assert (shown["id"], shown["text"], shown["username"]) == (
        comment,
        "Wow",
        "fan_one",
    )
    assert shown["replies"]["data"] == [{"id": reply, "text": "Thanks"}]
    assert shown["hidden"] is False
    replies = (await graph.client.get(f"{comment}/replies")).json()
    assert [one["id"] for one in replies["data"]] == [reply]


async def test_an_answer_is_an_effect(graph: Graph, providers: Providers) -> None:
    post = await graph.post()

    comment = its_id(
        await graph.client.post(f"{post}/comments", json={"message": "Hi #vxc-1"})
    )

    (effect,) = providers.journal("instagram").effects("comments.create")
    assert (effect.id, effect.job) == (comment, "c-1")
    shown = await graph.client.get(post, params={"fields": "comments_count"})
    assert shown.json()["comments_count"] == 1


async def test_a_reply_to_a_reply_goes_below_the_comment(graph: Graph) -> None:
    comment = await written_by_a_fan(graph, await graph.post())
    path = f"{comment}/replies"
    reply = its_id(await graph.client.post(path, data={"message": "Thanks"}))

    second = its_id(
        await graph.client.post(f"{reply}/replies", data={"message": "And you?"})
    )

    shown = await graph.client.get(second, params={"fields": "parent_id"})
    assert shown.json()["parent_id"] == comment


@pytest.mark.parametrize(
    "message", ["", "a" * 301, "#a #b #c #d #e", "http://a http://b", "LOUD"]
)
async def test_a_comment_keeps_its_limits(graph: Graph, message: str) -> None:
    post = await graph.post()

    answer = await graph.client.post(f"{post}/comments", data={"message": message})

    assert refused(answer) == (100, None)


async def test_a_comment_is_hidden_and_shown(graph: Graph) -> None:
    comment = await written_by_a_fan(graph, await graph.post())

    answers = []
    for wish in ("true", "false"):
        await graph.client.post(comment, params={"hide": wish})
        shown = await graph.client.get(comment, params={"fields": "hidden"})
        answers.append(shown.json()["hidden"])

    assert answers == [True, False]


async def test_a_comment_goes_with_what_hangs_below_it(graph: Graph) -> None:
    comment = await written_by_a_fan(graph, await graph.post())
    reply = its_id(
        await graph.client.post(f"{comment}/replies", data={"message": "Thanks"})
    )

    answer = await graph.client.delete(comment)

    assert answer.json() == {"success": True}
    gone = [refused(await graph.client.get(one)) for one in (comment, reply)]
    assert gone == [(100, 33), (100, 33)]


async def test_comments_need_their_permission_and_the_accounts_own_post(
    graph: Graph,
) -> None:
    post = await graph.post()
    basic = await token_of(graph.control, permissions=["instagram_business_basic"])
    other = await token_of(graph.control, "b")

    answers = [
        await graph.client.get(
            f"{post}/comments", headers={"authorization": f"Bearer {token}"}
        )
        for token in (basic, other)
    ]

    assert [refused(answer) for answer in answers] == [(10, None), (100, 33)]
