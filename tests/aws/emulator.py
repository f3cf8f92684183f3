"""A built function under Lambda's own emulator and runtime client.

The emulator comes with SAM, the client is all that ``.tools/runtime`` holds, and on the
import path is only what was built; so whatever a layer lacks is missing here, too. One
call at a time: the emulator breaks when two come at once.
"""

import contextlib
import json
import socket
import sys
import sysconfig
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.aws.built import ROOT, Built, architecture
from tests.stack import children
from tests.stack.children import Child
from tests.stack.template import Function
from tests.stack.wire import Json
from tests.stack.worker import Program

_SITE = "lib/python3.13/site-packages"
_EMULATOR = f".tools/sam/{_SITE}/samcli/local/rapid/aws-lambda-rie-{{}}"
_RUNTIME = ROOT / ".tools/runtime"
WATCHER = Path(__file__).with_name("watcher")
_INVOKE = "/2015-03-31/functions/function/invocations"
_PATIENCE_S = 120
_START_S = 10


@dataclass(frozen=True, slots=True)
class Called:
    """What one call came to."""

    answer: Json
    """The function's result; of what the emulator itself says, the text."""
    took_ms: float


class Container:
    """One function, running in one emulator."""

    def __init__(self, url: str, pid: int, findings: Path) -> None:
        self._url = url
        self._pid = pid
        self._findings = findings

    def call(self, event: Json) -> Called:
        """Hand an event over and wait for the answer; the first call starts Python."""
        begin = time.perf_counter()
        answered = httpx.post(self._url + _INVOKE, json=event, timeout=_PATIENCE_S)
        took_ms = (time.perf_counter() - begin) * 1000
        try:
            return Called(answered.json(), took_ms)
        except json.JSONDecodeError:
            return Called(answered.text, took_ms)

    @property
    def peak_mb(self) -> float:
        """How much memory Python has held at most; 0 where Linux does not tell."""
        status = [Path(f"/proc/{pid}/status") for pid in _descendants(self._pid)]
        texts = [path.read_text() for path in status if path.exists()]
        peaks = [int(text.partition("VmHWM:")[2].split()[0]) for text in texts]
        return max(peaks, default=0) / 1024

    def findings(self, kind: str) -> list[str]:
        """Return the files that were ``compiled``, or are ``strange``.

        Lambda's client is not among them: on Lambda it is the runtime's.
        """
        if not self._findings.exists():
            return []
        lines = self._findings.read_text().splitlines()
        files = [
            line.removeprefix(f"{kind} ") for line in lines if line.startswith(kind)
        ]
        return [file for file in files if not file.startswith(str(_RUNTIME))]


@contextlib.contextmanager
def running(
    function: Function,
    program: Program,
    built: Built,
    *,
    timeout_s: int | None = None,
    changes: Mapping[str, str] | None = None,
) -> Generator[Container]:
    """Run a function as it was built, while the block runs.

    The surroundings are those of the local stack; ``changes`` win over them. Call it
    from a thread that lives as long as the block: the emulator dies with that thread.
    """
    findings = program.log.with_suffix(".findings")
    for file in (findings, program.log):
        file.unlink(missing_ok=True)
    door, api = _free_ports()
    environment = {
        **program.environment,
        **_environment(function, built, findings),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout_s or function.timeout_s),
        **(changes or {}),
    }
    process = children.start(
        Child(
            program=_command(door, api, function.handler),
            environment=environment,
            folder=built.folder(function.name),
            log=program.log,
        )
    )
    try:
        _wait_for(door)
        yield Container(f"http://127.0.0.1:{door}", process.pid, findings)
    finally:
        family = [process.pid, *_descendants(process.pid)]
        for pid in family:  # the emulator starts Python in a group of its own
            children.kill(pid)
        process.wait(10)


def _environment(function: Function, built: Built, findings: Path) -> dict[str, str]:
    code, *layers = built.python_path(function.name).split(":")
    python = sysconfig.get_path("stdlib")
    known = [code, *layers, python, str(_RUNTIME), str(WATCHER)]
    return {
        "LAMBDA_TASK_ROOT": code,
        "PYTHONPATH": ":".join([code, *layers, str(WATCHER)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "WATCHER_FILE": str(findings),
        "WATCHER_KNOWN": ":".join(known),
    }


def _command(door: int, api: int, handler: str) -> list[str]:
    """Return the command line; without these flags it listens to everybody."""
    return [
        str(ROOT / _EMULATOR.format(architecture())),
        *("--log-level", "error"),
        *("--runtime-interface-emulator-address", f"127.0.0.1:{door}"),
        *("--runtime-api-address", f"127.0.0.1:{api}"),
        *(str(_RUNTIME / "bin/python"), "-m", "awslambdaric", handler),
    ]


def _free_ports() -> tuple[int, int]:
    with children.bind() as one, children.bind() as other:
        return int(one.getsockname()[1]), int(other.getsockname()[1])


def _wait_for(port: int) -> None:
    end = time.monotonic() + _START_S
    while True:
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", port), 1).close()
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.01)


def _descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have."""
    if sys.platform != "linux":
        return []
    found: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, tasks.read_text().split()):
                found += [child, *_descendants(child)]
    return found
