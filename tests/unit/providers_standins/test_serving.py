"""Running the stand-ins: in this process, beside each other, and alone."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import httpx
import pytest

from tests.stack.providers import Providers, serve

pytestmark = pytest.mark.asyncio

ROOT = Path(__file__).parents[3]


async def test_two_servers_know_nothing_of_each_other(tmp_path: Path) -> None:
    async with (
        serve(journal_dir=tmp_path / "a") as one,
        serve(journal_dir=tmp_path / "b") as other,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        key = {"authorization": f"Bearer {one.openai_key}"}
        await client.get(f"{one.openai_base}/models", headers=key)

        counts = [len(each.journal("openai").entries()) for each in (one, other)]

    assert one.origin != other.origin
    assert counts == [1, 0]


async def test_a_port_in_use_is_an_error(tmp_path: Path) -> None:
    async with serve(journal_dir=tmp_path / "a") as one:
        port = int(one.origin.rpartition(":")[2])

        with pytest.raises(OSError, match="in use"):
            await serve(port, journal_dir=tmp_path / "b").__aenter__()


async def test_ending_does_not_wait_for_calls_that_hang(tmp_path: Path) -> None:
    rule = {"provider": "openai", "call": "models.list", "action": "hang"}
    async with httpx.AsyncClient(trust_env=False) as client:
        async with serve(journal_dir=tmp_path) as one:
            await client.put(f"{one.control}/faults", json=[rule])
            key = {"authorization": f"Bearer {one.openai_key}"}
            models = f"{one.openai_base}/models"
            call = asyncio.create_task(client.get(models, headers=key, timeout=90))
            async with asyncio.timeout(60):
                while await _struck(client, one) == 0:
                    pass

        with pytest.raises(httpx.TransportError):
            await call


async def test_alone_it_says_where_it_is_and_stops_on_a_signal(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "tests.stack.providers",
            "--journal-dir",
            str(tmp_path),
        ),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as client:
        found = json.loads(await process.stdout.readline())
        key = {"authorization": f"Bearer {found['replicate_token']}"}
        answer = await client.get(f"{found['replicate_base']}/account", headers=key)
        process.send_signal(signal.SIGTERM)
        left = await process.wait()

    assert answer.json()["type"] == "organization"
    assert left == 0


async def _struck(client: httpx.AsyncClient, providers: Providers) -> int:
    """Return how often the first rule has struck."""
    (rule,) = (await client.get(f"{providers.control}/faults")).json()["rules"]
    return int(rule["struck"])
