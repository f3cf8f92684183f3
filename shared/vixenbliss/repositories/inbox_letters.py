"""Every statement by which what people write comes into an inbox.

Global: a platform knows no workspace of ours. Whatever order updates come in, and
however often, a thread ends up the same: its time is the latest, whom it is with is
told by its first message alone, and of a message the last revision counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, case, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.inbox import InboxMessage, InboxThread, ThreadKind
from vixenbliss.models.social_accounts import AccountStatus, Platform, SocialAccount
from vixenbliss.repositories.terms import among

_ACCOUNT = select(SocialAccount.id, SocialAccount.workspace_id).where(
    SocialAccount.platform == bindparam("platform"),
    SocialAccount.platform_user_id == bindparam("platform_user_id"),
    SocialAccount.status != AccountStatus.DISCONNECTED,
)
_thread = insert(InboxThread).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    account_id=bindparam("account_id"),
    kind=bindparam("kind"),
    external_id=bindparam("external_id"),
    media_id=bindparam("media_id"),
    participant_id=bindparam("participant_id"),
    participant=bindparam("participant"),
    last_message_at=bindparam("at"),
)
_OPEN = _thread.on_conflict_do_update(
    index_elements=["account_id", "kind", "external_id"],
    set_={
        "media_id": func.coalesce(InboxThread.media_id, _thread.excluded.media_id),
        "participant_id": func.coalesce(
            InboxThread.participant_id, _thread.excluded.participant_id
        ),
        "participant": func.coalesce(
            InboxThread.participant, _thread.excluded.participant
        ),
        "last_message_at": func.greatest(
            InboxThread.last_message_at, _thread.excluded.last_message_at
        ),
    },
).returning(InboxThread.id)
_message = insert(InboxMessage).values(
    id=bindparam("id"),
    thread_id=bindparam("thread_id"),
    external_id=bindparam("external_id"),
    author_id=bindparam("author_id"),
    author=bindparam("author"),
    body=bindparam("body"),
    revision=bindparam("revision"),
    sent_at=bindparam("sent_at"),
)
_KEEP = _message.on_conflict_do_update(
    index_elements=["thread_id", "external_id"],
    set_={
        "body": case(
            (
                _message.excluded.revision > InboxMessage.revision,
                _message.excluded.body,
            ),
            else_=InboxMessage.body,
        ),
        "revision": func.greatest(InboxMessage.revision, _message.excluded.revision),
        "author": func.coalesce(InboxMessage.author, _message.excluded.author),
        "sent_at": func.least(InboxMessage.sent_at, _message.excluded.sent_at),
    },
)
_FORGET = delete(InboxThread).where(among(InboxThread.account_id, "account_ids"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Something somebody wrote to an account, or wrote anew, or took back."""

    thread_kind: ThreadKind
    thread: str
    """What its thread is known by."""
    message: str
    """What it is known by itself."""
    sent_at: datetime
    media_id: str | None = None
    author_id: str | None = None
    author: str | None = None
    opens: bool = False
    """Whether the thread is with its author."""
    body: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Addressee:
    """A connected account, and whose it is."""

    id: UUID
    workspace_id: UUID


class InboxLetterRepository:
    """What people write, on its way into inboxes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def addressee(
        self, platform: Platform, platform_user_id: str
    ) -> Addressee | None:
        """Return the account that is connected under a platform's name for it."""
        row = await self._connection.one(
            _ACCOUNT, platform=platform, platform_user_id=platform_user_id
        )
        return Addressee(**row) if row else None

    async def keep(self, to: Addressee, letter: Letter) -> None:
        """Put a letter into its thread, which begins with it if there is none."""
        row = await self._connection.one(
            _OPEN,
            id=new_id(),
            workspace_id=to.workspace_id,
            account_id=to.id,
            kind=letter.thread_kind,
            external_id=letter.thread,
            media_id=letter.media_id,
            participant_id=letter.author_id if letter.opens else None,
            participant=letter.author if letter.opens else None,
            at=letter.sent_at,
        )
        await self._connection.run(
            _KEEP,
            id=new_id(),
            thread_id=dict(row or {})["id"],
            external_id=letter.message,
            author_id=letter.author_id,
            author=letter.author,
            body=letter.body,
            revision=letter.revision,
            sent_at=letter.sent_at,
        )

    async def forget(self, account_ids: Sequence[UUID]) -> None:
        """Erase all that was written to accounts."""
        await self._connection.run(_FORGET, account_ids=list(account_ids))
