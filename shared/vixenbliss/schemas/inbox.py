"""The inbox, as the outside sees it."""

from datetime import datetime
from uuid import UUID

from vixenbliss.models.inbox import ThreadKind
from vixenbliss.models.social_accounts import Platform
from vixenbliss.schemas.base import Output


class MessageRead(Output):
    """Something that somebody wrote; its words are empty once they took it back."""

    id: UUID
    author: str | None
    """None where the platform does not say."""
    author_id: str | None
    body: str
    sent_at: datetime


class ThreadRead(Output):
    """A conversation below a post, around a mention, or in private."""

    id: UUID
    account_id: UUID
    platform: Platform
    kind: ThreadKind
    media_id: str | None
    """What it is below of, by the platform's name."""
    participant: str | None
    participant_id: str | None
    last_message_at: datetime
    created_at: datetime


class ThreadWithMessages(ThreadRead):
    """A conversation and its latest messages, the oldest of them first."""

    messages: list[MessageRead]
