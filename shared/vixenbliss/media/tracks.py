"""The one track of pictures that a video has, and what there is besides it.

Source: ISO/IEC 14496-12, 8.3 to 8.6 and 12.1; ISO/IEC 14496-15 for the codecs' boxes.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vixenbliss.media.boxes import Body, Box, follow, inside, only
from vixenbliss.media.samples import Sample, duration_of, samples

type Codec = Literal["h264", "hevc"]

CODECS: dict[bytes, tuple[Codec, bytes]] = {
    b"avc1": ("h264", b"avcC"),
    b"avc3": ("h264", b"avcC"),
    b"hvc1": ("hevc", b"hvcC"),
    b"hev1": ("hevc", b"hvcC"),
}
"""What a description is called, to the codec and the box of what it has to know."""
ENCRYPTED = b"encv"
VISUAL_ENTRY_BYTES = 78  # before the boxes of a VisualSampleEntry
MAX_CONFIGURATION_BYTES = 100_000
MAX_TRACKS = 16
MAX_MOVIE_BYTES = 32_000_000
"""Tables of a quarter of an hour have a few megabytes."""
SELF_CONTAINED = b"\0\0\0\1"
_ONE = 1 << 16  # fixed point, 16.16
_EMPTY_EDIT = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The pictures of a video, and how to decode them."""

    codec: Codec
    configuration: bytes
    width: int
    height: int
    turn: tuple[int, int, int, int]
    """By which matrix the pictures are turned when shown; whole numbers."""
    units_per_s: int
    duration: int
    """In these units."""
    samples: Sequence[Sample]

    @property
    def duration_s(self) -> float:
        """How long its pictures are shown."""
        return self.duration / self.units_per_s


@dataclass(frozen=True, slots=True)
class Movie:
    """What a file holds: one track of pictures, and perhaps more."""

    pictures: Track
    duration_s: float
    """As the file says; players believe it."""
    others: Sequence[str]
    """The kinds of its other tracks, such as ``soun``."""
    is_edited: bool
    """Whether it leaves pictures out, or shows them more than once."""


def movie(body: Body, moov: Box) -> Movie:
    """Return what a file says of itself.

    Raises:
        ValueError: It is malformed, fragmented, encrypted, of another codec, or has
            not exactly one track of pictures.
    """
    if moov.end - moov.start > MAX_MOVIE_BYTES:
        msg = "its description is too large"
        raise ValueError(msg)
    row = inside(body, moov)
    if any(box.kind == b"mvex" for box in row):
        msg = "it is in fragments"
        raise ValueError(msg)
    tracks = [box for box in row if box.kind == b"trak"]
    if len(tracks) > MAX_TRACKS:
        msg = "it has too many tracks"
        raise ValueError(msg)
    kinds = [_handler(body, track) for track in tracks]
    if kinds.count(b"vide") != 1:
        msg = f"it has {kinds.count(b'vide')} tracks of pictures where one should be"
        raise ValueError(msg)
    track = tracks[kinds.index(b"vide")]
    units_per_s, duration = _clock(body, only(row, b"mvhd"))
    pictures = _pictures(body, track)
    return Movie(
        pictures,
        duration / units_per_s,
        [kind.decode("latin-1") for kind in kinds if kind != b"vide"],
        _is_edited(body, track, pictures.duration_s * units_per_s, units_per_s),
    )


def _handler(body: Body, track: Box) -> bytes:
    box = follow(body, track, b"mdia", b"hdlr")
    return body[box.content + 8 : min(box.content + 12, box.end)]


def _pictures(body: Body, track: Box) -> Track:
    media = follow(body, track, b"mdia")
    units_per_s, _ = _clock(body, follow(body, media, b"mdhd"))
    _refuse_elsewhere(body, follow(body, media, b"minf", b"dinf", b"dref"))
    table = follow(body, media, b"minf", b"stbl")
    entry = _entry(body, follow(body, table, b"stsd"))
    codec, name = CODECS[entry.kind]
    known = only(inside(body, entry, skip=VISUAL_ENTRY_BYTES), name)
    width, height = struct.unpack_from(">HH", body, entry.content + 24)
    return Track(
        codec=codec,
        configuration=known.data(body, MAX_CONFIGURATION_BYTES),
        width=width,
        height=height,
        turn=_turn(body, follow(body, track, b"tkhd")),
        units_per_s=units_per_s,
        duration=duration_of(body, table),
        samples=samples(body, table),
    )


def _entry(body: Body, descriptions: Box) -> Box:
    """Return the one description that all pictures share."""
    row = inside(body, descriptions, skip=8)
    if len(row) != 1 or row[0].kind not in CODECS:
        is_locked = any(box.kind == ENCRYPTED for box in row)
        msg = "it is encrypted" if is_locked else "it is neither H.264 nor HEVC"
        raise ValueError(msg)
    if row[0].end - row[0].content < VISUAL_ENTRY_BYTES:
        msg = "its description is cut short"
        raise ValueError(msg)
    return row[0]


def _refuse_elsewhere(body: Body, references: Box) -> None:
    row = inside(body, references, skip=8)
    if len(row) != 1 or body[row[0].content : row[0].content + 4] != SELF_CONTAINED:
        msg = "its pixels are in another file"
        raise ValueError(msg)


def _clock(body: Body, box: Box) -> tuple[int, int]:
    """Return units per second and duration of a header (``mvhd``, ``mdhd``)."""
    data = box.data(body, 200)
    form, at = (">IQ", 20) if data[:1] == b"\1" else (">II", 12)
    if len(data) < at + struct.calcsize(form):
        msg = "one of its headers is cut short"
        raise ValueError(msg)
    units_per_s, duration = struct.unpack_from(form, data, at)
    if not units_per_s:
        msg = "its clock stands still"
        raise ValueError(msg)
    return units_per_s, duration


def _turn(body: Body, header: Box) -> tuple[int, int, int, int]:
    data = header.data(body, 200)
    at = 52 if data[:1] == b"\1" else 40
    if len(data) < at + 36:
        msg = "one of its headers is cut short"
        raise ValueError(msg)
    a, b, _, c, d = struct.unpack_from(">5i", data, at)
    return a // _ONE, b // _ONE, c // _ONE, d // _ONE


def _is_edited(body: Body, track: Box, duration: float, tolerance: float) -> bool:
    """Tell whether an edit list does more than to shift the pictures a little."""
    lists = [box for box in inside(body, track) if box.kind == b"edts"]
    if not lists:
        return False
    data = follow(body, only(lists, b"edts"), b"elst").data(body, 10_000)
    form = ">Qqhh" if data[:1] == b"\1" else ">Iihh"
    if (len(data) - 8) % struct.calcsize(form):
        msg = "its edit list is malformed"
        raise ValueError(msg)
    edits = list(struct.iter_unpack(form, data[8:]))
    shown = [edit for edit in edits if edit[1] != _EMPTY_EDIT]
    is_whole = len(shown) == 1 and abs(shown[0][0] - duration) <= tolerance
    return not is_whole or shown[0][2:] != (1, 0)
