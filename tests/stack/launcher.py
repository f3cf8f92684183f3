"""Become another program that dies when its parent does.

Run by path, as ``python -I -S launcher.py PARENT_PID SIGNAL UID GID PROGRAM ...``, so
that nothing of this package lands on the import path of a function. UID and GID are -1
to stay who we are. The order matters: Linux forgets the death signal when the user
changes, and keeps it through exec.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Change the user, tie our life to the parent's, turn into the program."""
    parent, death_signal, uid, gid = map(int, arguments[:4])
    tie = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if tie is not None:
        tie(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:  # it died before we were tied to it
        return
    os.execv(arguments[4], arguments[4:])  # noqa: S606 - the stack chose the program


if __name__ == "__main__":
    main(sys.argv[1:])
