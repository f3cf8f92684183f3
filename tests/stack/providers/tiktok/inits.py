"""What the init calls ask for: the bodies, as documented.

Fields: content-posting-api-reference-direct-post, -upload-video and -photo-post; the
rules of chunks: content-posting-api-media-transfer-guide. Fields that are not
documented are let pass, and do nothing.
"""

from collections.abc import Callable
from typing import Annotated, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from tests.stack.providers.calls import Call
from tests.stack.providers.tiktok import errors

_LARGEST_VIDEO = 4 * 2**30
_SMALLEST_CHUNK = 5 * 10**6
_LARGEST_CHUNK = 64 * 2**20
_LARGEST_LAST_CHUNK = 128 * 2**20
_MOST_CHUNKS = 1000
_MOST_PHOTOS = 35


def _at_most(units: int) -> Callable[[str], str]:
    """Return a check of a text's length as TikTok counts: in units of UTF-16."""

    def check(text: str) -> str:
        if len(text.encode("utf-16-le")) // 2 > units:
            raise ValueError(f"longer than {units} UTF-16 units")
        return text

    return check


class Wire(BaseModel):
    """A body as it is sent: no number for a text, nor a text for a number."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class PostInfo(Wire):
    """What posts of both kinds say of themselves."""

    privacy_level: str | None = None
    disable_comment: bool = False
    brand_content_toggle: bool = False
    brand_organic_toggle: bool = False

    @model_validator(mode="after")
    def _partnership_is_seen(self) -> Self:
        if self.brand_content_toggle and self.privacy_level == "SELF_ONLY":
            raise ValueError("branded content can not be SELF_ONLY")
        return self


class VideoInfo(PostInfo):
    """What a video says of itself."""

    title: Annotated[str, AfterValidator(_at_most(2200))] = ""
    disable_duet: bool = False
    disable_stitch: bool = False
    video_cover_timestamp_ms: int = Field(default=0, ge=0)
    is_aigc: bool = False


class PhotoInfo(PostInfo):
    """What a post of photos says of itself; it has no flag for what a machine made."""

    title: Annotated[str, AfterValidator(_at_most(90))] = ""
    description: Annotated[str, AfterValidator(_at_most(4000))] = ""
    auto_add_music: bool = False


class FileUpload(Wire):
    """A video that will be sent in chunks."""

    source: Literal["FILE_UPLOAD"]
    video_size: int = Field(gt=0, le=_LARGEST_VIDEO)
    chunk_size: int = Field(gt=0)
    total_chunk_count: int = Field(ge=1, le=_MOST_CHUNKS)

    urls: ClassVar[tuple[str, ...]] = ()
    cover_index: ClassVar[int] = 0

    @model_validator(mode="after")
    def _chunks_fit(self) -> Self:
        size, chunk, count = self.video_size, self.chunk_size, self.total_chunk_count
        if size < _SMALLEST_CHUNK and chunk != size:
            raise ValueError("a video of less than 5 MB is sent as a whole")
        if size >= _SMALLEST_CHUNK and not _SMALLEST_CHUNK <= chunk <= _LARGEST_CHUNK:
            raise ValueError("chunk_size is not from 5 to 64 MB")
        if count != size // chunk:
            raise ValueError("total_chunk_count is not video_size / chunk_size")
        if size - chunk * (count - 1) > _LARGEST_LAST_CHUNK:
            raise ValueError("the last chunk is larger than 128 MB")
        return self


class VideoPull(Wire):
    """A video that TikTok fetches."""

    source: Literal["PULL_FROM_URL"]
    video_url: str = Field(min_length=1)

    cover_index: ClassVar[int] = 0

    @property
    def urls(self) -> tuple[str, ...]:
        """What is fetched."""
        return (self.video_url,)


class PhotoPull(Wire):
    """Photos that TikTok fetches; there is no other way."""

    source: Literal["PULL_FROM_URL"]
    photo_images: list[str] = Field(min_length=1, max_length=_MOST_PHOTOS)
    photo_cover_index: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _cover_is_there(self) -> Self:
        if self.photo_cover_index >= len(self.photo_images):
            raise ValueError("photo_cover_index is behind the last photo")
        return self

    @property
    def urls(self) -> tuple[str, ...]:
        """What is fetched."""
        return tuple(self.photo_images)

    @property
    def cover_index(self) -> int:
        """Which photo is seen first."""
        return self.photo_cover_index


type _VideoSource = Annotated[FileUpload | VideoPull, Field(discriminator="source")]
type Source = FileUpload | VideoPull | PhotoPull


class VideoInit(Wire):
    """A video to be posted."""

    post_info: VideoInfo
    source_info: _VideoSource


class DraftInit(Wire):
    """A video for the creator's inbox; what else is said is ignored."""

    source_info: _VideoSource


class ContentInit(Wire):
    """Photos to be posted, or for the inbox."""

    media_type: Literal["PHOTO"]
    post_mode: Literal["DIRECT_POST", "MEDIA_UPLOAD"]
    post_info: PhotoInfo = PhotoInfo()
    source_info: PhotoPull


class PublishId(Wire):
    """What status and cancel ask for."""

    publish_id: str


def read[T: BaseModel](call: Call, kind: type[T], code: str = "invalid_param") -> T:
    """Return the body of a call.

    Raises:
        RefusedError: It is not JSON, or not as documented.
    """
    sent_as = call.request.headers.get("content-type", "")
    if not sent_as.startswith("application/json"):
        raise errors.refused(code, "Content-Type is not application/json.")
    try:
        return kind.model_validate_json(call.body or b"{}")
    except ValidationError as error:
        reasons = "; ".join(
            f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}"
            for detail in error.errors()
        )
        raise errors.refused(code, reasons) from error
