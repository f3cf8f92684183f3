"""Our own Postgres: quick, clonable, and back after a kill."""

import os
import signal
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from tests.stack.errors import DataFolderInUseError
from tests.stack.postgres import Postgres

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def server(open_folder: Path) -> Generator[Postgres]:
    with Postgres(open_folder / "data") as running:
        yield running


def _ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
    return row[0] if row else None


def test_the_server_lives_in_utc(server: Postgres) -> None:
    zone = _ask(server.url(), "show timezone")

    assert zone == "UTC"


def test_a_clone_has_what_the_original_had(server: Postgres) -> None:
    original = server.create("original")
    with psycopg.connect(original, autocommit=True) as connection:
        connection.execute("create table things as select 7 as number")

    clone = server.create("copy", like="original")

    assert _ask(clone, "select number from things") == 7
    server.drop("copy")
    server.drop("original")


def test_what_was_committed_is_there_after_a_kill(server: Postgres) -> None:
    url = server.create("kept")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table things as select 8 as number")
    os.kill(server.pid, signal.SIGKILL)

    server.restart()

    assert _ask(url, "select number from things") == 8
    server.drop("kept")


def test_two_servers_do_not_share_a_folder(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.stack.postgres._PREDECESSOR_S", 0.1)

    with pytest.raises(DataFolderInUseError, match=str(server.pid)):
        Postgres(server.folder).prepare()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server is somebody else")
def test_where_nobody_gets_the_server_moves(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    with Postgres(tmp_path / "data") as server:
        moved_to = server.folder
        answer = _ask(server.url(), "select 1")

    assert (server.is_elsewhere, answer) == (True, 1)
    assert not moved_to.exists()
