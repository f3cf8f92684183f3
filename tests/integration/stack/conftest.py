"""One small stack for each file of tests, on the tiny product of ``project``."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from tests.integration.stack import project
from tests.stack.options import Options
from tests.stack.running import RunningStack, running_stack
from tests.stack.wire import JsonObject

_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Site:
    """A running stack, its folder, and a client in front of it."""

    stack: RunningStack
    root: Path
    http: httpx.Client

    def diary(self) -> list[JsonObject]:
        """Return the records that the work function has seen."""
        path = self.root / "diary"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]


def options(root: Path) -> Options:
    """Return how the tiny product is run."""
    return Options(
        root=root,
        port=0,
        database_url=None,
        aws_endpoint=None,
        stand_ins=None,
        environment={"DIARY": str(root / "diary")},
        timeouts_s={"NapFunction": 2 * _PATIENCE_S},
    )


@pytest.fixture(scope="module")
def open_folder() -> Generator[Path]:
    """A folder that ``nobody`` may reach, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="vixenbliss-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    """Run the tiny product for one file of tests."""
    root = project.write(tmp_path_factory.mktemp("product"))
    listed = {"CorsOrigins": "https://ours.test,https://also.test"}
    with (
        running_stack(replace(options(root), parameters=listed)) as stack,
        httpx.Client(base_url=stack.api, timeout=_PATIENCE_S) as http,
    ):
        yield Site(stack, root, http)


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fail when it never does."""
    end = time.monotonic() + _PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


@contextmanager
def waking(bed: Path) -> Generator[None]:
    """Wake whoever naps under a file's name at the end, however it ends."""
    try:
        yield
    finally:
        bed.touch()
