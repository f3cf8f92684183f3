"""MP4 and MOV files, read as far as Instagram's rules for them go.

Figures: reference of ``IG User/media``, reel and story specifications. Frame rates and
edit lists are not looked at.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

WIDEST = 1920
_REEL_S = (3.0, 900.0)
_STORY_S = (3.0, 60.0)
_CODECS = {b"avc1", b"avc3", b"hvc1", b"hev1"}
_TO_SAMPLES = (b"mdia", b"minf", b"stbl", b"stsd")
_FIXED_POINT = 65_536


@dataclass(frozen=True)
class Film:
    """What a file says of itself."""

    duration_s: float
    width: int
    height: int
    codecs: frozenset[bytes]
    is_streamable: bool
    """Whether the description comes before the pictures."""

    @classmethod
    def read(cls, content: bytes) -> Self | None:
        """Return the film; none if the file is not one."""
        try:
            return cls._read(content)
        except (struct.error, KeyError, ZeroDivisionError):
            return None

    @classmethod
    def _read(cls, content: bytes) -> Self | None:
        order = [kind for kind, _ in _boxes(content)]
        if order[:1] != [b"ftyp"] or b"moov" not in order:
            return None
        moov = dict(_boxes(content))[b"moov"]
        tracks = [body for kind, body in _boxes(moov) if kind == b"trak"]
        sizes = [_size(dict(_boxes(track))[b"tkhd"]) for track in tracks]
        width, height = max(sizes, default=(0, 0))
        pictures = order.index(b"mdat") if b"mdat" in order else len(order)
        return cls(
            duration_s=_duration_s(dict(_boxes(moov))[b"mvhd"]),
            width=width,
            height=height,
            codecs=frozenset(_codec(track) for track in tracks),
            is_streamable=order.index(b"moov") < pictures,
        )


def broken_rule(film: Film | None, *, is_story: bool) -> str | None:
    """Return the first rule that a film breaks, in words; none if it is fine."""
    if film is None:
        return "no MP4 or MOV"
    shortest, longest = _STORY_S if is_story else _REEL_S
    rules = {
        "the description must come first": film.is_streamable,
        "H.264 or HEVC": bool(film.codecs & _CODECS),
        "1920 pixels wide at most": 0 < film.width <= WIDEST,
        f"{shortest:g} to {longest:g} seconds": shortest <= film.duration_s <= longest,
    }
    return next((rule for rule, is_kept in rules.items() if not is_kept), None)


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the boxes of a box, or of a whole file; the last may be cut short."""
    at = 0
    while at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        header = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, at + 8)
            header = 16
        size = len(content) - at if size == 0 else max(size, header)
        yield kind, content[at + header : at + size]
        at += size


def _duration_s(mvhd: bytes) -> float:
    if mvhd[:1] == b"\x01":
        scale, duration = struct.unpack_from(">IQ", mvhd, 20)
    else:
        scale, duration = struct.unpack_from(">II", mvhd, 12)
    return float(duration / scale)


def _size(tkhd: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", tkhd[-8:])
    return width // _FIXED_POINT, height // _FIXED_POINT


def _codec(track: bytes) -> bytes:
    inner = track
    for kind in _TO_SAMPLES:
        inner = dict(_boxes(inner)).get(kind, b"")
    return inner[12:16]
