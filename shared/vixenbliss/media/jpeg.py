"""JPEG: a row of marker segments from SOI to EOI.

Source: ITU-T T.81 (ISO/IEC 10918-1), annex B.
https://www.w3.org/Graphics/JPEG/itu-t81.pdf
"""

import re
import struct
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

SIGNATURE = b"\xff\xd8\xff"
SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
APP0, APP1, APP11 = 0xE0, 0xE1, 0xEB
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # not DHT, JPG, DAC
WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, SOI + 1)})  # TEM, RST0-7, SOI
MIN_FRAME_BYTES = 6  # precision, height, width, number of components

MAX_SCANS = 100
"""An encoder makes about ten; each more costs the decoder a walk over all pixels.

D. R. Commander and G. Markham, "Two Issues with the JPEG Standard", 2016, LJT-01-003;
Red Hat bug 1344214: no real use needs more than 100.
"""

EXIF = b"Exif\0\0"
XMP = b"http://ns.adobe.com/xap/1.0/\0"  # XMP Specification, Part 3 (2016), 1.1.3
EXTENDED_XMP = b"http://ns.adobe.com/xmp/extension/\0"
JUMBF = b"JP"  # ISO/IEC 19566-5, D.2: then instance (2), sequence (4) and the box
C2PA_UUID = bytes.fromhex("6332706100110010800000AA00389B71")  # C2PA 2.1, 11.1

_MARKER = re.compile(rb"\xff++([^\x00\xff])")  # any number of 0xFF may fill up
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


class Segment(NamedTuple):
    """Where a segment stands in the file, fill bytes included.

    A start of scan carries the pixels that follow it.
    """

    marker: int
    start: int
    content: int
    end: int

    def data(self, body: bytes) -> bytes:
        """Return what the segment says, without marker and length."""
        return body[self.content : self.end]

    def begins(self, body: bytes, *names: bytes) -> bool:
        """Tell whether what the segment says begins with one of these names."""
        return body.startswith(names, self.content, self.end)


def matches(body: bytes) -> bool:
    """Tell whether the file begins like a JPEG."""
    return body.startswith(SIGNATURE)


def segments(body: bytes) -> Iterator[Segment]:
    """Yield the segments in order; with the two bytes of SOI they are the file.

    Raises:
        ValueError: The row is broken, or something follows the end. It may come after
            the first segments: only who has seen them all knows the file is whole.
    """
    position, marker = 2, SOI
    while marker != EOI:
        segment = _segment_at(body, position)
        yield segment
        position, marker = segment.end, segment.marker
    if position != len(body):
        msg = "something follows its end"
        raise ValueError(msg)


def size(body: bytes) -> tuple[int, int]:
    """Return width and height after a walk through the whole file.

    Raises:
        ValueError: The file is malformed, without pixels, or has too many scans.
    """
    row = [part for part in segments(body) if part.marker in {*FRAMES, SOS}]
    is_frame = [part.marker in FRAMES for part in row]
    if is_frame != [True, *[False] * (len(row) - 1)] or len(row) == 1:
        msg = "it is not made of one frame and its scans"
        raise ValueError(msg)
    data = row[0].data(body)
    if len(row) - 1 > MAX_SCANS or len(data) < MIN_FRAME_BYTES:
        msg = "its frame is cut short, or has too many scans"
        raise ValueError(msg)
    height, width = struct.unpack_from(">HH", data, 1)
    return width, height


def has_c2pa(body: bytes) -> bool:
    """Tell whether there is an APP11 segment that begins a C2PA manifest store.

    Others keep boxes in APP11 too (JPEG XT, JPEG 360), so the box has to be looked at.

    Raises:
        ValueError: The file is malformed.
    """
    boxes = [part for part in segments(body) if part.marker == APP11]
    return any(_begins_store(part.data(body)) for part in boxes)


def xmp_packets(body: bytes) -> Iterator[bytes]:
    """Yield the XMP packets; the standard allows one. Extended XMP is left out.

    Raises:
        ValueError: The file is malformed.
    """
    for segment in segments(body):
        if segment.marker == APP1 and segment.begins(body, XMP):
            yield segment.data(body)[len(XMP) :]


def with_xmp(body: bytes, packet: bytes) -> bytes:
    """Return the file with this packet, and no other, after JFIF and Exif.

    Raises:
        ValueError: The file is malformed, or the packet too long for a segment.
    """
    kept = [segment for segment in segments(body) if not _is_xmp(body, segment)]
    place = sum(1 for _ in takewhile(lambda part: _leads(body, part), kept))
    parts = [body[segment.start : segment.end] for segment in kept]
    xmp = _segment(APP1, XMP + packet)
    return b"".join([body[:2], *parts[:place], xmp, *parts[place:]])


def _segment_at(body: bytes, start: int) -> Segment:
    found = _MARKER.match(body, start)
    marker = found[1][0] if found else SOI
    if not found or marker in WITHOUT_LENGTH:
        msg = "it breaks off, or its segments do not follow each other"
        raise ValueError(msg)
    if marker == EOI:
        return Segment(marker, start, found.end(), found.end())
    content = found.end() + 2
    end = found.end() + int.from_bytes(body[found.end() : content])
    if not content <= end <= len(body):
        msg = "it breaks off, or a segment has a wrong length"
        raise ValueError(msg)
    return Segment(marker, start, content, _scanned(body, marker, end))


def _scanned(body: bytes, marker: int, end: int) -> int:
    if marker != SOS:
        return end
    found = _AFTER_SCAN.search(body, end)
    if not found:
        msg = "it breaks off in its pixels"
        raise ValueError(msg)
    return found.start()


def _segment(marker: int, data: bytes) -> bytes:
    try:
        return struct.pack(">BBH", 0xFF, marker, 2 + len(data)) + data
    except struct.error as error:
        msg = "a segment cannot hold that much"
        raise ValueError(msg) from error


def _is_xmp(body: bytes, segment: Segment) -> bool:
    return segment.marker == APP1 and segment.begins(body, XMP, EXTENDED_XMP)


def _leads(body: bytes, segment: Segment) -> bool:
    is_exif = segment.marker == APP1 and segment.begins(body, EXIF)
    return segment.marker == APP0 or is_exif


def _begins_store(data: bytes) -> bool:
    # A superbox opens with its description box, and that with its type. A length of
    # 1 says that eight more bytes tell the real one (ISO/IEC 15444-1, I.4).
    box = data[8:]
    inside = box[16:] if box[:4] == bytes([0, 0, 0, 1]) else box[8:]
    is_description = box[4:8] == b"jumb" and inside[4:8] == b"jumd"
    return data.startswith(JUMBF) and is_description and inside[8:24] == C2PA_UUID
