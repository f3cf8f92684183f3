"""The README's walk with curl, as requests that anything can send.

The shell's grammar is not read here but the few shapes that the walk has:

* ``NAME=text``
* ``ask METHOD path 'body'``
* ``NAME=$(ask … | pick key)``
* ``until ask …; do sleep 1; done``, with or without a name
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"## A walk with curl\n.*?```sh\n(.*?)```", re.DOTALL)
_NAMED = re.compile(r"([A-Z]+)=([\w$@.-]+)")
_STEP = re.compile(
    r"(?P<until>until )?(?:(?P<name>[A-Z]+)=\$\()?ask (?P<words>.*?)"
    r"(?: \| pick (?P<key>\w+)\))?(?: && \[ \$[A-Z]+ \])?(?:; do sleep 1; done)?",
    re.DOTALL,
)
_DEFINED = re.compile(r"API=|[a-z]+\(\) \{")


class UnreadableLineError(Exception):
    """A line of the walk has a shape that nothing here knows."""

    def __init__(self, line: str) -> None:
        super().__init__(f"Nobody can walk this line: {line}")


@dataclass(frozen=True, slots=True)
class Named:
    """A name for a text, for the lines that follow."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """A request; of its answer a text may be kept under a name."""

    method: str
    path: str
    body: str | None
    name: str | None
    key: str | None
    is_repeated: bool


def block(readme: Path) -> str:
    """Return the walk as it is written, for a shell."""
    found = _BLOCK.search(readme.read_text())
    if found is None:
        raise UnreadableLineError(str(readme))
    return found[1]


def read(text: str) -> list[Named | Step]:
    """Return the lines of the walk, in their order.

    Raises:
        UnreadableLineError: one of them has another shape.
    """
    lines = re.sub(r"\n  +", " ", text).splitlines()
    return [_line(line) for line in lines if not _DEFINED.match(line)]


def _line(line: str) -> Named | Step:
    if named := _NAMED.fullmatch(line):
        return Named(*named.groups())
    step = _STEP.fullmatch(line)
    if step is None:
        raise UnreadableLineError(line)
    method, path, *body = shlex.split(step["words"])
    return Step(
        method=method,
        path=path,
        body=body[0] if body else None,
        is_repeated=step["until"] is not None,
        name=step["name"],
        key=step["key"],
    )


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """Return a text with the names in it replaced by what they stand for."""
    return re.sub(r"\$([A-Z]+)", lambda name: values[name[1]], text)


def pick(key: str, answer: str) -> str:
    """Return a text out of compact JSON as the walk's shell does: the last, or none."""
    found = re.findall(rf'"{key}":"([^"]*)"', answer)
    return found[-1] if found else ""
