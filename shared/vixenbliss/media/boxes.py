"""The ISO base media file format: boxes within boxes.

Source: ISO/IEC 14496-12, 4.2; Apple, QuickTime File Format, "Atoms", for what MOV files
do otherwise. Files are read in place: a body may be a memory map.
"""

import struct
from collections.abc import Iterator, Sequence
from mmap import mmap
from typing import NamedTuple

type Body = bytes | mmap

HEADER_BYTES = 8  # size, type
LARGE_HEADER_BYTES = 16  # with a size of 64 bits
MAX_BOXES = 10_000
"""Side by side: a file of empty boxes alone would keep us busy for minutes."""
TERMINATOR = bytes(4)  # QuickTime ends some lists of atoms with it


class Box(NamedTuple):
    """Where a box stands in the file, its header included."""

    kind: bytes
    start: int
    content: int
    end: int

    def data(self, body: Body, at_most: int) -> bytes:
        """Return what the box says, if it does not say too much.

        Raises:
            ValueError: It does.
        """
        if self.end - self.content > at_most:
            msg = f"its box {self.kind!r} is too large"
            raise ValueError(msg)
        return body[self.content : self.end]


def top(body: Body) -> Sequence[Box]:
    """Return the boxes of a whole file, which they fill exactly.

    Raises:
        ValueError: They do not, or are too many.
    """
    return list(_row(body, 0, len(body)))


def inside(body: Body, box: Box, *, skip: int = 0) -> Sequence[Box]:
    """Return the boxes within a box, after so many bytes of its own.

    Raises:
        ValueError: They do not fill it exactly, or are too many.
    """
    return list(_row(body, box.content + skip, box.end))


def only(row: Sequence[Box], kind: bytes) -> Box:
    """Return the one box of a kind.

    Raises:
        ValueError: There is none, or another.
    """
    found = [box for box in row if box.kind == kind]
    if len(found) != 1:
        msg = f"it has {len(found)} boxes {kind!r} where one should be"
        raise ValueError(msg)
    return found[0]


def follow(body: Body, box: Box, *path: bytes) -> Box:
    """Return the box at the end of a path, each step of which is the only one.

    Raises:
        ValueError: The path breaks off, or forks.
    """
    for kind in path:
        box = only(inside(body, box), kind)
    return box


def _row(body: Body, start: int, end: int) -> Iterator[Box]:
    is_top, count = start == 0, 0
    while start < end:
        is_short = end - start == len(TERMINATOR)
        if is_short and not is_top and body[start:end] == TERMINATOR:
            return
        box = _box_at(body, start, end, is_top=is_top)
        yield box
        start, count = box.end, count + 1
        if count > MAX_BOXES:
            msg = "it has too many boxes"
            raise ValueError(msg)


def _box_at(body: Body, start: int, end: int, *, is_top: bool) -> Box:
    if end - start < HEADER_BYTES:
        msg = "it breaks off in the header of a box"
        raise ValueError(msg)
    size, kind = struct.unpack_from(">I4s", body, start)
    content = start + HEADER_BYTES
    if size == 1 and end - start >= LARGE_HEADER_BYTES:
        (size,) = struct.unpack_from(">Q", body, content)
        content = start + LARGE_HEADER_BYTES
    elif size == 0 and is_top:
        size = end - start  # it goes to the end of the file
    if not content <= start + size <= end:
        msg = f"its box {kind!r} has a wrong size"
        raise ValueError(msg)
    return Box(kind, start, content, start + size)
