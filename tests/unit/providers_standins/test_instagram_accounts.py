"""Accounts at Instagram: who they are, who may ask, and how often."""

import hmac
import json
from hashlib import sha256

import httpx
import pytest

from tests.stack.providers import Providers
from tests.unit.providers_standins.graph import (
    USER,
    Graph,
    refused,
    token_of,
)

pytestmark = pytest.mark.asyncio


async def bare(base: str, path: str = "me", **query: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"{base}/{path}", params=query)


async def test_a_token_tells_whose_it_is(graph: Graph) -> None:
    answer = await graph.client.get("me", params={"fields": "user_id,username"})

    me = answer.json()
    assert (me["username"], me["user_id"][:5]) == (USER, "17841")
    assert me["id"] != me["user_id"]
    own = await graph.client.get(me["user_id"], params={"fields": "account_type"})
    assert own.json() == {"account_type": "MEDIA_CREATOR", "id": me["id"]}


async def test_a_field_nobody_has_is_refused(graph: Graph) -> None:
    answer = await graph.client.get("me", params={"fields": "password"})

    assert refused(answer) == (100, None)
    assert "nonexistent field (password)" in answer.json()["error"]["message"]


async def test_a_path_may_name_its_version_or_none(
    graph: Graph, providers: Providers
) -> None:
    token = await token_of(graph.control)
    base = providers.instagram_base

    answers = [
        await bare(base, path, access_token=token)
        for path in ("me", "v21.0/me", "v99.0/me", "me/nothing")
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 400, 400]
    assert refused(answers[2]) == (2500, None)


async def test_an_account_sees_nothing_of_another(graph: Graph) -> None:
    other = await graph.control.post("instagram/tokens", json={"username": "b"})

    answer = await graph.client.get(other.json()["user_id"])

    assert refused(answer) == (100, 33)


async def test_nobody_asks_without_a_token(graph: Graph, providers: Providers) -> None:
    del graph
    base = providers.instagram_base

    answers = [await bare(base), await bare(base, access_token="IGAAnone")]

    assert [refused(answer) for answer in answers] == [(2500, None), (190, None)]
    error = answers[1].json()["error"]
    assert error["type"] == "OAuthException"
    assert error["is_transient"] is False
    assert error["fbtrace_id"].startswith("A")


async def test_a_token_may_come_in_the_body(graph: Graph, providers: Providers) -> None:
    token = await token_of(graph.control)
    form = {"access_token": token, "subscribed_fields": "comments"}
    address = f"{providers.instagram_base}/me/subscribed_apps"

    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(address, json=form)
        without = await client.post(address, json={})

    assert answer.json() == {"success": True}
    assert refused(without) == (2500, None)


@pytest.mark.parametrize("subcode", [458, 460])
async def test_a_revoked_token_opens_nothing(graph: Graph, subcode: int) -> None:
    order = {"username": USER, "subcode": subcode}
    await graph.control.post("instagram/tokens/revoke", json=order)

    answer = await graph.client.get("me")

    assert refused(answer) == (190, subcode)


async def test_an_expired_token_opens_nothing(graph: Graph) -> None:
    await graph.control.post("instagram/tokens/expire", json={"username": USER})

    answer = await graph.client.get("me")

    assert refused(answer) == (190, 463)


async def test_a_token_opens_what_was_granted_only(
    graph: Graph, providers: Providers
) -> None:
    token = await token_of(graph.control, permissions=["instagram_business_basic"])

    answer = await bare(
        providers.instagram_base, "me/content_publishing_limit", access_token=token
    )

    assert refused(answer) == (10, None)


async def test_answers_tell_how_much_is_used_up(graph: Graph) -> None:
    await graph.set(app_usage=40)
    await graph.change(quotas={"usage": 70, "regain_minutes": 5})

    answer = await graph.client.get("me", params={"fields": "user_id"})

    used = json.loads(answer.headers["x-business-use-case-usage"])
    (of_account,) = used[answer.json()["user_id"]]
    assert json.loads(answer.headers["x-app-usage"])["call_count"] == 40
    assert of_account["call_count"] == 70
    assert of_account["estimated_time_to_regain_access"] == 5


async def test_who_asks_too_often_is_told_so_without_retry_after(graph: Graph) -> None:
    await graph.change(quotas={"usage": 100, "regain_minutes": 9})
    of_account = await graph.client.get("me")
    await graph.set(app_usage=100)
    of_app = await graph.client.get("me")

    assert [refused(of_account), refused(of_app)] == [(80002, None), (4, None)]
    assert of_account.json()["error"]["is_transient"] is True
    assert "retry-after" not in of_account.headers
    assert (
        '"estimated_time_to_regain_access": 9'
        in (of_account.headers["x-business-use-case-usage"])
    )


async def test_a_proof_must_be_right_and_may_be_required(
    graph: Graph, providers: Providers
) -> None:
    token = await token_of(graph.control)
    secret = providers.instagram_app_secret.encode()
    proof = hmac.new(secret, token.encode(), sha256).hexdigest()
    await graph.set(require_proof=True)

    answers = [
        await bare(providers.instagram_base, access_token=token, **more)
        for more in ({"appsecret_proof": proof}, {"appsecret_proof": "0"}, {})
    ]

    assert [answer.status_code for answer in answers] == [200, 400, 400]


async def test_the_limit_tells_the_days_posts(graph: Graph) -> None:
    await graph.change(quotas={"posts": 50})
    await graph.post()

    answer = await graph.client.get(
        "me/content_publishing_limit", params={"fields": "config,quota_usage"}
    )

    config = {"quota_total": 50, "quota_duration": 86_400}
    assert answer.json() == {"data": [{"config": config, "quota_usage": 1}]}


async def test_the_limit_has_two_fields(graph: Graph) -> None:
    path = "me/content_publishing_limit"

    usual = await graph.client.get(path)
    wrong = await graph.client.get(path, params={"fields": "left"})

    assert usual.json() == {"data": [{"quota_usage": 0}]}
    assert refused(wrong) == (100, None)


async def test_an_account_subscribes_and_unsubscribes(
    graph: Graph, providers: Providers
) -> None:
    path = "me/subscribed_apps"
    await graph.client.post(path, params={"subscribed_fields": "comments,messages"})
    subscribed = (await graph.client.get(path)).json()

    await graph.client.delete(path)

    fields = ["comments", "messages"]
    app = {"id": providers.instagram_app_id, "subscribed_fields": fields}
    assert subscribed == {"data": [app]}
    assert (await graph.client.get(path)).json() == {"data": []}


@pytest.mark.parametrize("query", [{}, {"subscribed_fields": "everything"}])
async def test_only_what_exists_is_subscribed_to(
    graph: Graph, query: dict[str, str]
) -> None:
    answer = await graph.client.post("me/subscribed_apps", params=query)

    assert refused(answer) == (100, None)
