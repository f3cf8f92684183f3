"""An AWS that asks IAM: MiniStack on a loopback port, as a child of the test."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.stack import children
from tests.stack.children import Child
from tests.stack.errors import ChildEndedError

ROOT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
"""The key that may do everything, and of which nothing is kept."""
_SERVER = Path(__file__).with_name("ministack_server.py")
_PATIENCE_S = 20.0
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Decision:
    """What IAM was asked, and its answer."""

    key: str
    """The access key of whoever asked."""
    action: str
    resource: str
    refusal: str
    """``ImplicitDeny``, ``Deny`` or the code of a broken signature; empty for yes."""


@dataclass(frozen=True, slots=True)
class MiniStack:
    """Where it answers, and where it writes what it has decided."""

    endpoint: str
    journal: Path

    def decisions(self) -> list[Decision]:
        """Return all decisions so far but the root key's, the oldest first."""
        lines = self.journal.read_text(encoding="utf-8").splitlines()
        kept = (Decision(**json.loads(line)) for line in lines)
        return [d for d in kept if d.key != ROOT["AWS_ACCESS_KEY_ID"]]


@contextlib.contextmanager
def running(tools: Path, folder: Path, *, region: str) -> Generator[MiniStack]:
    """Run an empty one while the block runs.

    ``tools`` is its virtual environment; journal and log go into the folder.

    Raises:
        ChildEndedError: it does not answer; its log says why.
    """
    emulator = MiniStack(f"http://127.0.0.1:{_free_port()}", folder / "iam.jsonl")
    emulator.journal.touch()
    log = folder / "emulator.log"
    process = children.start(_child(emulator, tools, log, region))
    try:
        _await(emulator, process, log)
        yield emulator
    finally:
        children.kill(process.pid)
        process.wait()


def _free_port() -> int:
    """Return a port that nobody has; MiniStack can only be given a number."""
    with children.bind() as bound:
        return int(bound.getsockname()[1])


def _child(emulator: MiniStack, tools: Path, log: Path, region: str) -> Child:
    kept = {n: os.environ[n] for n in ("PATH", "HOME", "LANG") if n in os.environ}
    return Child(
        program=[str(tools / "bin/python"), "-P", str(_SERVER), str(emulator.journal)],
        environment={
            **kept,
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",  # it would listen to the world
            "GATEWAY_PORT": emulator.endpoint.rpartition(":")[2],
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "MINISTACK_REGION": region,
            "SFTP_ENABLED": "0",
        },
        folder=emulator.journal.parent,
        log=log,
        death_signal=signal.SIGTERM,
    )


def _await(emulator: MiniStack, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE_S
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{emulator.endpoint}/_ministack/health", timeout=5)
            return
        time.sleep(_LOOK_S)
    raise ChildEndedError("MiniStack", log)
