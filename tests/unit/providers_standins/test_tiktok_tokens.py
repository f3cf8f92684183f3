"""How long tokens live, what a refresh spends, and what revocation ends."""

import httpx
import pytest

from tests.stack.providers import Providers
from tests.unit.providers_standins.asking import as_object
from tests.unit.providers_standins.tiktok_asking import code_of
from tests.unit.providers_standins.tiktok_login import a_pair, refreshed

pytestmark = pytest.mark.asyncio


async def test_a_refresh_token_is_spent_by_its_use(
    tiktok: httpx.AsyncClient, providers: Providers
) -> None:
    old = await a_pair(tiktok, providers)

    first = await refreshed(tiktok, providers, old["refresh_token"])
    again = await refreshed(tiktok, providers, old["refresh_token"])

    assert as_object(first)["refresh_token"] != old["refresh_token"]
    assert first.json()["open_id"] == old["open_id"]
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_a_refresh_token_can_be_let_live(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, providers: Providers
) -> None:
    await control.put("tiktok/settings", json={"rotates": False})
    old = (await a_pair(tiktok, providers))["refresh_token"]

    answers = [await refreshed(tiktok, providers, old) for _ in range(2)]

    assert [answer.json()["refresh_token"] for answer in answers] == [old, old]


async def test_access_tokens_live_two_hours_and_refresh_tokens_half_a_year(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, providers: Providers
) -> None:
    pair = await a_pair(tiktok, providers)
    opened = {"authorization": f"Bearer {pair['access_token']}"}
    await control.post("clock", json={"advance_s": 7201})
    info = await tiktok.get("user/info/?fields=open_id", headers=opened)
    await control.post("clock", json={"advance_s": 15_552_000})

    late = await refreshed(tiktok, providers, pair["refresh_token"])

    assert (info.status_code, code_of(info)) == (401, "access_token_invalid")
    assert late.json()["error"] == "invalid_grant"


async def test_a_revoked_consent_ends_all_tokens_and_works_once(
    tiktok: httpx.AsyncClient, providers: Providers
) -> None:
    pair = await a_pair(tiktok, providers)
    form = {
        "client_key": providers.tiktok_client_key,
        "client_secret": providers.tiktok_client_secret,
        "token": str(pair["access_token"]),
    }

    done = await tiktok.post("oauth/revoke/", data=form)
    again = await tiktok.post("oauth/revoke/", data=form)

    assert (done.status_code, done.content) == (200, b"")
    assert again.json()["error"] == "invalid_grant"
    late = await refreshed(tiktok, providers, pair["refresh_token"])
    assert late.json()["error"] == "invalid_grant"
