"""Containers: what is going to be a post, for a day at most."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from tests.stack.providers.instagram.accounts import Account
from tests.stack.providers.instagram.captions import digest_of, marked
from tests.stack.providers.instagram.files import Medium
from tests.stack.providers.instagram.parameters import View

LIFE = timedelta(hours=24)


class Kind(StrEnum):
    """What a container is going to be."""

    IMAGE = "image"
    REEL = "reel"
    STORY = "story"
    CAROUSEL = "carousel"
    CHILD = "child"  # a carousel's picture or video


class Status(StrEnum):
    """``status_code``, as the API tells it."""

    IN_PROGRESS = "IN_PROGRESS"
    FINISHED = "FINISHED"
    ERROR = "ERROR"
    EXPIRED = "EXPIRED"
    PUBLISHED = "PUBLISHED"


_WORDS = {
    Status.IN_PROGRESS: "In Progress: Media is still being processed.",
    Status.FINISHED: (
        "Finished: Media has been uploaded and it is ready to be published."
    ),
    Status.ERROR: "Error: Media upload has failed with error code {subcode}",
    Status.EXPIRED: "Expired: Media has expired and can no longer be published.",
    Status.PUBLISHED: "Published: Media has been published.",
}


@dataclass
class Container:
    """A container, and all that was asked of it."""

    id: str
    account: Account
    kind: Kind
    created_at: datetime
    ready_at: datetime
    caption: str | None = None
    alt_text: str | None = None
    is_ai_generated: bool = False
    is_video: bool = False
    medium: Medium | None = None
    children: tuple["Container", ...] = ()
    asked: Mapping[str, object] = field(default_factory=dict)
    """All parameters as given, save the token."""
    subcode: int | None = None
    """Why its processing fails, if so."""
    is_stuck: bool = False
    post_id: str | None = None

    @property
    def job(self) -> str:
        """Whose container it is; without a caption, the files' digests tell."""
        if self.caption is not None:
            return marked(self.caption)
        files = (part.medium for part in (self, *self.children))
        return digest_of("".join(file.sha256 for file in files if file is not None))

    def status(self, now: datetime) -> Status:
        """Return how far it is."""
        if self.post_id is not None:
            return Status.PUBLISHED
        if now >= self.created_at + LIFE:
            return Status.EXPIRED
        if self.is_stuck or now < self.ready_at:
            return Status.IN_PROGRESS
        return Status.FINISHED if self.subcode is None else Status.ERROR

    def view(self, now: datetime) -> View:
        """Return the fields the API shows."""
        status = self.status(now)
        words = _WORDS[status].format(subcode=self.subcode)
        return {"id": self.id, "status_code": status.value, "status": words}

    def told(self, now: datetime) -> dict[str, object]:
        """Return everything, for the control door."""
        return {
            **self.view(now),
            "user_id": self.account.id,
            "kind": self.kind.value,
            "job": self.job,
            "asked": dict(self.asked),
            "caption": self.caption,
            "alt_text": self.alt_text,
            "is_ai_generated": self.is_ai_generated,
            "children": [child.id for child in self.children],
            "url": self.medium.url if self.medium else None,
            "sha256": self.medium.sha256 if self.medium else None,
            "created_at": self.created_at.isoformat(),
            "post_id": self.post_id,
        }
