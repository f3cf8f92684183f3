"""Videos from outside: what their tables say, and the lies that are found out."""

import struct

import pytest

from tests.support.films import (
    MEDIA,
    MOVIE,
    TABLE,
    TRACK,
    Change,
    Kind,
    box,
    changed,
    film,
    twice,
    without,
    written,
)
from vixenbliss.media.boxes import MAX_BOXES
from vixenbliss.media.tracks import MAX_MOVIE_BYTES
from vixenbliss.media.videos import NotAVideoError, inspect

FILM = film()
HOUR_S = 3_600
NEVER = 0xFFFF_FFFF


def entry(at: int, form: str, *values: int | bytes) -> Change:
    """Write into the one description of the pictures, which is within ``stsd``."""
    return written(16 + at, form, *values)


def table(kind: bytes, change: Change) -> bytes:
    return changed(FILM, (*TABLE, kind), change)


def added(path: tuple[bytes, ...], more: bytes) -> bytes:
    """Return a film with one more box within another."""
    return changed(FILM, path, lambda old: box(old[4:8], old[8:] + more))


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize(
    ("kind", "content_type"), [("mp4", "video/mp4"), ("mov", "video/quicktime")]
)
def test_a_video_is_described(kind: Kind, content_type: str, codec: str) -> None:
    body = film(kind, codec=codec, frames_per_s=25, colours=((1, 2, 3),) * 50)

    video = inspect(body)

    assert video.content_type == content_type
    assert (video.pictures.width, video.pictures.height) == (320, 568)
    assert (video.duration_ms, video.frames_per_s) == (2_000, 25)
    assert (video.others, video.is_edited) == ((), False)


@pytest.mark.parametrize(
    ("matrix", "size"),
    [
        ((1, 0, 0, 1), (320, 568)),
        ((0, 1, -1, 0), (568, 320)),
        ((-1, 0, 0, -1), (320, 568)),
        ((0, -1, 1, 0), (568, 320)),
    ],
)
def test_a_video_is_measured_as_people_see_it(
    matrix: tuple[int, int, int, int], size: tuple[int, int]
) -> None:
    a, b, c, d = (value << 16 for value in matrix)
    body = changed(FILM, (*TRACK, b"tkhd"), written(40, ">5i", a, b, 0, c, d))

    assert inspect(body).shown_size == size


def test_sound_is_noticed() -> None:
    video = inspect(film(has_sound=True))

    assert video.others == ("soun",)


def test_a_file_may_be_streamed_from_its_end_or_its_beginning() -> None:
    head = len(box(b"wide"))
    moved = changed(FILM, (b"ftyp",), lambda old: old + box(b"wide"))
    shifted = changed(moved, (*TABLE, b"stco"), _shift(head))

    video = inspect(shifted)

    assert (
        video.pictures.samples[0].start == inspect(FILM).pictures.samples[0].start + 8
    )


def _shift(by: int) -> Change:
    def change(old: bytes) -> bytes:
        count = struct.unpack_from(">I", old, 12)[0]
        places = struct.unpack_from(f">{count}I", old, 16)
        return old[:16] + struct.pack(f">{count}I", *(place + by for place in places))

    return change


def test_the_last_box_may_go_to_the_end_of_the_file() -> None:
    body = FILM + struct.pack(">I4s", 0, b"free") + b"whatever"

    assert inspect(body) == inspect(FILM)


def test_a_size_may_have_64_bits() -> None:
    body = FILM + struct.pack(">I4sQ", 1, b"free", 20) + b"more"

    assert inspect(body) == inspect(FILM)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(40), id="a picture"),
        pytest.param(FILM[8:], id="without its beginning"),
        pytest.param(FILM[:-1], id="a byte short"),
        pytest.param(FILM[: len(FILM) // 2], id="half of it"),
        pytest.param(FILM + b"\0\0", id="bytes behind"),
        pytest.param(FILM + box(b"ftyp", b"isom"), id="two beginnings"),
        pytest.param(FILM + struct.pack(">I4s", 4, b"free"), id="a size below 8"),
        pytest.param(FILM + struct.pack(">I4s", NEVER, b"free"), id="a giant size"),
        pytest.param(
            FILM + struct.pack(">I4sQ", 1, b"free", 2**63), id="a giant large size"
        ),
        pytest.param(
            FILM + struct.pack(">I4sQ", 1, b"free", 8), id="a large size below 16"
        ),
        pytest.param(added(MOVIE, struct.pack(">I4s", 0, b"free")), id="an inner 0"),
        pytest.param(FILM + box(b"moof"), id="a fragment"),
        pytest.param(added(MOVIE, box(b"mvex")), id="a promise of fragments"),
        pytest.param(changed(FILM, MOVIE, without), id="no tables"),
        pytest.param(changed(FILM, MOVIE, twice), id="two tables"),
        pytest.param(changed(FILM, TRACK, without), id="no pictures"),
        pytest.param(changed(FILM, TRACK, twice), id="two tracks of pictures"),
        pytest.param(changed(FILM, (b"mdat",), without), id="no pixels"),
        pytest.param(FILM + box(b"free") * (MAX_BOXES + 1), id="too many boxes"),
    ],
)
def test_what_is_no_whole_video_is_refused(body: bytes) -> None:
    with pytest.raises(NotAVideoError, match="not an MP4 or MOV video"):
        inspect(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (table(b"stsd", entry(-4, ">4s", b"encv")), "encrypted"),
        (table(b"stsd", entry(-4, ">4s", b"vp09")), "neither H.264 nor HEVC"),
        (table(b"stsd", entry(24, ">HH", 0, 0)), "0 x 0"),
        (table(b"stsd", entry(24, ">HH", 4_098, 16)), "4098 x 16"),
        (table(b"stsd", entry(24, ">HH", 4_096, 4_096)), "pixels are allowed"),
        (table(b"stsd", twice), "2 boxes b'stsd'"),
        (changed(FILM, (*MOVIE, b"mvhd"), written(12, ">I", 0)), "clock stands still"),
        (
            changed(FILM, (*MOVIE, b"mvhd"), written(12, ">II", 1, 100 * HOUR_S)),
            "more than 900 seconds",
        ),
        (changed(FILM, (*MEDIA, b"mdhd"), written(12, ">I", 1)), "900 seconds"),
        (
            changed(
                film(colours=((1, 2, 3),)), (*TABLE, b"stts"), written(12, ">I", 0)
            ),
            "no length",
        ),
        (
            changed(FILM, (*MEDIA, b"minf", b"dinf", b"dref"), written(16, ">I", 0)),
            "another file",
        ),
    ],
)
def test_what_nobody_could_judge_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(NotAVideoError, match=reason):
        inspect(body)


def test_many_tracks_are_too_many() -> None:
    sound = changed(FILM, (*MEDIA, b"hdlr"), written(8, ">4s", b"soun"))
    at = sound.index(b"trak") - 4
    track = sound[at : at + struct.unpack_from(">I", sound, at)[0]]

    with pytest.raises(NotAVideoError, match="too many tracks"):
        inspect(added(MOVIE, track * 16))


def test_a_giant_description_is_not_read() -> None:
    body = added(MOVIE, box(b"free", bytes(MAX_MOVIE_BYTES)))

    with pytest.raises(NotAVideoError, match="description is too large"):
        inspect(body)


@pytest.mark.parametrize(
    ("edits", "is_edited"),
    [
        pytest.param([(267, 1024)], False, id="shifted"),
        pytest.param([(500, -1), (267, 0)], False, id="begun later"),
        pytest.param([(1, 0)], False, id="a little less"),
        pytest.param([(5_000, 0)], True, id="much more"),
        pytest.param([(100, 0), (100, 2048)], True, id="two cuts"),
        pytest.param([(500, -1)], True, id="nothing"),
    ],
)
def test_an_edit_list_that_selects_is_noticed(
    edits: list[tuple[int, int]], is_edited: object
) -> None:
    rows = b"".join(struct.pack(">Iihh", *edit, 1, 0) for edit in edits)
    content = bytes(4) + struct.pack(">I", len(edits)) + rows
    body = changed(FILM, (*TRACK, b"edts", b"elst"), lambda _: box(b"elst", content))

    assert inspect(body).is_edited is is_edited


def test_a_malformed_edit_list_is_refused() -> None:
    body = changed(
        FILM, (*TRACK, b"edts", b"elst"), lambda old: box(b"elst", old[8:] + b"x")
    )

    with pytest.raises(NotAVideoError, match="edit list"):
        inspect(body)


@pytest.mark.parametrize(
    "path",
    [
        (*MOVIE, b"mvhd"),
        (*TRACK, b"tkhd"),
        (*MEDIA, b"mdhd"),
        (*MEDIA, b"hdlr"),
        (*TABLE, b"stsd"),
    ],
    ids=lambda path: path[-1].decode(),
)
@pytest.mark.parametrize("size", [0, 7, 11])
def test_a_header_that_is_cut_short_is_refused(
    path: tuple[bytes, ...], size: int
) -> None:
    body = changed(FILM, path, lambda old: box(old[4:8], old[8 : 8 + size]))

    with pytest.raises(NotAVideoError):
        inspect(body)


def test_a_video_needs_no_edit_list() -> None:
    body = changed(FILM, (*TRACK, b"edts"), without)

    assert inspect(body) == inspect(FILM)


def test_nesting_costs_nothing() -> None:
    deep = b""
    for _ in range(2_000):
        deep = box(b"trak", deep)
    body = FILM + box(b"meta", deep)

    assert inspect(body) == inspect(FILM)
