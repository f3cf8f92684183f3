"""Videos that come from outside: are they whole, and what do they say of themselves.

Nothing is decoded here. A body may be a memory map: no file is read into memory whole.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from vixenbliss.errors import ValidationError
from vixenbliss.media.boxes import Body, Box, inside, only, top
from vixenbliss.media.credentials import AI_TERM
from vixenbliss.media.packets import PACKET, stated_source_type
from vixenbliss.media.tracks import Movie, Track, movie

VideoType = Literal["video/mp4", "video/quicktime"]

MAX_DURATION_S = 900  # Instagram, reels: 15 minutes; nobody takes longer ones
MAX_SIDE = 4_096
MAX_PIXELS = 36_864 * 256
"""Of one picture: H.264 (ITU-T H.264, table A-1) has no more up to its level 5.2.

A decoder keeps up to 16 pictures, so this bounds the memory that it needs.
"""
MAX_PACKET_BYTES = 1 << 20
MAX_PACKETS = 4
"""Of one file: there should be one in each place that a packet may have."""
QUICKTIME = b"qt  "
UUID = b"uuid"
XMP_UUID = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
"""XMP Specification, Part 3 (2020), 1.2.7.1: a box at the top, in MP4 and MOV."""
XMP_ATOM = b"XMP_"  # 1.2.7.2: in the user data of a MOV
C2PA_UUID = bytes.fromhex("D8FEC3D61B0E483C92975828877EC481")
"""C2PA 2.1, A.5: what holds a manifest store, at the top."""


class NotAVideoError(ValidationError):
    """The bytes are not a video that we take, or not a whole one."""

    code = "NOT_A_VIDEO"

    def __init__(self, reason: str) -> None:
        super().__init__(f"This is not an MP4 or MOV video that we can take: {reason}.")


@dataclass(frozen=True, slots=True)
class Video:
    """What there is to know of a video without looking at it."""

    content_type: VideoType
    pictures: Track
    """Of a width and height as stored, before they are turned to be shown."""
    duration_ms: int
    others: tuple[str, ...]
    """The kinds of its other tracks: ``soun``, or ``meta`` and the like."""
    is_edited: bool
    """Whether it leaves pictures out, or shows them more than once."""

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height as people see it."""
        stored = self.pictures.width, self.pictures.height
        a, b, _, _ = self.pictures.turn
        is_lying = a == 0 and b != 0
        return stored[::-1] if is_lying else stored

    @property
    def frames_per_s(self) -> float:
        """How many pictures are shown in a second, on average."""
        return len(self.pictures.samples) / self.pictures.duration_s


def inspect(body: Body) -> Video:
    """Prove that a file is one whole video as far as its tables go, and describe it.

    Its pixels are not decoded: see ``vixenbliss.media.frames``.

    Raises:
        NotAVideoError: It is of another format, broken, cut short, encrypted, in
            fragments, longer than a quarter of an hour, larger than 4096 pixels a
            side, or has not exactly one track of pictures.
    """
    with refusing():
        row = top(body)
        if row[:1] != [box for box in row if box.kind == b"ftyp"]:
            msg = "it does not begin like one"
            raise ValueError(msg)
        if any(box.kind == b"moof" for box in row):
            msg = "it is in fragments"
            raise ValueError(msg)
        found = movie(body, only(row, b"moov"))
        brand = body[row[0].content : row[0].content + 4]
    _refuse_unbearable(found)
    duration_s = max(found.duration_s, found.pictures.duration_s)
    return Video(
        content_type="video/quicktime" if brand == QUICKTIME else "video/mp4",
        pictures=found.pictures,
        duration_ms=round(duration_s * 1_000),
        others=tuple(found.others),
        is_edited=found.is_edited,
    )


def has_c2pa(body: Body) -> bool:
    """Tell whether the file carries a C2PA manifest store, valid or not.

    Raises:
        NotAVideoError: The file is malformed.
    """
    with refusing():
        return any(_stores(body))


def source_type(body: Body) -> str | None:
    """Return the IPTC DigitalSourceType that the video's XMP states, if any.

    Of several the one that says that a trained model has made it, or the first.

    Raises:
        NotAVideoError: The file is malformed, or has more than four packets.
    """
    with refusing():
        stated = [stated_source_type(packet) for packet in _packets(body)]
    values = [value for value in stated if value]
    return next((value for value in values if AI_TERM in value), (*values, None)[0])


def says_it_is_ai(body: Body) -> bool:
    """Tell whether the file itself states that a trained model has made it.

    As of pictures, a C2PA store is believed when it spells the term, unverified.

    Raises:
        NotAVideoError: The file is malformed.
    """
    if AI_TERM in (source_type(body) or ""):
        return True
    term = AI_TERM.encode()
    with refusing():
        return any(body.find(term, s.start, s.end) >= 0 for s in _stores(body))


def missing_mark(body: Body) -> bytes:
    """Return what to append so that the file states that a trained model has made it.

    Nothing if it states any source type already, or has C2PA, whose signature covers
    the file. What is in the file stays where it is, as its tables demand.

    Raises:
        NotAVideoError: The file is malformed.
    """
    if has_c2pa(body) or source_type(body):
        return b""
    content = UUID + XMP_UUID + PACKET
    return (4 + len(content)).to_bytes(4) + content


@contextmanager
def refusing() -> Iterator[None]:
    """Turn complaints about a file into an error for the caller.

    Raises:
        NotAVideoError: For every ``ValueError``.
    """
    try:
        yield
    except ValueError as error:
        raise NotAVideoError(str(error)) from error


def _refuse_unbearable(found: Movie) -> None:
    width, height = found.pictures.width, found.pictures.height
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        reason = f"it is {width} x {height}, at most {MAX_SIDE} a side are allowed"
        raise NotAVideoError(reason)
    if width * height > MAX_PIXELS:
        reason = f"it is {width} x {height}, at most {MAX_PIXELS} pixels are allowed"
        raise NotAVideoError(reason)
    duration_s = found.pictures.duration_s
    if not 0 < duration_s <= MAX_DURATION_S or found.duration_s > MAX_DURATION_S:
        reason = f"it has no length, or more than {MAX_DURATION_S} seconds"
        raise NotAVideoError(reason)


def _of_uuid(body: Body, uuid: bytes) -> list[Box]:
    boxes = [box for box in top(body) if box.kind == UUID]
    return [box for box in boxes if body[box.content : box.content + 16] == uuid]


def _stores(body: Body) -> list[Box]:
    return _of_uuid(body, C2PA_UUID)


def _packets(body: Body) -> Sequence[bytes]:
    found = list(islice(_every_packet(body), MAX_PACKETS + 1))
    if len(found) > MAX_PACKETS:
        msg = "it has too many XMP packets"
        raise ValueError(msg)
    return found


def _every_packet(body: Body) -> Iterator[bytes]:
    for box in _of_uuid(body, XMP_UUID):
        yield box.data(body, MAX_PACKET_BYTES)[16:]
    movies = [box for box in top(body) if box.kind == b"moov"]
    said = [b for box in movies for b in inside(body, box) if b.kind == b"udta"]
    for atom in (atom for data in said for atom in inside(body, data)):
        if atom.kind == XMP_ATOM:
            yield atom.data(body, MAX_PACKET_BYTES)
