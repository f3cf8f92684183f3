"""The pictures of a track: where each lies in the file, and when it is shown.

Source: ISO/IEC 14496-12, 8.6 and 8.7. The tables are believed only as far as they agree
with each other and with the file: whoever decodes reads what they say and nothing else.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, islice, pairwise, repeat
from typing import NamedTuple

from vixenbliss.media.boxes import Body, Box, inside, only

MAX_SAMPLES = 108_000  # a quarter of an hour at 120 a second
MAX_SAMPLE_BYTES = 16_000_000
_BAD_TABLES = "its tables do not agree"


class Sample(NamedTuple):
    """One picture, as it is stored: in the order of decoding."""

    start: int
    end: int
    time: int
    """When it is shown, in the track's own units."""
    is_key: bool
    """Whether it can be decoded without another."""


def samples(body: Body, table: Box) -> list[Sample]:
    """Return what the sample table of a track says (``stbl``).

    Raises:
        ValueError: It contradicts itself, points out of the file, or is too long.
    """
    row = inside(body, table)
    sizes = _sizes(body, only(row, b"stsz"))
    starts = _starts(body, row, sizes)
    times = _times(body, row, len(sizes))
    keys = _keys(body, row, len(sizes))
    found = [
        Sample(start, start + size, time, index in keys)
        for index, (start, size, time) in enumerate(
            zip(starts, sizes, times, strict=True)
        )
    ]
    if not found[0].is_key or any(sample.end > len(body) for sample in found):
        msg = "it breaks off in its pixels, or begins amid them"
        raise ValueError(msg)
    return found


def duration_of(body: Body, table: Box) -> int:
    """Return how long all pictures of a track are shown, in its own units.

    Raises:
        ValueError: The table is malformed.
    """
    entries = _entries(body, only(inside(body, table), b"stts"), ">II")
    return sum(count * delta for count, delta in entries)


def key_before(found: Sequence[Sample], index: int) -> int:
    """Return from which picture on one has to decode to see another."""
    return next(i for i in range(index, -1, -1) if found[i].is_key)


def spread(found: Sequence[Sample], count: int) -> list[int]:
    """Return the pictures shown at so many moments: the first, the last, between.

    The same ones for the same file, in the order in which they are shown.
    """
    order = sorted(range(len(found)), key=lambda index: (found[index].time, index))
    times = [found[index].time for index in order]
    span = times[-1] - times[0]
    moments = (times[0] + span * step // (count - 1) for step in range(count))
    places = {bisect_right(times, moment) - 1 for moment in moments}
    return [order[place] for place in sorted(places)]


def _entries(
    body: Body, box: Box, form: str, *, skip: int = 0
) -> list[tuple[int, ...]]:
    """Return a table's entries: after version and flags, their number, then they."""
    head = 8 + skip
    size = struct.calcsize(form)
    data = box.data(body, head + MAX_SAMPLES * size)
    if len(data) < head:
        raise ValueError(_BAD_TABLES)
    (count,) = struct.unpack_from(">I", data, head - 4)
    if len(data) != head + count * size:
        raise ValueError(_BAD_TABLES)
    return list(struct.iter_unpack(form, data[head:]))


def _sizes(body: Body, box: Box) -> list[int]:
    head = body[box.content + 4 : box.content + 12]
    if len(head) < 8:  # noqa: PLR2004 - one size for all, and how many there are
        raise ValueError(_BAD_TABLES)
    size, count = struct.unpack(">II", head)
    if not 0 < count <= MAX_SAMPLES:
        msg = f"it has {count} frames, at most {MAX_SAMPLES} are allowed"
        raise ValueError(msg)
    sizes = [size] * count
    if not size:
        sizes = [entry[0] for entry in _entries(body, box, ">I", skip=4)]
    if len(sizes) != count or not all(0 < one <= MAX_SAMPLE_BYTES for one in sizes):
        raise ValueError(_BAD_TABLES)
    return sizes


def _starts(body: Body, row: Sequence[Box], sizes: Sequence[int]) -> list[int]:
    """Return where pictures begin: those of a chunk follow each other."""
    left = iter(sizes)
    starts: list[int] = []
    for chunk, count in zip(
        _chunks(body, row), _counts(body, row, len(sizes)), strict=False
    ):
        taken = list(islice(left, count))
        starts += list(accumulate(taken[:-1], initial=chunk))[: len(taken)]
    if len(starts) != len(sizes):
        raise ValueError(_BAD_TABLES)
    return starts


def _chunks(body: Body, row: Sequence[Box]) -> list[int]:
    large = [box for box in row if box.kind == b"co64"]
    box = only(row, b"co64" if large else b"stco")
    return [entry[0] for entry in _entries(body, box, ">Q" if large else ">I")]


def _counts(body: Body, row: Sequence[Box], at_most: int) -> Iterator[int]:
    """Yield how many pictures each chunk has; the last figure holds for all to come."""
    runs = _entries(body, only(row, b"stsc"), ">III")
    firsts = [first for first, _, _ in runs]
    is_ordered = all(one < other for one, other in pairwise(firsts))
    if not runs or firsts[0] != 1 or not is_ordered:
        raise ValueError(_BAD_TABLES)
    if any(count > at_most or kind != 1 for _, count, kind in runs):
        raise ValueError(_BAD_TABLES)
    lengths = [other - one for one, other in pairwise(firsts)]
    parts = [repeat(run[1], length) for run, length in zip(runs, lengths, strict=False)]
    return chain(*parts, repeat(runs[-1][1]))


def _times(body: Body, row: Sequence[Box], count: int) -> list[int]:
    deltas = _expanded(_entries(body, only(row, b"stts"), ">II"), count)
    times = list(accumulate(deltas[:-1], initial=0))
    if not any(box.kind == b"ctts" for box in row):
        return times
    # Version 0 says they are unsigned, but files are written with negative ones.
    shifts = _expanded(_entries(body, only(row, b"ctts"), ">Ii"), count)
    shown = [time + shift for time, shift in zip(times, shifts, strict=True)]
    # One picture moved far away would draw all moments that are looked at to itself;
    # a little further than they last is what uneven frame rates look like.
    if (max(shown) - min(shown)) * 4 > sum(deltas) * 5:
        raise ValueError(_BAD_TABLES)
    return shown


def _expanded(entries: Sequence[tuple[int, ...]], count: int) -> list[int]:
    if sum(repeated for repeated, _ in entries) != count:
        raise ValueError(_BAD_TABLES)
    return [value for repeated, value in entries for _ in range(repeated)]


def _keys(body: Body, row: Sequence[Box], count: int) -> frozenset[int]:
    if not any(box.kind == b"stss" for box in row):
        return frozenset(range(count))
    entries = _entries(body, only(row, b"stss"), ">I")
    return frozenset(number - 1 for (number,) in entries)
