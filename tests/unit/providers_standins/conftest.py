"""Stand-ins that answer at once, clients that know their keys, and a receiver."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest_asyncio

from tests.stack.providers import Providers, serve
from tests.unit.providers_standins.graph import USER, Graph, token_of
from tests.unit.providers_standins.host import Host, hosting
from tests.unit.providers_standins.receiver import Receiver, receiving
from tests.unit.providers_standins.stripe_asking import Till, till
from tests.unit.providers_standins.tiktok_asking import Shelf, a_shelf, token_for

QUICK = {"latency_s": 0, "openai_latency_s": 0, "time_scale": 0, "pictures": "draft"}


@pytest_asyncio.fixture
async def providers(tmp_path: Path) -> AsyncIterator[Providers]:
    async with serve(
        journal_dir=tmp_path, faults_file=tmp_path / "faults.json"
    ) as found:
        yield found


@pytest_asyncio.fixture
async def control(providers: Providers) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(providers.control) as client:
        answer = await client.put("settings", json=QUICK)
        assert answer.status_code == 200
        yield client


@pytest_asyncio.fixture
async def replicate(
    providers: Providers, control: httpx.AsyncClient
) -> AsyncIterator[httpx.AsyncClient]:
    del control  # it made the stand-ins quick
    token = providers.replicate_token
    async with _client(providers.replicate_base, token) as client:
        yield client


@pytest_asyncio.fixture
async def openai(
    providers: Providers, control: httpx.AsyncClient
) -> AsyncIterator[httpx.AsyncClient]:
    del control
    async with _client(providers.openai_base, providers.openai_key) as client:
        yield client


@pytest_asyncio.fixture
async def host() -> AsyncIterator[Host]:
    async with hosting() as found:
        yield found


@pytest_asyncio.fixture
async def tiktok(
    providers: Providers, control: httpx.AsyncClient
) -> AsyncIterator[httpx.AsyncClient]:
    """Open TikTok as luna.vega, who has allowed everything."""
    await control.put("tiktok/settings", json={"processing_s": 0, "moderation_s": 0})
    async with _client(f"{providers.tiktok_base}/v2") as client:
        client.headers.update(await token_for(control, "luna.vega"))
        yield client


@pytest_asyncio.fixture
async def stripe(
    providers: Providers, control: httpx.AsyncClient
) -> AsyncIterator[Till]:
    async with _client(providers.stripe_base, providers.stripe_api_key) as plain:
        yield till(providers, control, plain)


@pytest_asyncio.fixture
async def shelf() -> AsyncIterator[Shelf]:
    async with a_shelf() as found:
        yield found


@pytest_asyncio.fixture
async def graph(
    providers: Providers, control: httpx.AsyncClient, host: Host
) -> AsyncIterator[Graph]:
    settings = {"image_s": 0, "video_s": 0, "user": USER}
    await control.put("instagram/settings", json=settings)
    token = await token_of(control)
    async with _client(f"{providers.instagram_base}/v26.0", token) as client:
        yield Graph(client, control, host)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


def _client(base: str, key: str | None = None) -> httpx.AsyncClient:
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    # No certificates are loaded: that alone would take longer than most tests.
    plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(
        base_url=f"{base}/", headers=headers, trust_env=False, verify=plain, timeout=60
    )
