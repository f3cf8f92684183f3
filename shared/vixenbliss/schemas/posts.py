"""Posts, as the outside sees them. No token is ever among it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field, computed_field

from vixenbliss.models.posts import PostFormat, PostStatus, PostStep
from vixenbliss.models.social_accounts import Platform
from vixenbliss.schemas.base import (
    UNSENT,
    VISIBLE,
    Flag,
    Input,
    Instant,
    Output,
    Reason,
)

MAX_TARGETS = 20
LONGEST_COVER_MS = 3_600_000
"""An hour into a video: further than any platform takes one."""

When = Instant | Literal["now", "next_slot"]
"""A time, at once, or the account's next free time."""

# Spelled out, as the contract has another Failure already: an error of the envelope.
ErrorClass = Literal["retry", "fix_content", "reauthenticate", "stop"]
"""What is to be done about a platform's no."""


class PostSettings(Input):
    """What may be chosen for a post. What is not of its platform is not looked at."""

    mode: Literal["direct", "upload"] = "direct"
    """Published at once, or left in the creator's TikTok inbox to be finished there."""
    privacy_level: (
        Literal[
            "PUBLIC_TO_EVERYONE",
            "MUTUAL_FOLLOW_FRIENDS",
            "FOLLOWER_OF_CREATOR",
            "SELF_ONLY",
        ]
        | None
    ) = None
    """TikTok: who sees it; there is no default."""
    comments: Flag = True
    duets: Flag = False
    stitches: Flag = False
    music: Flag = False
    """TikTok adds music to photos."""
    branded_content: Flag = False
    """A paid partnership."""
    own_brand: Flag = False
    """It promotes the creator's own business."""
    share_to_feed: Flag = True
    """Instagram shows a reel in the feed, too."""
    cover_ms: Annotated[int, Field(ge=0, le=LONGEST_COVER_MS)] | None = None
    """At which moment a video shows its cover."""


class PostTarget(Input):
    """An account, and what the piece becomes there."""

    account_id: UUID
    format: PostFormat
    settings: PostSettings = Field(default_factory=PostSettings)


class Preflight(Input):
    """A piece that might be posted."""

    piece_id: UUID
    targets: Annotated[list[PostTarget], Field(min_length=1, max_length=MAX_TARGETS)]
    scheduled_at: When
    allow_duplicate: Flag = False
    """That the same content is meant to appear on an account once more."""


class PostCreate(Preflight):
    """A piece to be posted, at every target or at none."""


class PostUpdate(Input):
    """What may change about a post that has not set out; what is left out stays."""

    scheduled_at: When = UNSENT
    settings: PostSettings = UNSENT


class PostRead(Output):
    """A post: a piece on its way to an account, or there."""

    id: UUID
    group_id: UUID
    avatar_id: UUID
    piece_id: UUID
    account_id: UUID
    platform: Platform
    username: str
    format: PostFormat
    settings: PostSettings
    caption: str
    """As it is sent."""
    is_ai: bool
    allow_duplicate: bool
    status: PostStatus
    scheduled_at: datetime
    timezone: str
    due_at: datetime
    """When it is tried: as wished, or later after a failed try."""
    attempts: int
    publish_intent_at: datetime | None
    """From when on it may be there."""
    handle: str | None
    """How the platform knows it before it is a post: a container, a publish_id."""
    platform_post_id: str | None
    permalink: str | None
    label_read_back: bool | None
    """What the platform says of the AI label; null where it does not say."""
    published_at: datetime | None
    recall_asked_at: datetime | None
    recall_reason: str | None
    recalled_at: datetime | None
    recall_note: str | None
    """What of it could not be taken back, and who is to do it."""
    error_class: ErrorClass | None
    error_code: str | None
    error_message: str | None
    created_by: int
    version: int
    created_at: datetime
    updated_at: datetime

    @computed_field  # type: ignore[prop-decorator]  # pydantic decorates a property
    @property
    def scheduled_local(self) -> datetime:
        """When it is wished to appear, by the clock of ``timezone``."""
        return self.scheduled_at.astimezone(ZoneInfo(self.timezone))


class PostGroup(Output):
    """What was asked for together."""

    group_id: UUID
    posts: list[PostRead]


class Check(Output):
    """A rule that a post would not keep, and what would help."""

    rule: str
    level: Literal["error", "warning"]
    target: UUID
    """The account that it is about."""
    message: str
    fix: str


class PreflightRead(Output):
    """Whether a piece could be posted so, and all that speaks against it."""

    ok: bool
    checks: list[Check]


class Slots(Output):
    """An account's free times, the first first."""

    account_id: UUID
    timezone: str
    slots: list[datetime]


class Confirmation(Input):
    """What somebody has seen who looked whether a post is there."""

    outcome: Literal["published", "not_published"]
    permalink: (
        Annotated[str, Field(min_length=1, max_length=512, pattern=VISIBLE)] | None
    ) = None


class Recall(Input):
    """Why something is to be taken back."""

    reason: Reason


class RecallAccepted(Output):
    """What will be taken back, or has been before it was there."""

    recall_id: UUID
    posts: list[PostRead]


class PostAttemptRead(Output):
    """A step that a post has taken, or has not."""

    attempt: int
    step: PostStep
    outcome: str
    http_status: int | None
    error_class: ErrorClass | None
    detail: str | None
    created_at: datetime


class ReceiptRead(Output):
    """What we say of a post that is there, signed.

    ``payload`` is the Base64 of exactly the bytes that were signed; ``receipt`` is the
    same, read. ``openssl dgst -sha256 -verify`` checks it with ``public_key``.
    """

    receipt: dict[str, Any]
    payload: str
    signature: str
    algorithm: str
    key_id: str
    public_key: str
    recalled_at: datetime | None
    """When the post was taken back; what was said of it before stays as signed."""
