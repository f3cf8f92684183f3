"""Processes that never outlive the stack.

Each is the head of its own process group. On Linux the kernel ends it when the thread
that started it ends, even by SIGKILL; so start children from a thread that stays.
Elsewhere only an orderly stop ends Postgres and the AWS stand-in, while workers end by
themselves because their Runtime API is gone.
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LAUNCHER = str(Path(__file__).with_name("launcher.py"))


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who a child runs as."""

    uid: int = -1
    gid: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A program to be started."""

    program: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    death_signal: signal.Signals = signal.SIGKILL
    user: User = User()
    handed_over: tuple[int, ...] = ()
    """File descriptors the program may use."""

    @property
    def arguments(self) -> list[str]:
        """Return the whole command line, launcher included."""
        ties = [os.getpid(), int(self.death_signal), self.user.uid, self.user.gid]
        launcher = [sys.executable, "-I", "-S", _LAUNCHER, *map(str, ties)]
        return [*launcher, *self.program]


def start(child: Child) -> subprocess.Popen[bytes]:
    """Start a program whose end the caller will wait for in a thread."""
    with child.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - the stack chose the program
            child.arguments,
            cwd=child.folder,
            env=dict(child.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=child.handed_over,
        )


async def spawn(child: Child) -> asyncio.subprocess.Process:
    """Start a program whose end the caller will await."""
    with child.log.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *child.arguments,
            cwd=child.folder,
            env=dict(child.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=child.handed_over,
        )


def kill(pid: int) -> None:
    """Kill a child and everything it started; one that is gone already is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def bind(port: int = 0) -> socket.socket:
    """Return a loopback socket that is bound but not yet listening.

    It says that it is TCP: otherwise asyncio leaves Nagle's algorithm on for accepted
    connections, and every answer in two parts takes 40 ms.

    Raises:
        OSError: somebody listens on that port.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        raise
    return bound
