"""Pictures that come from outside: are they whole, and what do they show."""

import hashlib
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
from typing import Final

from PIL import Image
from PIL.ExifTags import Base

from vixenbliss.errors import ValidationError
from vixenbliss.media.containers import KINDS, ContentType, content_type_of

MAX_PIXELS = 40_000_000
JUDGED_SIDE = 1024  # enough to judge by, and a small upload
JUDGED_QUALITY = 85
SHOWN_QUALITY = 92  # no loss that one sees, and a megabyte at most
OPAQUE = (255, 255)
_WITH_ALPHA = ("LA", "RGBA")

PILLOW_FORMATS: Final[dict[ContentType, str]] = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
}

UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What to do for each Exif orientation (CIPA DC-008-2023, 4.6.5.1.6); 1 is upright."""
_LYING = range(5, 9)
"""Those that make a picture as wide as it was high."""

# Warning filters belong to the process: two threads that change them at once can
# leave them changed for good. One picture at a time also bounds the memory we need.
_ONE_AT_A_TIME = Lock()

# Pillow's plugins raise whatever their parsing runs into.
_PILLOW_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


class NotAPictureError(ValidationError):
    """The bytes are not a picture that we take, or not a whole one."""

    code = "NOT_A_PICTURE"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"This is not a PNG, JPEG or WebP picture that we can take: {reason}."
        )


@dataclass(frozen=True, slots=True)
class Picture:
    """What there is to know of a picture without looking at it.

    Width and height are as people see it, after its Exif orientation is applied.
    """

    content_type: ContentType
    width: int
    height: int
    size_bytes: int
    sha256: bytes


def inspect(body: bytes) -> Picture:
    """Prove that the bytes are one whole picture, and describe it.

    Its container is walked from end to end and its pixels are decoded, after its
    size is known to be bearable. What passes here passes everywhere in this package.

    Raises:
        NotAPictureError: It is of another format, broken, cut short, animated, larger
            than 40 megapixels, transparent in places, or something follows its end.
    """
    content_type, size = _measured(body)
    with _decoding():
        with _opened(body, content_type, size) as image:
            image.verify()
        with _opened(body, content_type, size) as image:
            image.load()
            _refuse_transparency(image)
            width, height = _shown_size(image)
    return Picture(
        content_type=content_type,
        width=width,
        height=height,
        size_bytes=len(body),
        sha256=hashlib.sha256(body).digest(),
    )


def for_judging(body: bytes) -> bytes:
    """Return the picture as a moderation service should see it: as people will.

    A JPEG of at most 1024 pixels on its longer side, upright, and without metadata.
    Colour profiles are not applied.

    Raises:
        NotAPictureError: As in ``inspect``.
    """
    content_type, size = _measured(body)
    with _decoding(), _opened(body, content_type, size) as image:
        image.draft("RGB", (JUDGED_SIDE, JUDGED_SIDE))
        judged = _upright(image, most=(JUDGED_SIDE, JUDGED_SIDE))
    return as_judged(judged)


def as_judged(image: Image.Image) -> bytes:
    """Return pixels, upright and of a bearable size, as a moderation service is sent.

    For pictures and for the frames of videos alike.
    """
    return _as_jpeg(image, JUDGED_QUALITY)


def for_platform(body: bytes, *, narrowest: int, widest: int) -> bytes:
    """Return the picture as platforms take it: an upright JPEG of a width they take.

    Widths are pixels; the ratio stays. It has no metadata: whoever publishes it says
    again what it is. Colour profiles are not applied.

    Raises:
        NotAPictureError: As in ``inspect``.
    """
    content_type, size = _measured(body)
    with _decoding(), _opened(body, content_type, size) as image:
        shown = _upright(image)
        width = min(max(shown.width, narrowest), widest)
        if width != shown.width:
            height = round(shown.height * width / shown.width)
            shown = shown.resize((width, height), Image.Resampling.LANCZOS)
    return _as_jpeg(shown, SHOWN_QUALITY)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn a container's complaint about a file into an error for the caller.

    Raises:
        NotAPictureError: For every ``ValueError``.
    """
    try:
        yield
    except ValueError as error:
        raise NotAPictureError(str(error)) from error


def _measured(body: bytes) -> tuple[ContentType, tuple[int, int]]:
    with refusing():
        content_type = content_type_of(body)
        width, height = KINDS[content_type].size(body)
    if not 0 < width * height <= MAX_PIXELS:
        reason = f"it is {width} x {height}, at most {MAX_PIXELS} pixels are allowed"
        raise NotAPictureError(reason)
    return content_type, (width, height)


@contextmanager
def _decoding() -> Iterator[None]:
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.filterwarnings("error", module=r"PIL\.|vixenbliss\.media\.")
        try:
            yield
        except _PILLOW_ERRORS as error:
            reason = "its pixels or its metadata cannot be read"
            raise NotAPictureError(reason) from error


def _opened(
    body: bytes, content_type: ContentType, size: tuple[int, int]
) -> Image.Image:
    expected = PILLOW_FORMATS[content_type]
    image = Image.open(BytesIO(body), formats=(expected,))
    # A JPEG of several pictures opens as "MPO"; a file that tells two sizes could
    # hide a bomb behind the smaller.
    if image.format != expected or image.size != size:
        reason = "it is not what its header says"
        raise NotAPictureError(reason)
    return image


def _refuse_transparency(image: Image.Image) -> None:
    """Make sure that a picture shows the same on whatever it lies.

    A judge sees one ground only, and nothing of what is hidden. A key colour is refused
    even if no pixel has it: at 16 bits a channel Pillow cannot tell.

    Raises:
        NotAPictureError: one can see through it, or could.
    """
    if not image.has_transparency_data:
        return
    shown = image.convert("RGBA") if image.mode == "P" else image
    if shown.mode not in _WITH_ALPHA or shown.getchannel("A").getextrema() != OPAQUE:
        reason = "it is transparent in places"
        raise NotAPictureError(reason)


def _orientation(image: Image.Image) -> int:
    value = image.getexif().get(Base.Orientation)
    return value if isinstance(value, int) else 1


def _shown_size(image: Image.Image) -> tuple[int, int]:
    is_lying = _orientation(image) in _LYING
    return (image.height, image.width) if is_lying else image.size


def _upright(image: Image.Image, *, most: tuple[int, int] | None = None) -> Image.Image:
    """Return an opened picture's pixels and nothing else, as people see them."""
    image.load()
    _refuse_transparency(image)
    turn = UPRIGHT.get(_orientation(image))
    flat = _flat(image)
    if most:
        flat.thumbnail(most)
    bare = _bare(flat)
    return bare if turn is None else bare.transpose(turn)


def _as_jpeg(image: Image.Image, quality: int) -> bytes:
    answer = BytesIO()
    image.save(answer, "JPEG", quality=quality)
    return answer.getvalue()


def _flat(image: Image.Image) -> Image.Image:
    if image.mode == "I;16":
        # Pillow would clip 16 bits to white where it should scale them.
        image = image.point(lambda value: value / 256).convert("L")
    # A palette's own alpha, opaque as it is, can only be converted to RGBA.
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _bare(image: Image.Image) -> Image.Image:
    # The new canvas has no metadata that saving could carry over.
    canvas = Image.new("RGB", image.size)
    canvas.paste(image.convert("RGB"))
    return canvas
