"""Every statement on letters. Global: whoever gets one may have no workspace.

Whoever sends a letter holds its lease, whose token is the fence of all that follows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    Boolean,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.letters import Letter, LetterKind, LetterStatus
from vixenbliss.repositories.terms import before_now, from_now

PATIENCE = timedelta(minutes=3)
"""How long a letter may be silent before the sweep looks for it."""

_ADD = insert(Letter).values(
    id=bindparam("id"),
    kind=bindparam("kind"),
    email=bindparam("email"),
    user_id=bindparam("user_id"),
    subject_id=bindparam("subject_id"),
    check_at=func.now() + PATIENCE,
)
_is_that = Letter.id == bindparam("id_")
_is_queued = Letter.status == LetterStatus.QUEUED
_is_held = (_is_that, _is_queued, Letter.lease_token == bindparam("lease"))
_LET_GO = {"lease_token": None, "lease_until": None}
_ENDED = _LET_GO | {"check_at": None}

_CLAIM = (
    update(Letter)
    .where(
        _is_that,
        _is_queued,
        or_(Letter.lease_until.is_(None), Letter.lease_until < func.now()),
    )
    .values(
        attempts=Letter.attempts + 1,
        lease_token=bindparam("lease"),
        lease_until=from_now("lasts"),
        check_at=from_now("lasts"),
    )
    .returning(
        Letter.id,
        Letter.kind,
        Letter.user_id,
        Letter.email,
        Letter.subject_id,
        Letter.attempts,
        Letter.lease_token,
        (Letter.created_at < before_now("is_old_after")).label("is_old"),
    )
)
_SENT = (
    update(Letter)
    .where(*_is_held)
    .values(
        **_ENDED,
        status=LetterStatus.SENT,
        sent_at=func.now(),
        message_id=bindparam("message"),
    )
)
_FAIL = (
    update(Letter)
    .where(*_is_held)
    .values(**_ENDED, status=LetterStatus.FAILED, error_code=bindparam("code"))
)
_PAUSE = (
    update(Letter)
    .where(*_is_held)
    .values(
        **_LET_GO,
        attempts=Letter.attempts
        - case((bindparam("counts", type_=Boolean()), 0), else_=1),
        check_at=from_now("pause"),
    )
)
_FORGET = delete(Letter).where(*_is_held)

_LOCK = select(Letter.status).where(Letter.id == bindparam("id")).with_for_update()
_WAKE = update(Letter).where(_is_that, _is_queued).values(check_at=func.now())
_GIVE_UP = (
    update(Letter)
    .where(_is_that, _is_queued)
    .values(**_ENDED, status=LetterStatus.FAILED, error_code=bindparam("code"))
)
_REOPEN = (
    update(Letter)
    .where(_is_that, Letter.status == LetterStatus.FAILED)
    .values(
        status=LetterStatus.QUEUED,
        attempts=0,
        error_code=None,
        check_at=func.now() + PATIENCE,
    )
)
_silent = (
    select(Letter.id)
    .where(Letter.check_at <= func.now())
    .order_by(Letter.check_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("silent")
)
_CHECK_SILENT = (
    update(Letter)
    .where(Letter.id.in_(select(_silent.c.id)))
    .values(check_at=func.now() + PATIENCE)
    .returning(Letter.id, Letter.check_at)
)


@dataclass(frozen=True, slots=True)
class ClaimedLetter:
    """A letter that whoever has claimed it is about to send."""

    id: UUID
    kind: LetterKind
    user_id: int | None
    email: str
    subject_id: UUID | None
    attempts: int
    """This one included."""
    lease_token: UUID
    is_old: bool
    """Whether it has waited for so long that waiting on is no use."""


class LetterRepository:
    """The letters."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(
        self,
        letter_id: UUID,
        kind: LetterKind,
        *,
        email: str,
        user_id: int | None,
        subject_id: UUID | None,
    ) -> None:
        """Insert a letter that is to be sent."""
        await self._connection.run(
            _ADD,
            id=letter_id,
            kind=kind,
            email=email,
            user_id=user_id,
            subject_id=subject_id,
        )

    async def claim(
        self, letter_id: UUID, *, lasts: timedelta, is_old_after: timedelta
    ) -> ClaimedLetter | None:
        """Take a letter's lease, and count the try; None if there is nothing to send.

        It has ended, then, or somebody else holds it.
        """
        row = await self._connection.one(
            _CLAIM,
            id_=letter_id,
            lease=new_id(),
            lasts=lasts,
            is_old_after=is_old_after,
        )
        return ClaimedLetter(**row) if row else None

    async def mark_sent(self, letter: ClaimedLetter, message_id: str) -> bool:
        """Record that a letter has left; False if another has taken it over."""
        return bool(
            await self._connection.run(
                _SENT, id_=letter.id, lease=letter.lease_token, message=message_id[:120]
            )
        )

    async def fail(self, letter: ClaimedLetter, code: str) -> bool:
        """End a letter that is not sent; False if another has taken it over."""
        return bool(
            await self._connection.run(
                _FAIL, id_=letter.id, lease=letter.lease_token, code=code[:60]
            )
        )

    async def pause(
        self, letter: ClaimedLetter, pause: timedelta, *, counts: bool
    ) -> None:
        """Let go of a letter until the sweep takes it up; the try counts, or not."""
        await self._connection.run(
            _PAUSE, id_=letter.id, lease=letter.lease_token, pause=pause, counts=counts
        )

    async def forget(self, letter: ClaimedLetter) -> None:
        """Delete a letter that nobody is to get, with the address it was for."""
        await self._connection.run(_FORGET, id_=letter.id, lease=letter.lease_token)

    async def lock(self, letter_id: UUID) -> LetterStatus | None:
        """Return how a letter stands, held until the transaction ends."""
        row = await self._connection.one(_LOCK, id=letter_id)
        return LetterStatus(row["status"]) if row else None

    async def wake(self, letter_id: UUID) -> None:
        """Have the sweep look at a letter."""
        await self._connection.run(_WAKE, id_=letter_id)

    async def give_up(self, letter_id: UUID, *, code: str) -> None:
        """End a letter that comes to nothing, whoever holds it."""
        await self._connection.run(_GIVE_UP, id_=letter_id, code=code)

    async def reopen(self, letter_id: UUID) -> bool:
        """Let a letter that has failed be sent again; False if it has not."""
        return bool(await self._connection.run(_REOPEN, id_=letter_id))

    async def check_silent(self, *, limit: int) -> list[tuple[UUID, datetime]]:
        """Return what has been silent for too long, with when it is looked at again.

        Nobody else is given the same ones.
        """
        rows = await self._connection.all(_CHECK_SILENT, limit=limit)
        return [(row["id"], row["check_at"]) for row in rows]
