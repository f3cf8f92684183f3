"""The local folder belongs to one stack at a time."""

import contextlib
import fcntl
import os
from collections.abc import Generator
from pathlib import Path

from tests.stack.errors import LocalFolderInUseError


@contextlib.contextmanager
def held(folder: Path) -> Generator[None]:
    """Hold the folder; the kernel lets go of it even after a kill.

    Raises:
        LocalFolderInUseError: another stack holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise LocalFolderInUseError(folder, lock.read().strip()) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
