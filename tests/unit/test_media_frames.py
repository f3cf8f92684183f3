"""What a judge is shown of a video."""

from io import BytesIO

import pytest
from PIL import Image

from tests.support.films import Colour, changed, film, written
from vixenbliss.media import frames
from vixenbliss.media.frames import TooSlowError, for_judging
from vixenbliss.media.videos import NotAVideoError, inspect

RED, GREEN, BLUE = (220, 30, 30), (30, 200, 40), (30, 40, 210)
ENTRY = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")


def seen(body: bytes) -> list[Image.Image]:
    jpegs = for_judging(body, inspect(body).pictures, within_s=60)
    return [Image.open(BytesIO(jpeg)) for jpeg in jpegs]


def is_like(image: Image.Image, colour: Colour, at: tuple[int, int] = (9, 9)) -> bool:
    pixel = image.convert("RGB").getpixel(at)
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_the_first_and_the_last_frame_are_among_those_judged(codec: str) -> None:
    body = film(codec=codec, colours=(RED, *[GREEN] * 60, BLUE))

    shown = seen(body)

    assert len(shown) == 16
    assert is_like(shown[0], RED)
    assert is_like(shown[-1], BLUE)
    assert all(is_like(image, GREEN) for image in shown[1:-1])


def test_every_frame_of_a_short_video_is_judged() -> None:
    shown = seen(film(colours=(RED, GREEN, BLUE)))

    assert [is_like(*pair) for pair in zip(shown, (RED, GREEN, BLUE), strict=True)] == [
        True,
        True,
        True,
    ]


def test_the_same_video_is_judged_by_the_same_frames() -> None:
    body = film(colours=(RED, GREEN, BLUE) * 12)
    track = inspect(body).pictures

    both = [for_judging(body, track, within_s=60) for _ in range(2)]

    assert both[0] == both[1]


def test_a_judge_gets_bare_jpegs_of_1024_pixels_at_most() -> None:
    (shown,) = seen(film(colours=(RED,), size=(2_048, 512)))

    assert (shown.format, shown.size) == ("JPEG", (1_024, 256))
    assert not shown.getexif()


@pytest.mark.parametrize(
    ("matrix", "size", "corner"),
    [
        ((1, 0, 0, 1), (64, 32), (2, 2)),
        ((0, 1, -1, 0), (32, 64), (29, 2)),
        ((-1, 0, 0, -1), (64, 32), (61, 29)),
        ((0, -1, 1, 0), (32, 64), (2, 61)),
        ((-1, 0, 0, 1), (64, 32), (61, 2)),
        ((7, 7, 7, 7), (64, 32), (2, 2)),
    ],
)
def test_a_judge_sees_frames_upright(
    matrix: tuple[int, int, int, int], size: tuple[int, int], corner: tuple[int, int]
) -> None:
    a, b, c, d = (value << 16 for value in matrix)
    turned = changed(
        _with_a_red_corner(),
        (b"moov", b"trak", b"tkhd"),
        written(40, ">5i", a, b, 0, c, d),
    )

    (shown,) = seen(turned)

    assert shown.size == size
    assert is_like(shown, RED, corner)


def _with_a_red_corner() -> bytes:
    image = Image.new("RGB", (64, 32), BLUE)
    image.paste(RED, (0, 0, 16, 16))
    return film(images=[image])


def test_a_frame_that_cannot_be_decoded_spoils_the_video() -> None:
    body = film(colours=(RED, GREEN, BLUE) * 4)
    track = inspect(body).pictures
    broken = bytearray(body)
    for sample in track.samples[1:]:
        broken[sample.start + 4 : sample.end] = bytes(sample.end - sample.start - 4)

    with pytest.raises(NotAVideoError, match="one of its frames"):
        for_judging(bytes(broken), track, within_s=60)


def test_noise_for_pixels_is_refused() -> None:
    body = film()
    track = inspect(body).pictures
    noise = body[: track.samples[0].start] + b"\xa5" * len(body)

    with pytest.raises(NotAVideoError):
        for_judging(noise, track, within_s=60)


def test_a_decoder_that_was_told_nonsense_is_not_used() -> None:
    body = changed(film(), ENTRY, lambda old: old[:110] + b"\xff" * len(old[110:]))

    with pytest.raises(NotAVideoError):
        seen(body)


@pytest.mark.parametrize("size", [(16, 16), (4_096, 2_304)])
def test_a_video_of_another_size_than_it_says_is_refused(size: tuple[int, int]) -> None:
    body = changed(film(), ENTRY, written(16 + 24, ">HH", *size))

    with pytest.raises(NotAVideoError, match="not what its header says"):
        seen(body)


def test_pixels_beyond_measure_are_not_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frames, "MAX_PIXELS", 0)
    body = film(size=(640, 568))

    with pytest.raises(NotAVideoError, match="decoded"):
        seen(body)


def test_nobody_waits_for_ever() -> None:
    body = film()

    with pytest.raises(TooSlowError):
        for_judging(body, inspect(body).pictures, within_s=-1)
