"""Every query on idempotency keys."""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from vixenbliss.database import Connection
from vixenbliss.models.idempotency import IdempotencyKey
from vixenbliss.repositories.terms import from_now

LASTS = timedelta(hours=24)

_this = (
    IdempotencyKey.scope == bindparam("scope_"),
    IdempotencyKey.principal == bindparam("principal_"),
    IdempotencyKey.key == bindparam("key_"),
)
# A key that has run out is taken over; a live one is left as it is. Either way a second
# request waits here until the transaction that holds the key has ended.
_TAKE = (
    insert(IdempotencyKey)
    .values(
        scope=bindparam("scope_"),
        principal=bindparam("principal_"),
        key=bindparam("key_"),
        request_hash=bindparam("request_hash"),
        expires_at=from_now("lasts"),
    )
    .on_conflict_do_update(
        index_elements=["scope", "principal", "key"],
        set_={
            "request_hash": bindparam("request_hash"),
            "response": None,
            "expires_at": from_now("lasts"),
        },
        where=IdempotencyKey.expires_at <= func.now(),
    )
    .returning(IdempotencyKey.key)
)
_KEPT = select(IdempotencyKey.request_hash, IdempotencyKey.response).where(*_this)
_ANSWER = (
    update(IdempotencyKey)
    .where(*_this)
    .values(response=bindparam("response_", type_=JSONB))
)
_FORGET = delete(IdempotencyKey).where(IdempotencyKey.expires_at <= func.now())


class IdempotencyRepository:
    """Requests that were answered, by whom they came from and under which key."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def take(
        self, scope: str, principal: str, key: str, request_hash: bytes
    ) -> bool:
        """Take the key for this transaction; False if it was answered before."""
        row = await self._connection.one(
            _TAKE,
            scope_=scope,
            principal_=principal,
            key_=key,
            request_hash=request_hash,
            lasts=LASTS,
        )
        return row is not None

    async def kept(
        self, scope: str, principal: str, key: str
    ) -> tuple[bytes, dict[str, Any]]:
        """Return the hash of the first request, and what it was answered."""
        row = await self._connection.one(
            _KEPT, scope_=scope, principal_=principal, key_=key
        )
        return (row["request_hash"], row["response"]) if row else (b"", {})

    async def answer(
        self, scope: str, principal: str, key: str, response: dict[str, Any]
    ) -> None:
        """Keep the answer, in the transaction that has the effect."""
        await self._connection.run(
            _ANSWER, scope_=scope, principal_=principal, key_=key, response_=response
        )

    async def forget_expired(self) -> int:
        """Delete the keys that have run out; return how many."""
        return await self._connection.run(_FORGET)
