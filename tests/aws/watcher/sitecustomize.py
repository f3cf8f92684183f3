"""Tell what code a function reads that Lambda would not have, and what it compiles.

Python imports this by itself, for its folder is the last of the function's import path.
Each finding is a line in the file that the environment names; what is as it should be
costs no line, and next to no time.
"""

import os
import sys

_OUT = os.open(os.environ["WATCHER_FILE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
_KNOWN = tuple(os.environ["WATCHER_KNOWN"].split(os.pathsep))
"""Where code may come from: the function, its layers, Python, and Lambda's client."""
_CODE = (".py", ".pyc", ".so")


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "compile":
        _, path = arguments
        if isinstance(path, str) and path.endswith(".py"):
            os.write(_OUT, f"compiled {path}\n".encode())
    elif event == "open":
        path = arguments[0]
        if isinstance(path, str) and path.endswith(_CODE):
            _tell_if_strange(path)


def _tell_if_strange(path: str) -> None:
    if not path.startswith(_KNOWN):
        os.write(_OUT, f"strange {path}\n".encode())


sys.addaudithook(_watch)
