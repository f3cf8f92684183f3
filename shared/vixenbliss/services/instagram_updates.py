"""What a delivery of Instagram's says, update by update.

Instagram platform, "Webhooks" and "Webhooks examples": a body is one object, or a list
as the samples print it; an entry has ``changes``, or ``messaging``, or its one change
in itself. Nothing names an update, so each is known by what it is about.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from vixenbliss.clock import now
from vixenbliss.ids import digest
from vixenbliss.models.inbox import ThreadKind
from vixenbliss.repositories.inbox_letters import Letter

MAX_BODY = 10_000
MAX_NAME = 120
DELETED = 2**31 - 1
"""The revision that no edit follows."""
MILLISECONDS = 10**11
"""Times from here on are no seconds: entries tell either."""
COMMENTS = frozenset({"comments", "live_comments"})

Id = Annotated[
    str,
    BeforeValidator(lambda told: str(told) if type(told) is int else told),
    Field(min_length=1, max_length=MAX_NAME),
]
"""Told as a number here and as text there."""
MessageId = Annotated[str, Field(min_length=1, max_length=255)]


class _Person(BaseModel):
    id: Id
    username: str = ""


class _Medium(BaseModel):
    id: Id


class _Comment(BaseModel):
    id: Id
    sender: _Person | None = Field(default=None, alias="from")
    text: str = ""
    parent_id: Id | None = None
    media: _Medium | None = None


class _Mention(BaseModel):
    media_id: Id
    comment_id: Id | None = None


class _Attachment(BaseModel):
    type: str = Field(default="attachment", max_length=40)


class _Message(BaseModel):
    mid: MessageId
    text: str = ""
    attachments: list[_Attachment] = Field(default_factory=list, max_length=50)
    is_echo: bool = False
    is_self: bool = False
    is_deleted: bool = False

    @property
    def said(self) -> str:
        """What was written, or the kinds of what was sent instead."""
        return self.text or " ".join(f"[{one.type}]" for one in self.attachments)


class _Edit(BaseModel):
    mid: MessageId
    text: str = ""
    num_edit: int = Field(default=1, ge=1, lt=DELETED)


class _Talk(BaseModel):
    sender: _Person
    recipient: _Person
    timestamp: int | None = None
    message: _Message | None = None
    message_edit: _Edit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One piece of news for an account."""

    account: str
    """How Instagram knows it; not necessarily one of ours."""
    kind: str
    about: str
    """With kind and account, what makes it the same update."""
    at: datetime
    payload: dict[str, Any]
    letter: Letter | None
    """What of it belongs into the inbox."""

    @property
    def name(self) -> str:
        """What it is stored by."""
        return digest(json.dumps([self.account, self.kind, self.about])).hex()


def updates_in(body: object) -> Iterator[Update]:
    """Yield the updates of a body, whatever it is; what is none is left out."""
    for envelope in body if isinstance(body, list) else [body]:
        for entry in _listed(envelope, "entry"):
            account = entry.get("id")
            at = _time(entry.get("time")) or now()
            if isinstance(account, str | int):
                yield from _updates_of(entry, str(account)[:MAX_NAME], at)


def _updates_of(
    entry: Mapping[str, Any], account: str, at: datetime
) -> Iterator[Update]:
    flat = [entry] if "field" in entry else []
    for change in [*_listed(entry, "changes"), *flat]:
        value = change.get("value")
        told = value if isinstance(value, dict) else {"value": value}
        yield _change(account, str(change.get("field"))[:100], told, at)
    for talk in _listed(entry, "messaging"):
        yield _talk(account, talk, at)


def _change(account: str, field: str, value: dict[str, Any], at: datetime) -> Update:
    try:
        if field in COMMENTS:
            return _comment(account, value, at)
        if field == "mentions":
            return _mention(account, value, at)
    except ValidationError:
        pass  # it is kept, as is all that we do not read
    return _other(account, field, value, at)


def _comment(account: str, value: dict[str, Any], at: datetime) -> Update:
    named = {"id": value.get("comment_id"), **value}
    comment = _Comment.model_validate(named)
    sender = comment.sender
    letter = Letter(
        thread_kind=ThreadKind.COMMENT,
        thread=comment.parent_id or comment.id,
        message=comment.id,
        media_id=comment.media.id if comment.media else None,
        author_id=sender.id if sender else None,
        author=sender.username[:MAX_NAME] or None if sender else None,
        opens=comment.parent_id is None,
        body=comment.text[:MAX_BODY],
        sent_at=at,
    )
    return Update(
        account=account,
        kind="comments",
        about=comment.id,
        at=at,
        payload=value,
        letter=letter,
    )


def _mention(account: str, value: dict[str, Any], at: datetime) -> Update:
    """Return a mention; Instagram tells where it is, and not what it says."""
    mention = _Mention.model_validate(value)
    letter = Letter(
        thread_kind=ThreadKind.MENTION,
        thread=mention.media_id,
        message=mention.comment_id or mention.media_id,
        media_id=mention.media_id,
        sent_at=at,
    )
    about = f"{mention.media_id}+{mention.comment_id or ''}"
    return Update(
        account=account,
        kind="mentions",
        about=about,
        at=at,
        payload=value,
        letter=letter,
    )


def _talk(account: str, value: dict[str, Any], at: datetime) -> Update:
    try:
        talk = _Talk.model_validate(value)
    except ValidationError:
        return _other(account, "messaging", value, at)
    sent_at = _time(talk.timestamp) or at
    if talk.message:
        kind, revision, said = _spoken(talk.message)
        mid = talk.message.mid
    elif talk.message_edit:
        edit = talk.message_edit
        kind, revision, said = f"message_edit.{edit.num_edit}", edit.num_edit, edit.text
        mid = edit.mid
    else:
        return _other(account, "messaging", value, sent_at)
    by_us = talk.sender.id == account or kind == "message_echo"
    letter = Letter(
        thread_kind=ThreadKind.DIRECT,
        thread=talk.sender.id,
        message=mid,
        author_id=talk.sender.id,
        author=talk.sender.username[:MAX_NAME] or None,
        opens=True,
        body=said[:MAX_BODY],
        revision=revision,
        sent_at=sent_at,
    )
    return Update(
        account=account,
        kind=kind,
        about=mid,
        at=sent_at,
        payload=value,
        letter=None if by_us else letter,
    )


def _spoken(message: _Message) -> tuple[str, int, str]:
    """Return what a message is, which revision of itself, and what it says."""
    if message.is_echo or message.is_self:
        return "message_echo", 0, ""
    if message.is_deleted:
        return "message_deleted", DELETED, ""
    return "message", 0, message.said


def _other(account: str, kind: str, value: dict[str, Any], at: datetime) -> Update:
    return Update(
        account=account,
        kind=kind,
        about=json.dumps(value, sort_keys=True),
        at=at,
        payload=value,
        letter=None,
    )


def _listed(told: object, name: str) -> list[dict[str, Any]]:
    """Return the objects that are listed under a name."""
    listed = told.get(name) if isinstance(told, dict) else None
    found = listed if isinstance(listed, list) else []
    return [one for one in found if isinstance(one, dict)]


def _time(told: object) -> datetime | None:
    """Return a time of seconds or of milliseconds, if it is one."""
    if type(told) is not int or told <= 0:
        return None
    try:
        seconds = told / 1000 if told >= MILLISECONDS else told
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
