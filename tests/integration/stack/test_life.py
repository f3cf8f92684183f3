"""Start and end: nothing is left behind, however the stack ends."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.integration.stack import project
from tests.integration.stack.conftest import eventually, options
from tests.stack.databases import Database
from tests.stack.errors import (
    LocalFolderInUseError,
    PortTakenError,
    StageError,
    UnknownNameError,
    WrongPortError,
)
from tests.stack.options import Options
from tests.stack.postgres import Postgres
from tests.stack.running import running_stack

pytestmark = pytest.mark.stack

PATIENCE_S = 60
_ROOT = Path(__file__).parents[3]
_WITH_DATABASE = """\
Globals:
  Function:
    Handler: app.handler
    Environment: {Variables: {DATABASE_HOST: !GetAtt Database.Endpoint.Address}}
Resources:
  Database: {Type: AWS::RDS::DBInstance}
  Token: {Type: AWS::SecretsManager::Secret}
  MigrateFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/migrate}
"""
_NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
_HANGING_MIGRATION = """\
import time


def handler(event, context):
    print("migrating")
    time.sleep(60)
"""
_MIGRATE = """\
import os

import psycopg


def handler(event, context):
    url = os.environ["DATABASE_URL"]
    assert f"@{os.environ['DATABASE_HOST']}:" in url
    with psycopg.connect(url) as connection:
        connection.execute("create table things (id int)")
    return {"revision": event["action"]}
"""


def _processes(root: Path) -> list[int]:
    """Return who mentions a folder in its command line or environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            about = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(root).encode() in about:
            found.append(int(entry.name))
    return found


type Start = Callable[[Path], subprocess.Popen[bytes]]


@pytest.fixture
def start() -> Generator[Start]:
    """Start a stack as a program of its own."""
    programs: list[subprocess.Popen[bytes]] = []

    def go(root: Path) -> subprocess.Popen[bytes]:
        program = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "tests.integration.stack.program", str(root)],
            cwd=_ROOT,
            env=os.environ | {"PYTHONPATH": str(_ROOT)},
        )
        programs.append(program)
        return program

    yield go
    for program in programs:
        program.kill()
        program.wait()


def _notes(root: Path) -> dict[str, str]:
    path = root / ".local/stack.json"
    notes: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return notes


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_program_that_is_told_to_stop_leaves_nothing(
    tmp_path: Path, start: Start, number: signal.Signals
) -> None:
    root = project.write(tmp_path)
    program = start(root)
    eventually(lambda: "ready" in _notes(root))

    program.send_signal(number)

    assert program.wait(PATIENCE_S) == 0
    assert _processes(root) == []
    assert _notes(root) == {}


def test_a_program_that_is_killed_leaves_no_process(
    tmp_path: Path, start: Start
) -> None:
    root = project.write(tmp_path)
    program = start(root)
    eventually(lambda: "ready" in _notes(root))
    alive = _processes(root)

    program.kill()

    assert len(alive) > 1
    program.wait(PATIENCE_S)
    eventually(lambda: _processes(root) == [])


def test_after_a_kill_the_next_start_copes(tmp_path: Path, start: Start) -> None:
    root = project.write(tmp_path)
    program = start(root)
    eventually(lambda: "ready" in _notes(root))
    program.kill()
    program.wait(PATIENCE_S)

    with running_stack(options(root)) as stack:
        answer = stack.invoke("OddFunction", {})

    assert isinstance(answer, dict)
    assert answer["statusCode"] == 200


def test_a_checkout_runs_one_stack_at_a_time(tmp_path: Path) -> None:
    plan = options(project.write(tmp_path))
    with running_stack(plan) as first:
        first.invoke("OddFunction", {})
        log = tmp_path / ".local/logs/OddFunction.log"

        with (
            pytest.raises(LocalFolderInUseError, match=f"process {os.getpid()}"),
            running_stack(plan),
        ):
            pass

        assert log.exists()
        assert _notes(tmp_path)["api"] == first.api


def test_a_start_can_be_interrupted(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", _NOWHERE)
    root = _write(tmp_path, _HANGING_MIGRATION)
    log = root / ".local/logs/MigrateFunction.log"
    program = start(root)
    eventually(lambda: log.exists() and "migrating" in log.read_text())

    program.terminate()

    assert program.wait(PATIENCE_S) == 0
    assert _processes(root) == []


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    root = project.write(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with (
            pytest.raises(PortTakenError, match=f"Port {port} is already in use"),
            running_stack(replace(options(root), port=port)),
        ):
            pass


@pytest.mark.parametrize("wished", ["abc", "-1", "65536", "80.5"])
def test_what_is_no_port_is_one_sentence(
    wished: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", wished)

    with pytest.raises(WrongPortError, match=f"PORT={wished} is no port"):
        Options(root=_ROOT)


def _write(root: Path, code: str) -> Path:
    folder = root / "functions/migrate"
    folder.mkdir(parents=True)
    (root / "template.yaml").write_text(_WITH_DATABASE)
    (folder / "app.py").write_text(code)
    return root


def test_a_given_database_is_used_as_it_is(open_folder: Path, tmp_path: Path) -> None:
    root = _write(tmp_path, _MIGRATE)
    with Postgres(open_folder / "given") as server:
        url = server.create("given")

        with running_stack(replace(options(root), database_url=url)) as stack:
            used = stack.database

        kept = _execute(url, "select count(*) from things")

    assert used == Database(url, None)
    assert kept == [(0,)]
    assert not (tmp_path / ".local/postgres").exists()


def test_each_start_migrates_a_fresh_database(open_folder: Path) -> None:
    root = _write(open_folder, _MIGRATE)
    stages: dict[str, str] = {}
    plan = replace(options(root), on_stage=stages.__setitem__)
    with running_stack(plan) as first:
        _execute(first.database_url, "insert into things values (1)")

    with running_stack(plan) as second:
        rows = _execute(second.database_url, "select count(*) from things")

    assert rows == [(0,)]
    assert stages["migration"] == "revision upgrade"


def _execute(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_a_failing_migration_stops_the_start(tmp_path: Path) -> None:
    root = _write(tmp_path, "raise RuntimeError('no schema')\n")

    with (
        pytest.raises(StageError, match="no schema"),
        running_stack(replace(options(root), database_url=_NOWHERE)),
    ):
        pass

    assert _processes(root) == []


def test_what_the_template_does_not_have_cannot_be_set(tmp_path: Path) -> None:
    root = project.write(tmp_path)
    plan = replace(options(root), queue_attributes={"Nothing": {"DelaySeconds": 1}})

    with pytest.raises(UnknownNameError, match="Nothing"), running_stack(plan):
        pass
