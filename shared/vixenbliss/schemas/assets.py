"""Assets and provenance, as the outside sees them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo

from vixenbliss.errors import PayloadTooLargeError, UnsupportedMediaTypeError
from vixenbliss.models.assets import AssetKind, AssetOrigin, AssetStatus, C2paState
from vixenbliss.schemas.base import Flag, Input, Output, Sha256

MAX_IMAGE_BYTES = 20_000_000  # TikTok, Content Posting API: an image has 20 MB at most
MAX_VIDEO_BYTES = 300_000_000  # Instagram, reels: a video has 300 MB at most

IMAGE_TYPES = ["image/png", "image/jpeg", "image/webp"]
VIDEO_TYPES = ["video/mp4", "video/quicktime"]
FILE_TYPES = [*IMAGE_TYPES, *VIDEO_TYPES]


def _readable(content_type: str) -> str:
    if content_type not in FILE_TYPES:
        raise UnsupportedMediaTypeError(" or ".join(FILE_TYPES))
    return content_type


def _bearable(size_bytes: int, read: ValidationInfo) -> int:
    is_video = read.data.get("content_type") in VIDEO_TYPES
    limit = MAX_VIDEO_BYTES if is_video else MAX_IMAGE_BYTES
    if size_bytes > limit:
        raise PayloadTooLargeError(limit)
    return size_bytes


# What breaks these two bounds has statuses of its own, 415 and 413.
FileType = Annotated[
    str, AfterValidator(_readable), Field(json_schema_extra={"enum": [*FILE_TYPES]})
]
FileSize = Annotated[
    int,
    Field(
        ge=1,
        description="At most 20 MB of a picture, 300 MB of a video.",
        json_schema_extra={"maximum": MAX_VIDEO_BYTES},
    ),
    AfterValidator(_bearable),
]


class UploadCreate(Input):
    """A file that a client is about to upload."""

    content_type: FileType
    size_bytes: FileSize
    sha256: Sha256
    ai_generated: Flag
    avatar_id: UUID | None = None


class UploadForm(Output):
    """Where to POST the file, with these fields before it (multipart/form-data)."""

    url: str
    fields: dict[str, str]


class UploadCreated(Output):
    """An asset that waits for its bytes; ``upload`` is None if we have them already."""

    asset_id: UUID
    upload: UploadForm | None
    expires_at: datetime | None


class AssetRead(Output):
    """An asset."""

    id: UUID
    avatar_id: UUID | None
    kind: AssetKind
    origin: AssetOrigin
    ai_generated: bool
    content_type: str
    size_bytes: int
    width: int | None
    height: int | None
    duration_ms: int | None
    """How long a video is; None of a picture, and while nobody has looked."""
    sha256: Sha256
    status: AssetStatus
    created_at: datetime


class DownloadRead(Output):
    """A link that opens the file for a few minutes."""

    url: str
    expires_at: datetime


class ProvenanceRead(Output):
    """A signed statement about a file.

    ``payload`` is the Base64 of exactly the bytes that were signed; ``statement`` is
    the same, read. ``openssl dgst -sha256 -verify`` checks it with ``public_key``.
    """

    statement: dict[str, Any]
    payload: str
    signature: str
    algorithm: str
    key_id: str
    public_key: str
    c2pa: C2paState
