"""The doors that control Instagram: understood or refused, and back to the start."""

import pytest

from tests.stack.providers import Providers
from tests.unit.providers_standins.graph import USER, Graph, refused

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    ("method", "path", "body", "reason"),
    [
        ("PUT", "settings", {"image": 1}, "image: Extra inputs"),
        ("PUT", "accounts", {}, "username: Field required"),
        ("PUT", "accounts", {"username": "a", "standing": "odd"}, "standing: Input"),
        ("POST", "tokens", {"username": "a", "age_s": -1}, "age_s: Input should be"),
        ("POST", "updates", {"updates": []}, "webhook_url names no address"),
        ("POST", "updates", {"updates": [{"kind": "x"}]}, "does not match any"),
        ("POST", "data_deletion", {"username": "a"}, "data_deletion_url names no"),
    ],
)
async def test_what_is_not_understood_is_refused_with_the_reason(
    graph: Graph, method: str, path: str, body: object, reason: str
) -> None:
    answer = await graph.control.request(method, f"instagram/{path}", json=body)

    assert answer.status_code == 400
    assert reason in answer.json()["error"]


async def test_a_comment_needs_a_post(graph: Graph) -> None:
    await graph.set(webhook_url="http://127.0.0.1:1/")
    update = {"kind": "comment", "post_id": "1", "text": "Hm"}

    answer = await graph.control.post("instagram/updates", json={"updates": [update]})

    assert answer.status_code == 400
    assert "there is no post 1" in answer.json()["error"]


async def test_an_account_is_shown_with_its_tokens_and_what_it_used(
    graph: Graph,
) -> None:
    await graph.change(quotas={"posts": 5}, account_type="BUSINESS")
    await graph.post()

    (told,) = (await graph.control.get("instagram/accounts")).json()

    assert (told["username"], told["account_type"]) == (USER, "BUSINESS")
    assert (told["posts_today"], told["containers_today"]) == (1, 1)
    assert (told["quotas"]["posts"], told["quotas"]["containers"]) == (5, 400)
    (token,) = told["tokens"]
    assert (token["is_long"], token["void"]) == (True, None)


async def test_one_token_ends_and_another_lives_on(graph: Graph) -> None:
    order = {"username": USER}
    token = (await graph.control.post("instagram/tokens", json=order)).json()
    other = {"token": token["access_token"]}

    answer = await graph.control.post("instagram/tokens/expire", json=other)

    assert answer.json() == {"expired": 1}
    assert (await graph.client.get("me")).status_code == 200


async def test_the_state_is_forgotten_and_the_settings_stay(graph: Graph) -> None:
    await graph.post()

    await graph.control.delete("state")

    assert await graph.posts() == []
    assert refused(await graph.client.get("me")) == (190, None)
    settings = (await graph.control.get("instagram/settings")).json()
    assert settings["image_s"] == 0


async def test_a_reset_takes_the_settings_back(graph: Graph) -> None:
    await graph.set(deny=True)

    await graph.control.post("reset")

    settings = (await graph.control.get("instagram/settings")).json()
    assert (settings["deny"], settings["image_s"]) == (False, 0.2)


async def test_both_hosts_are_told_where_they_are(
    graph: Graph, providers: Providers
) -> None:
    login = providers.instagram_oauth_base

    answer = await graph.client.get(f"{login}/me")

    assert providers.instagram_base != login
    assert refused(answer) == (2500, None)
