"""Logging in at TikTok's stand-in, step by step."""

import httpx

from tests.stack.providers import Providers
from tests.unit.providers_standins.asking import as_object
from tests.unit.providers_standins.tiktok_asking import REDIRECT


async def asked(
    client: httpx.AsyncClient, providers: Providers, **more: str
) -> httpx.Response:
    """Open the authorize page."""
    query = {
        "client_key": providers.tiktok_client_key,
        "response_type": "code",
        "scope": "user.info.basic,video.publish",
        "redirect_uri": REDIRECT,
        "state": "s-1",
    }
    page = f"{providers.tiktok_auth_base}/v2/auth/authorize/"
    return await client.get(page, params=query | more)


async def came_back(
    client: httpx.AsyncClient, providers: Providers, **more: str
) -> httpx.QueryParams:
    """Open the authorize page, and return what the callback is told."""
    answer = await asked(client, providers, **more)
    assert answer.status_code == 302, answer.text
    where = httpx.URL(answer.headers["location"])
    assert str(where.copy_with(query=None)) == REDIRECT
    return where.params


async def token(
    client: httpx.AsyncClient, providers: Providers, **form: str
) -> httpx.Response:
    """Ask the token endpoint as our app."""
    ours = {
        "client_key": providers.tiktok_client_key,
        "client_secret": providers.tiktok_client_secret,
    }
    return await client.post("oauth/token/", data=ours | form)


async def redeemed(
    client: httpx.AsyncClient, providers: Providers, code: str, **more: str
) -> httpx.Response:
    """Redeem a code."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    return await token(client, providers, **form | more)


async def refreshed(
    client: httpx.AsyncClient, providers: Providers, old: object
) -> httpx.Response:
    """Ask for the next pair."""
    form = {"grant_type": "refresh_token", "refresh_token": str(old)}
    return await token(client, providers, **form)


async def a_pair(client: httpx.AsyncClient, providers: Providers) -> dict[str, object]:
    """Go all the way to a pair of tokens."""
    code = (await came_back(client, providers))["code"]
    return as_object(await redeemed(client, providers, code))
