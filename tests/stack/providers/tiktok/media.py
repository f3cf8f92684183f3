"""Whether a file is what TikTok takes (media transfer guide: restrictions).

A video is looked at as far as its container tells: its kind, and for MP4 and MOV its
length. Codecs and frame rates are not looked at.
"""

import io

from PIL import Image, UnidentifiedImageError

FORMAT = "file_format_check_failed"
DURATION = "duration_check_failed"
PICTURE_SIZE = "picture_size_check_failed"
LARGEST_PHOTO = 20 * 2**20
_LONGEST_S = 600  # and no creator's own limit is longer
_PIXELS = (1080, 1920)  # 1080p: the shorter and the longer side
_WEBM = b"\x1aE\xdf\xa3"


def fault_of_video(content: bytes, longest_s: int) -> str | None:
    """Return the ``fail_reason`` of a video, if there is one."""
    if content[4:8] != b"ftyp" and not content.startswith(_WEBM):
        return FORMAT
    length_s = _length_s(content)
    if length_s is not None and length_s > min(longest_s, _LONGEST_S):
        return DURATION
    return None


def fault_of_photo(content: bytes) -> str | None:
    """Return the ``fail_reason`` of a photo, if there is one."""
    if len(content) > LARGEST_PHOTO:
        return FORMAT
    try:
        with Image.open(io.BytesIO(content)) as picture:
            kind, sides = picture.format, sorted(picture.size)
    except (UnidentifiedImageError, OSError):
        return FORMAT
    if kind not in {"JPEG", "WEBP"}:
        return FORMAT
    too_large = any(side > most for side, most in zip(sides, _PIXELS, strict=True))
    return PICTURE_SIZE if too_large else None


def _length_s(content: bytes) -> float | None:
    """Return how long the movie header says the video is (ISO 14496-12, 8.2.2)."""
    place = content.find(b"mvhd")
    if place < 0:
        return None
    fields = content[place + 4 :]
    wide = fields[:1] == b"\x01"
    scale_at, width = (20, 8) if wide else (12, 4)
    scale = int.from_bytes(fields[scale_at : scale_at + 4])
    length = int.from_bytes(fields[scale_at + 4 : scale_at + 4 + width])
    return length / scale if scale else None
