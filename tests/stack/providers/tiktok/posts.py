"""Posts on their way, and what ``status/fetch`` and the control door show of them."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from tests.stack.providers.audience import Counts, grown
from tests.stack.providers.calls import About
from tests.stack.providers.tiktok.creators import Creator
from tests.stack.providers.tiktok.inits import FileUpload

_MARKER = re.compile(r"#vx(\S+)")
_LOWEST_ID = 7_300_000_000_000_000_000
_IDS = 600_000_000_000_000_000


class Status(StrEnum):
    """Where a post stands (content-posting-api-reference-get-video-status)."""

    UPLOADING = "PROCESSING_UPLOAD"
    DOWNLOADING = "PROCESSING_DOWNLOAD"
    IN_INBOX = "SEND_TO_USER_INBOX"
    COMPLETE = "PUBLISH_COMPLETE"
    FAILED = "FAILED"


IN_PROCESS = {Status.UPLOADING, Status.DOWNLOADING}


@dataclass
class Upload:
    """Where a video is sent, and how much of it has come."""

    plan: FileUpload
    expires_at: datetime
    id: str = field(default_factory=lambda: str(_new_id()))
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    content: bytearray = field(default_factory=bytearray)
    chunks: int = 0

    @property
    def uploaded(self) -> int:
        """How many bytes have come."""
        return len(self.content)

    @property
    def is_whole(self) -> bool:
        """Whether all bytes have come."""
        return self.uploaded == self.plan.video_size

    def next_size(self) -> int:
        """Return the size of the chunk that must come next; the last takes the rest."""
        left = self.plan.video_size - self.uploaded
        is_last = self.chunks + 1 >= self.plan.total_chunk_count
        return left if is_last else self.plan.chunk_size

    def take(self, chunk: bytes) -> None:
        """Add a chunk behind the others."""
        self.content += chunk
        self.chunks += 1


@dataclass
class Post:
    """One publish_id: a post, or a draft in the creator's inbox."""

    creator: Creator
    is_draft: bool
    is_photo: bool
    info: dict[str, object]
    created_at: datetime
    upload: Upload | None = None
    urls: tuple[str, ...] = ()
    cover_index: int = 0
    id: str = field(default="")
    status: Status = Status.DOWNLOADING
    fail_reason: str | None = None
    is_transferred: bool = False
    sent_at: datetime | None = None
    completed_at: datetime | None = None
    downloaded: int = 0
    files: list[dict[str, object]] = field(default_factory=list)
    post_ids: list[int] = field(default_factory=list)
    is_available: bool = False
    said: Counts | None = None
    """What a test says of its audience."""

    def __post_init__(self) -> None:
        """Name it as TikTok does, by what it is and how it came."""
        kind = "p" if self.is_photo else "v"
        way = "inbox" if self.is_draft else "pub"
        source = "url~v2." if self.upload is None else "file~v2-1."
        self.id = self.id or f"{kind}_{way}_{source}{_new_id()}"
        if self.upload is not None:
            self.status = Status.UPLOADING

    @property
    def text(self) -> str:
        """What people read under it: the caption, of photos the description."""
        return str(self.info.get("description") or self.info.get("title") or "")

    @property
    def job(self) -> str | None:
        """Whose post it is: what follows ``#vx``, or else the digest of its text."""
        texts = (str(self.info.get(name, "")) for name in ("title", "description"))
        marker = _MARKER.search("\n".join(texts))
        return marker[1] if marker else self.text_sha256

    @property
    def text_sha256(self) -> str | None:
        """By what the journal knows the text, without repeating it."""
        return sha256(self.text.encode()).hexdigest() if self.text else None

    @property
    def is_aigc(self) -> bool:
        """Whether TikTok labels it as made by a machine."""
        return self.info.get("is_aigc") is True

    @property
    def is_public(self) -> bool:
        """Whether everybody may see it, once it is moderated; drafts are let be."""
        return self.is_draft or self.info.get("privacy_level") == "PUBLIC_TO_EVERYONE"

    @property
    def is_in_process(self) -> bool:
        """Whether it is neither posted nor in the inbox nor failed."""
        return self.status in IN_PROCESS

    def counts(self, at: datetime) -> Counts:
        """Return how often it was seen and answered."""
        return self.said or grown(at - (self.completed_at or self.created_at))

    def new_post_id(self) -> int:
        """Give the post its id; a draft can be posted several times."""
        self.post_ids.append(_new_id())
        return self.post_ids[-1]

    def noted(self) -> About:
        """Return what the journal says of it."""
        job, digest = self.job, self.text_sha256
        return {"id": self.id, "job": job, "prompt_sha256": digest}

    def on_the_wire(self) -> dict[str, object]:
        """Return what ``status/fetch`` answers; ids only of what everybody sees."""
        shown: dict[str, object] = {
            "status": self.status.value,
            "publicaly_available_post_id": self.post_ids if self.is_available else [],
        }
        if self.fail_reason is not None:
            shown["fail_reason"] = self.fail_reason
        if self.upload is not None:
            return shown | {"uploaded_bytes": self.upload.uploaded}
        return shown | {"downloaded_bytes": self.downloaded}

    def everything(self) -> dict[str, object]:
        """Return all there is to know, for tests."""
        return {
            "publish_id": self.id,
            "username": self.creator.username,
            "open_id": self.creator.open_id,
            "media_type": "PHOTO" if self.is_photo else "VIDEO",
            "is_draft": self.is_draft,
            "source": "PULL_FROM_URL" if self.upload is None else "FILE_UPLOAD",
            "urls": list(self.urls),
            "cover_index": self.cover_index,
            "post_info": self.info,
            "is_aigc": self.is_aigc,
            "job": self.job,
            "text_sha256": self.text_sha256,
            "status": self.status.value,
            "fail_reason": self.fail_reason,
            "files": self.files,
            "uploaded_bytes": self.upload.uploaded if self.upload else None,
            "downloaded_bytes": self.downloaded,
            "post_ids": self.post_ids,
            "is_available": self.is_available,
        } | self._times()

    def _times(self) -> dict[str, object]:
        return {
            "created_at": self.created_at.isoformat(),
            "sent_at": self.sent_at and self.sent_at.isoformat(),
            "completed_at": self.completed_at and self.completed_at.isoformat(),
        }


def _new_id() -> int:
    return _LOWEST_ID + secrets.randbelow(_IDS)
