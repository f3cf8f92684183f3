"""Small videos, made when asked for, and tools to spoil them."""

import itertools
import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from tempfile import NamedTemporaryFile
from typing import Literal

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from PIL import Image

type Kind = Literal["mp4", "mov"]
type Colour = tuple[int, int, int]
type Change = Callable[[bytes], bytes]

MOVIE = (b"moov",)
TRACK = (*MOVIE, b"trak")
MEDIA = (*TRACK, b"mdia")
TABLE = (*MEDIA, b"minf", b"stbl")
"""Where the tables of a video are; the last one names a row of tables."""
SIZE = (320, 568)
FRAMES_PER_S = 30
_shades = itertools.count(1)


def film(  # noqa: PLR0913 - each by its name
    kind: Kind = "mp4",
    *,
    codec: str = "libx264",
    colours: Sequence[Colour] = ((40, 60, 80),) * 8,
    images: Sequence[Image.Image] = (),
    size: tuple[int, int] = SIZE,
    frames_per_s: int = FRAMES_PER_S,
    has_sound: bool = False,
    is_streamable: bool = False,
) -> bytes:
    """Return a video of these colours, one a frame; in H.264 every fourth is a key.

    One that is streamable has its tables before its pixels.
    """
    images = images or [Image.new("RGB", size, colour) for colour in colours]
    moved = {"movflags": "faststart"} if is_streamable else {}
    with (
        NamedTemporaryFile() as file,  # which FFmpeg reads again to move its tables
        av.open(file.name, "w", format=kind, container_options=moved) as container,
    ):
        stream = container.add_stream(codec, rate=frames_per_s)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = images[0].size
        stream.options = (
            {"g": "4"} if codec == "libx264" else {"x265-params": "log-level=none"}
        )
        sound = container.add_stream("aac", rate=48_000) if has_sound else None
        for place, image in enumerate(images):
            frame = _frame(image)
            frame.pts, frame.time_base = place, Fraction(1, frames_per_s)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if isinstance(sound, AudioStream):
            container.mux(sound.encode(_silence()))
            container.mux(sound.encode(None))
        container.close()
        return file.read()


def _frame(image: Image.Image) -> av.VideoFrame:
    frame = av.VideoFrame(*image.size, "rgb24")
    (plane,) = frame.planes
    rows = image.tobytes()
    width = 3 * image.width
    gap = bytes(plane.line_size - width)
    plane.update(
        b"".join(rows[at : at + width] + gap for at in range(0, len(rows), width))
    )
    return frame


def _silence() -> av.AudioFrame:
    frame = av.AudioFrame(format="fltp", layout="stereo", samples=1_024)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate, frame.pts = 48_000, 0
    return frame


def unlike_any(*, has_sound: bool = False) -> bytes:
    """Return a video unlike any other."""
    shade = next(_shades)
    colour = (shade % 8 * 16, shade // 8 % 8 * 16, 90)
    body = film(colours=(colour,) * 8, has_sound=has_sound)
    return body + box(b"free", shade.to_bytes(4))


def box(kind: bytes, content: bytes = b"") -> bytes:
    """Return a box."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


def changed(body: bytes, path: tuple[bytes, ...], change: Change) -> bytes:
    """Return a file in which the box at the end of a path is another.

    The change is given the whole box and returns what stands in its place. PyAV writes
    the tables last, so pixels stay where they are.
    """
    at = 0
    while body[at + 4 : at + 8] != path[0]:
        at += struct.unpack_from(">I", body, at)[0]
    end = at + struct.unpack_from(">I", body, at)[0]
    old = body[at:end]
    new = (
        change(old)
        if len(path) == 1
        else box(path[0], changed(old[8:], path[1:], change))
    )
    return body[:at] + new + body[end:]


def written(at: int, form: str, *values: int | bytes) -> Change:
    """Return a change that writes values into a box, so far after its header."""

    def change(old: bytes) -> bytes:
        new = bytearray(old)
        struct.pack_into(form, new, 8 + at, *values)
        return bytes(new)

    return change


def without(_: bytes) -> bytes:
    """Change a box into nothing."""
    return b""


def twice(old: bytes) -> bytes:
    """Change a box into two of it."""
    return old + old
