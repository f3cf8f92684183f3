import zlib
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from PIL import Image

from tests.unit.test_media_samples import (
    encoded,
    jpeg_with,
    opened,
    packet,
    pictures,
    pixels,
    plain,
    png_with,
    samples,
    turned,
    webp_with,
    with_packet,
)
from vixenbliss.media import jpeg, png, webp
from vixenbliss.media.credentials import has_c2pa, source_type, with_source_type
from vixenbliss.media.packets import PACKET, TRAINED_ALGORITHMIC_MEDIA
from vixenbliss.media.pictures import NotAPictureError, inspect

KINDS = ("PNG", "JPEG", "WEBP")
CAPTURE = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"


STATEMENTS = {
    "attribute": packet("", attribute=f'q:DigitalSourceType="{CAPTURE}"'),
    "element": packet(f"<q:DigitalSourceType> {CAPTURE}\n</q:DigitalSourceType>"),
    "UTF-16": packet(f"<q:DigitalSourceType>{CAPTURE}</q:DigitalSourceType>")
    .decode()
    .encode("utf-16"),
    "resource": packet(f'<q:DigitalSourceType rdf:resource="{CAPTURE}"/>'),
}
SILENCES = {
    "nothing": b"",
    "not XML": b"DigitalSourceType \x00\xff<",
    "not XMP": f'<a DigitalSourceType="{CAPTURE}"/>'.encode(),
    "empty": packet("<q:DigitalSourceType/>"),
    "another namespace": packet(
        f"<x:DigitalSourceType>{CAPTURE}</x:DigitalSourceType>"
    ),
    "an ingredient's": packet(
        '<q:Pantry><rdf:Bag><rdf:li><rdf:Description q:DigitalSourceType="x"/>'
        "</rdf:li></rdf:Bag></q:Pantry>"
    ),
    "a comment": packet(f"<!-- <q:DigitalSourceType>{CAPTURE} -->"),
    "an ingredient's element": packet(
        "<q:Pantry><rdf:Bag><rdf:li><rdf:Description><q:DigitalSourceType>x"
        "</q:DigitalSourceType></rdf:Description></rdf:li></rdf:Bag></q:Pantry>"
    ),
    "with entities": b'<!DOCTYPE x [<!ENTITY a "a"><!ENTITY b "&a;&a;">]>'
    + STATEMENTS["element"].partition(b"?>")[2],
}


@settings(deadline=None, max_examples=200)
@given(body=pictures())
def test_a_statement_leaves_the_pixels_alone(body: bytes) -> None:
    marked = with_source_type(body)

    assert pixels(marked) == pixels(body)
    assert inspect(marked).width == inspect(body).width


@settings(deadline=None, max_examples=200)
@given(body=pictures())
def test_a_statement_can_be_read_back(body: bytes) -> None:
    marked = with_source_type(body)

    assert source_type(marked) == TRAINED_ALGORITHMIC_MEDIA
    assert opened(marked).info["xmp"] == PACKET


@settings(deadline=None)
@given(body=pictures())
def test_a_statement_is_made_once_and_always_alike(body: bytes) -> None:
    marked = with_source_type(body)

    assert with_source_type(body) == marked
    assert with_source_type(marked) == marked


@settings(deadline=None)
@given(body=pictures())
def test_all_else_that_a_file_says_stays(body: bytes) -> None:
    before = {**opened(body).info, "xmp": None, "XML:com.adobe.xmp": None}

    marked = opened(with_source_type(body))

    assert {**marked.info, "xmp": None, "XML:com.adobe.xmp": None} == before


def test_pillow_reads_the_statement_in_a_png_as_text() -> None:
    marked = opened(with_source_type(plain("PNG")))

    assert isinstance(marked.info["XML:com.adobe.xmp"], str)
    assert TRAINED_ALGORITHMIC_MEDIA in marked.info["XML:com.adobe.xmp"]


@pytest.mark.parametrize("name", samples())
def test_a_picture_of_a_camera_or_a_painter_states_nothing(name: str) -> None:
    stated = source_type(samples()[name])

    assert stated is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", STATEMENTS)
def test_any_form_of_statement_is_read(kind: str, form: str) -> None:
    body = with_packet(kind, STATEMENTS[form])

    stated = source_type(body)

    assert stated == CAPTURE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", STATEMENTS)
def test_a_file_that_states_its_source_stays_as_it_is(kind: str, form: str) -> None:
    body = with_packet(kind, STATEMENTS[form])

    marked = with_source_type(body)

    assert marked == body


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", SILENCES)
def test_other_xmp_states_nothing(kind: str, form: str) -> None:
    body = with_packet(kind, SILENCES[form])

    stated = source_type(body)

    assert stated is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", SILENCES)
def test_other_xmp_is_replaced(kind: str, form: str) -> None:
    body = with_packet(kind, SILENCES[form])

    marked = with_source_type(body)

    packets = {"PNG": png, "JPEG": jpeg, "WEBP": webp}[kind].xmp_packets(marked)
    assert list(packets) == [PACKET]


def test_a_compressed_statement_is_read() -> None:
    text = png.XMP_KEYWORD + b"\1\0en\0\0" + zlib.compress(STATEMENTS["element"])
    body = png_with(plain("PNG"), (b"iTXt", text))

    stated = source_type(body)

    assert stated == CAPTURE


def test_a_compressed_bomb_is_not_read_to_its_end() -> None:
    text = b" " * png.MAX_XMP_BYTES + STATEMENTS["element"].partition(b"?>")[2]
    content = png.XMP_KEYWORD + b"\1\0\0\0" + zlib.compress(text)
    body = png_with(plain("PNG"), (b"iTXt", content))

    stated = source_type(body)

    assert stated is None


@pytest.mark.parametrize("text", [b"", b"\0", b"\1\0\0", b"\1\0\0\0broken"])
def test_an_unreadable_text_states_nothing(text: bytes) -> None:
    body = png_with(plain("PNG"), (b"iTXt", png.XMP_KEYWORD + text))

    stated = source_type(body)

    assert stated is None


def test_a_statement_in_a_second_packet_counts() -> None:
    body = jpeg_with(
        plain("JPEG"),
        (jpeg.APP1, jpeg.XMP + b"<nothing/>"),
        (jpeg.APP1, jpeg.XMP + STATEMENTS["element"]),
    )

    stated = source_type(body)

    assert stated == CAPTURE


def test_a_png_states_it_right_after_its_header() -> None:
    marked = with_source_type(plain("PNG", exif=turned(3)))

    kinds = [chunk.kind for chunk in png.chunks(marked)]
    assert kinds == [b"IHDR", b"iTXt", b"eXIf", b"IDAT", b"IEND"]


def test_a_jpeg_states_it_after_jfif_and_exif() -> None:
    body = jpeg_with(plain("JPEG", exif=turned(3)), (jpeg.APP1, jpeg.EXTENDED_XMP))

    marked = with_source_type(body)

    row = [part.data(marked)[:5] for part in jpeg.segments(marked)]
    assert row[:3] == [b"JFIF\0", b"Exif\0", b"http:"]
    assert row.count(b"http:") == 1


def test_a_jpeg_without_jfif_states_it_first() -> None:
    whole = plain("JPEG")
    body = whole[:2] + whole[20:]

    marked = with_source_type(body)

    assert next(jpeg.segments(marked)).begins(marked, jpeg.XMP)


def test_a_webp_states_it_between_exif_and_what_is_unknown() -> None:
    body = webp_with(plain("WEBP", exif=turned(3), icc_profile=b"i"), (b"abcd", b"x"))

    marked = with_source_type(body)

    kinds = [chunk.kind for chunk in webp.chunks(marked)]
    assert kinds == [b"VP8X", b"ICCP", b"VP8 ", b"EXIF", b"XMP ", b"abcd"]


@pytest.mark.parametrize(
    ("mode", "lossless", "flags"),
    [
        ("RGB", False, webp.XMP_FLAG),
        ("RGB", True, webp.XMP_FLAG),
        ("RGBA", True, webp.XMP_FLAG | webp.ALPHA_FLAG),
        ("RGBA", False, webp.XMP_FLAG | webp.ALPHA_FLAG),
    ],
)
def test_a_simple_webp_becomes_an_extended_one(
    mode: str,
    lossless: bool,  # noqa: FBT001 - a case, not a switch
    flags: int,
) -> None:
    image = Image.new(mode, (300, 7), (1, 2, 3, 4)[: len(mode)])
    body = encoded(image, "WEBP", lossless=lossless)

    marked = with_source_type(body)

    header = next(webp.chunks(marked)).data(marked)
    assert header == bytes([flags, 0, 0, 0, 299 & 255, 1, 0, 6, 0, 0])


def test_a_webp_that_asks_to_be_scaled_keeps_its_size() -> None:
    body = bytearray(plain("WEBP"))
    body[27] |= 0xC0  # the upper bits of the width

    marked = with_source_type(bytes(body))

    assert marked[24:30] == bytes([5, 0, 0, 4, 0, 0])
    assert inspect(marked).width == 6


def test_a_webp_that_has_a_header_keeps_its_flags() -> None:
    body = plain("WEBP", exif=turned(2), icc_profile=b"i")

    marked = with_source_type(body)

    assert marked[20] == body[20] | webp.XMP_FLAG
    assert marked[21:30] == body[21:30]


@pytest.mark.parametrize("ask", [has_c2pa, source_type, with_source_type])
@pytest.mark.parametrize("body", [b"", b"GIF89a", b"RIFF\4\0\0\0WAVE", b"c2pa"])
def test_other_files_are_refused(ask: Callable[[bytes], object], body: bytes) -> None:
    with pytest.raises(NotAPictureError, match="does not begin like one"):
        ask(body)


def test_the_packet_is_read_only() -> None:
    text = PACKET.decode()

    assert text.startswith('<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>')
    assert text.endswith('<?xpacket end="r"?>')


def test_a_large_picture_is_marked_without_decoding() -> None:
    body = encoded(Image.new("1", (9000, 9000)), "PNG")

    marked = with_source_type(body)

    gained = {chunk.end - chunk.start for chunk in png.chunks(marked)}
    assert len(marked) - len(body) in gained
    assert all(a.end == b.start for a, b in pairwise(png.chunks(marked)))
