"""The README's walk: its lines work as they stand; a typed client walks them, too."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.options import Options
from tests.stack.running import running_stack
from tests.support.api import ROOT
from tests.support.contract import operations
from tests.walk import script, typed
from tests.walk.script import Named, Step
from tests.walk.typed import Walker

pytestmark = pytest.mark.stack

PATIENCE_S = 300
README = ROOT / "README.md"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Make the client; the folder is one that Postgres may enter, too."""
    made = Path(tempfile.mkdtemp(prefix="vixenbliss-test-"))
    made.chmod(0o755)
    typed.generate(ROOT / "docs/openapi.json", made)
    sys.path.insert(0, str(made))
    yield made
    sys.path.remove(str(made))
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def api(folder: Path) -> Iterator[str]:
    """Run the product for this file, as ``make run ARGS=--serve`` does."""
    options = Options(
        root=ROOT,
        local=folder,
        port=0,
        database_url=None,
        aws_endpoint=None,
        watch=False,
    )
    with running_stack(options) as stack:
        yield stack.api


@pytest.fixture(scope="module")
def shell(api: str) -> Iterator[subprocess.Popen[str]]:
    """Have a shell walk, at the same time as the client."""
    program = subprocess.Popen(  # noqa: S603 - our own lines
        ["/bin/bash", "-eo", "pipefail", "-c", script.block(README)],
        env=os.environ | {"API": api},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with program:
        yield program
        program.kill()


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
def test_the_lines_work_as_they_stand(shell: subprocess.Popen[str]) -> None:
    out, errors = shell.communicate(timeout=PATIENCE_S)

    assert (shell.returncode, errors) == (0, "")
    assert '"title":"Post it at sunset"' in out.splitlines()[-1]


def test_a_typed_client_walks_the_same_way(
    folder: Path, api: str, shell: subprocess.Popen[str]
) -> None:
    told: list[str] = []
    lines = script.read(script.block(README))

    Walker(folder, api, told.append).walk(lines)

    assert len(told) >= sum(isinstance(line, Step) for line in lines)
    assert told[-1] == "GET /api/v1/board: 200 BoardRead"


def test_every_operation_has_a_function_with_types(folder: Path) -> None:
    untyped = [
        str(one)
        for one in operations()
        if not hasattr(typed.function_of(one), "sync_detailed")
    ]

    assert untyped == []


def test_a_line_is_a_request_and_what_is_kept_of_its_answer() -> None:
    lines = script.read(
        "API=${API:-http://127.0.0.1:8000}\nMAIL=mia-$RANDOM@example.com\n"
        'until A=$(ask POST /x/$B \'{"a": "\'$C\'",\n  "b": 1}\' | pick a_id)'
        " && [ $A ]; do sleep 1; done\nask GET /y\n"
    )

    assert lines == [
        Named("MAIL", "mia-$RANDOM@example.com"),
        Step("POST", "/x/$B", '{"a": "$C", "b": 1}', "A", "a_id", is_repeated=True),
        Step("GET", "/y", None, None, None, is_repeated=False),
    ]
