"""``make run`` before anything starts: what is in the way is told, nothing is left."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.api import ROOT

pytestmark = pytest.mark.stack
BRIEF = (ROOT / "docs/campaign.yaml").read_text()


def _run(*arguments: str, port: object = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "tests.stack", *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PORT": str(port), "COLUMNS": "200"},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("avatar: [", "line 1: expected"),
        ("avatar: 2026-06-31", "line 1: 2026-06-31: day is out of range"),
        ("&a\nname: *a", "line 1: avatar: Field required"),
        (BRIEF.replace("  bio:", "  boi:"), "avatar.boi: Extra inputs"),
        (BRIEF.replace("cents: 200", "cents: lots"), "Input should be a valid integer"),
    ],
)
def test_a_broken_brief_stops_the_program_before_it_starts(
    text: str, reason: str, tmp_path: Path
) -> None:
    brief = tmp_path / "[brief].yaml"
    brief.write_text(text)

    done = _run("--brief", str(brief))

    assert (done.returncode, done.stdout) == (2, "")
    assert f"{brief} is not a brief" in done.stderr
    assert reason in done.stderr


def test_a_brief_that_is_missing_stops_the_program(tmp_path: Path) -> None:
    done = _run("--brief", str(tmp_path / "none.yaml"))

    assert (done.returncode, done.stdout) == (2, "")
    assert "No such file" in done.stderr


def test_a_port_in_use_stops_the_program() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = _run("--serve", port=port)

    assert done.returncode == 1
    assert f"Port {port} is already in use" in done.stderr
    assert "✓" not in done.stdout


def test_a_port_that_is_none_stops_the_program() -> None:
    done = _run("--serve", port="http")

    assert done.returncode == 1
    assert "PORT=http is no port" in done.stderr
