"""Every statement on the tokens in letters. Global: whoever shows one is nobody.

A token is good for its user while that is active, and for the address it was sent to:
once the user has another address, only one that changes the address is of any use.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
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
from vixenbliss.models.one_time_tokens import OneTimeToken, TokenPurpose
from vixenbliss.models.users import User
from vixenbliss.models.workspaces import WorkspaceMember
from vixenbliss.repositories.terms import from_now

_is_somebody = and_(User.is_active, User.erased_at.is_(None))
_email = bindparam("email", type_=User.email.type)
_is_their_address = func.lower(User.email) == func.lower(_email)
_is_their_id = User.id == bindparam("user_id", type_=User.id.type)


def _make(address: ColumnElement[str], *conditions: ColumnElement[bool]) -> Any:  # noqa: ANN401 - SQLAlchemy's term
    """Return the statement that makes a token for the user of whom all this holds."""
    made = select(
        bindparam("id", type_=OneTimeToken.id.type),
        User.id,
        bindparam("purpose", type_=OneTimeToken.purpose.type),
        address,
        bindparam("token_hash", type_=OneTimeToken.token_hash.type),
        from_now("lasts"),
    ).where(_is_somebody, *conditions)
    return (
        insert(OneTimeToken)
        .from_select(
            ["id", "user_id", "purpose", "email", "token_hash", "expires_at"], made
        )
        .returning(OneTimeToken.user_id, OneTimeToken.email)
    )


_MAKE = {
    # To the address as we have it: what was typed may be another's that lowers alike.
    TokenPurpose.RESET_PASSWORD: _make(User.email.expression, _is_their_address),
    TokenPurpose.VERIFY_EMAIL: _make(
        User.email.expression,
        _is_their_id,
        _is_their_address,
        User.email_verified_at.is_(None),
    ),
    TokenPurpose.CHANGE_EMAIL: _make(_email, _is_their_id),
}
_FORGET_OLDER = delete(OneTimeToken).where(
    OneTimeToken.user_id == bindparam("user_id_"),
    OneTimeToken.purpose == bindparam("purpose_"),
    OneTimeToken.id != bindparam("id_"),
)
# Its token, made when it leaves, would be good for another address than the user's.
_KEEP_BACK = delete(Letter).where(
    Letter.user_id == bindparam("user_id_"),
    Letter.kind == LetterKind.CHANGE_EMAIL,
    Letter.status == LetterStatus.QUEUED,
)
_FORGET_ALL = delete(OneTimeToken).where(
    OneTimeToken.user_id == bindparam("user_id_"), OneTimeToken.used_at.is_(None)
)

_is_good = and_(
    OneTimeToken.token_hash == bindparam("hash_"),
    OneTimeToken.used_at.is_(None),
    OneTimeToken.expires_at > func.now(),
    User.id == OneTimeToken.user_id,
    _is_somebody,
    or_(
        OneTimeToken.purpose == TokenPurpose.CHANGE_EMAIL,
        func.lower(OneTimeToken.email) == func.lower(User.email),
    ),
)
_resets = OneTimeToken.purpose == TokenPurpose.RESET_PASSWORD
_FIND_RESET = select(OneTimeToken.email).where(_is_good, _resets)
_home_id = (
    select(WorkspaceMember.workspace_id)
    .where(WorkspaceMember.user_id == User.id, WorkspaceMember.is_home)
    .correlate(User)
    .scalar_subquery()
)


def _spend(condition: ColumnElement[bool]) -> Any:  # noqa: ANN401 - SQLAlchemy's term
    return (
        update(OneTimeToken)
        .where(_is_good, condition)
        .values(used_at=func.now())
        .returning(
            OneTimeToken.user_id,
            OneTimeToken.purpose,
            OneTimeToken.email,
            User.email.label("old_email"),
            _home_id.label("home_id"),
        )
    )


_SPEND_RESET, _SPEND_VERIFY = _spend(_resets), _spend(~_resets)


@dataclass(frozen=True, slots=True)
class SpentToken:
    """What a token was good for."""

    user_id: int
    purpose: TokenPurpose
    email: str
    """The address that it was sent to."""
    old_email: str
    """The user's address until now."""
    home_id: UUID
    """The workspace that the user signed up with."""


class OneTimeTokenRepository:
    """The tokens in letters."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def make(
        self,
        purpose: TokenPurpose,
        token_hash: bytes,
        *,
        email: str,
        user_id: int | None,
        lasts: timedelta,
    ) -> str | None:
        """Keep the hash of a new token in place of older ones of its purpose.

        Returns the address to send it to; None if nobody is to get one.
        """
        token_id = new_id()
        row = await self._connection.one(
            _MAKE[purpose],
            id=token_id,
            purpose=purpose,
            token_hash=token_hash,
            email=email,
            lasts=lasts,
            **({} if purpose is TokenPurpose.RESET_PASSWORD else {"user_id": user_id}),
        )
        if row is None:
            return None
        await self._connection.run(
            _FORGET_OLDER, user_id_=row["user_id"], purpose_=purpose, id_=token_id
        )
        return str(row["email"])

    async def find_reset(self, token_hash: bytes) -> str | None:
        """Return the address that a good token for a reset was sent to, or None."""
        row = await self._connection.one(_FIND_RESET, hash_=token_hash)
        return str(row["email"]) if row else None

    async def spend_reset(self, token_hash: bytes) -> SpentToken | None:
        """Spend a token for a reset; of many at once, one succeeds."""
        row = await self._connection.one(_SPEND_RESET, hash_=token_hash)
        return SpentToken(**row) if row else None

    async def spend_verify(self, token_hash: bytes) -> SpentToken | None:
        """Spend a token that proves an address; of many at once, one succeeds."""
        row = await self._connection.one(_SPEND_VERIFY, hash_=token_hash)
        return SpentToken(**row) if row else None

    async def forget_all(self, user_id: int) -> None:
        """Delete a user's unused tokens, and letters that would bring a new address.

        The letters come first: of one that is just being sent, the token is there then.
        """
        await self._connection.run(_KEEP_BACK, user_id_=user_id)
        await self._connection.run(_FORGET_ALL, user_id_=user_id)
