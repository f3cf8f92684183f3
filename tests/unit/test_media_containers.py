from collections.abc import Callable, Iterator
from typing import Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.test_media_samples import (
    checksum,
    encoded,
    painted,
    png_chunk,
    resized,
    samples,
)
from vixenbliss.media import jpeg, png, webp
from vixenbliss.media.containers import container_of, content_type_of
from vixenbliss.media.credentials import has_c2pa, source_type, with_source_type
from vixenbliss.media.pictures import NotAPictureError, for_judging, inspect

PUBLIC: list[Callable[[bytes], object]] = [
    inspect,
    for_judging,
    has_c2pa,
    source_type,
    with_source_type,
]


class Part(Protocol):
    """A chunk or a segment."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


ROWS: dict[str, tuple[int, Callable[[bytes], Iterator[Part]]]] = {
    "image/png": (8, png.chunks),
    "image/jpeg": (2, jpeg.segments),
    "image/webp": (12, webp.chunks),
}


def refuses(ask: Callable[[bytes], object], body: bytes) -> bool:
    """Tell whether the body is refused; any other error is the test's to fail by."""
    try:
        ask(body)
    except NotAPictureError:
        return True
    return False


def repaired(body: bytes) -> bytes:
    """Let checksums and lengths be right again, so that mutations get further in."""
    if body.startswith(b"RIFF"):
        return resized(body)
    if not body.startswith(png.SIGNATURE):
        return body
    parts, start = [png.SIGNATURE], 8
    while start + 12 <= len(body):
        end = start + 8 + int.from_bytes(body[start : start + 4])
        parts += [body[start:end], checksum(body[start + 4 : end])]
        start = end + 4
    return b"".join(parts)


@pytest.mark.parametrize("name", samples())
def test_the_parts_are_the_file(name: str) -> None:
    body = samples()[name]
    head, read = ROWS[content_type_of(body)]

    parts = [body[part.start : part.end] for part in read(body)]

    assert body[:head] + b"".join(parts) == body


@pytest.mark.parametrize("name", samples())
def test_a_container_knows_the_size(name: str) -> None:
    body = samples()[name]

    size = container_of(body).size(body)

    assert size == (5, 4)


@pytest.mark.parametrize("ask", PUBLIC)
@pytest.mark.parametrize("name", samples())
def test_a_file_cut_short_anywhere_is_refused(
    name: str, ask: Callable[[bytes], object]
) -> None:
    body = samples()[name]

    refusals = [refuses(ask, body[:end]) for end in range(len(body))]

    assert all(refusals)


@pytest.mark.parametrize("ask", PUBLIC)
@pytest.mark.parametrize("name", [name for name in samples() if "exif" in name])
def test_a_wrong_byte_anywhere_is_borne(
    name: str, ask: Callable[[bytes], object]
) -> None:
    body = samples()[name]
    parts = ((body[:at], body[at] ^ 0xFF, body[at + 1 :]) for at in range(len(body)))

    outcomes = {refuses(ask, a + bytes([wrong]) + b) for a, wrong, b in parts}

    assert True in outcomes


@settings(deadline=None, max_examples=600)
@given(data=st.data())
def test_what_is_inspected_is_good_for_everything(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from(sorted(samples().values()))))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        gone = data.draw(st.integers(0, 4))
        body[at : at + gone] = data.draw(st.binary(max_size=8))
    mutated = repaired(bytes(body))

    refusals = [refuses(ask, mutated) for ask in PUBLIC]

    assert refusals[0] or not any(refusals)


@settings(deadline=None)
@given(head=st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]), rest=st.binary())
def test_noise_after_a_good_beginning_is_refused(head: bytes, rest: bytes) -> None:
    body = head + rest

    refusals = [refuses(inspect, body), refuses(for_judging, body)]

    assert all(refusals)


def test_a_long_row_of_fill_bytes_is_passed_quickly() -> None:
    body = b"\xff\xd8\xff\xda\0\x03a" + b"\xff" * 5_000_000

    with pytest.raises(NotAPictureError, match="breaks off in its pixels"):
        has_c2pa(body)


def test_fill_bytes_before_a_marker_are_kept() -> None:
    whole = encoded(painted("RGB", (4, 4), b"\x21"), "JPEG")
    body = whole[:2] + b"\xff\xff" + whole[2:]

    marked = with_source_type(body)

    assert marked.startswith(b"\xff\xd8\xff\xff\xff\xe0")
    assert not refuses(inspect, marked)


@pytest.mark.parametrize("at", [5, 12, 20, 29])
def test_a_checksum_is_checked(at: int) -> None:
    body = bytearray(encoded(painted("RGB", (4, 4), b"\x21"), "PNG"))
    body[at] ^= 0x20

    with pytest.raises(NotAPictureError):
        has_c2pa(bytes(body))


@pytest.mark.parametrize(
    "row",
    [
        [b"IDAT", b"IEND"],
        [b"IHDR", b"IHDR", b"IDAT", b"IEND"],
        [b"IHDR", b"IDAT"],
        [b"IHDR", b"IEND", b"IDAT"],
        [b"IHDR", b"I!AT", b"IEND"],
    ],
)
def test_a_png_out_of_order_is_refused(row: list[bytes]) -> None:
    made = [png_chunk(kind, bytes(13)) for kind in row]
    body = png.SIGNATURE + b"".join(made)

    with pytest.raises(NotAPictureError):
        has_c2pa(body)


@pytest.mark.parametrize("row", [[b"IHDR", b"IEND"], [b"IHDR", b"IDAT", b"IEND"]])
def test_a_png_without_header_or_pixels_is_refused(row: list[bytes]) -> None:
    made = [png_chunk(kind, b"") for kind in row]
    body = png.SIGNATURE + b"".join(made)

    with pytest.raises(NotAPictureError, match="header or its pixels are missing"):
        inspect(body)


@pytest.mark.parametrize(
    "row",
    [
        b"\xff\xc0\0\x08\x08\0\1\0\1\1\xff\xd9",
        b"\xff\xda\0\2\xff\xc0\0\x08\x08\0\1\0\1\1\xff\xd9",
        b"\xff\xc0\0\2\xff\xda\0\2\xff\xd9",
        b"\xff\xc0\0\x08\x08\0\1\0\1\1" * 2 + b"\xff\xda\0\2\xff\xd9",
        b"\xff\xc0\0\1\xff\xd9",
        b"\xff\xd0\xff\xd9",
        b"\xff\xd9",
    ],
)
def test_a_jpeg_without_frame_or_scan_is_refused(row: bytes) -> None:
    body = b"\xff\xd8" + row

    with pytest.raises(NotAPictureError):
        inspect(body)


def test_a_jpeg_of_two_frames_is_refused() -> None:
    body = encoded(painted("RGB", (4, 4), b"\x21"), "JPEG")
    frame = next(part for part in jpeg.segments(body) if part.marker == 0xC0)
    again = body[frame.start : frame.end]

    with pytest.raises(NotAPictureError, match="one frame and its scans"):
        inspect(body[: frame.end] + again + body[frame.end :])


@pytest.mark.parametrize(
    "chunk",
    [
        b"VP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\0\0\4\0",
        b"VP8 \x06\0\0\0\0\0\0\x9d\x01\x2a",
        b"VP8 \x0a\0\0\0\0\0\0\x9d\x01\x2b\4\0\4\0",
        b"VP8L\x04\0\0\0\x2f\0\0\0",
        b"VP8L\x06\0\0\0\x2e\0\0\0\0\0",
        b"VP8X\x02\0\0\0\0\0",
        b"VP8Y\x02\0\0\0\0\0",
        b"VP8 \xff\xff\xff\xff",
        b"VP8",
        b"",
    ],
)
def test_a_webp_without_a_sound_header_is_refused(chunk: bytes) -> None:
    body = resized(b"RIFF\0\0\0\0WEBP" + chunk)

    refusals = [refuses(inspect, body), refuses(with_source_type, body)]

    assert all(refusals)


def test_a_webp_whose_last_chunk_is_too_long_is_refused() -> None:
    still = encoded(painted("RGB", (4, 4), b"\x21"), "WEBP")
    body = resized(still + b"abcd\xff\0\0\0")

    with pytest.raises(NotAPictureError, match="breaks off in a chunk"):
        has_c2pa(body)


def test_a_webp_that_says_it_is_animated_is_refused() -> None:
    body = bytearray(encoded(painted("RGB", (4, 4), b"\x21"), "WEBP", icc_profile=b"i"))
    body[20] |= webp.ANIMATION_FLAG

    with pytest.raises(NotAPictureError, match="animated"):
        inspect(bytes(body))


@pytest.mark.parametrize("kind", [b"ANIM", b"ANMF"])
def test_a_webp_with_frames_is_refused(kind: bytes) -> None:
    still = encoded(painted("RGB", (4, 4), b"\x21"), "WEBP")
    body = resized(still + kind + bytes(4))

    with pytest.raises(NotAPictureError, match="animated"):
        inspect(body)


def test_a_webp_of_two_pictures_is_refused() -> None:
    still = encoded(painted("RGB", (4, 4), b"\x21"), "WEBP")
    body = resized(still + still[12:])

    with pytest.raises(NotAPictureError, match="one picture"):
        inspect(body)


def test_a_packet_too_long_for_a_jpeg_is_a_value_error() -> None:
    body = encoded(painted("RGB", (4, 4), b"\x21"), "JPEG")

    with pytest.raises(ValueError, match="cannot hold that much"):
        jpeg.with_xmp(body, bytes(65_536))
