"""API keys: what a team's programs sign in with, for some things and no others."""

from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import ConflictError, InvalidStateError
from vixenbliss.ids import new_id
from vixenbliss.repositories import access
from vixenbliss.repositories.api_keys import ApiKeyRepository
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.schemas.api_keys import ApiKeyCreate, ApiKeyRead, ApiKeyTold
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.services.tokens import KeyText

MOST_KEYS = 20
"""How many live keys a workspace may have."""


class ApiKeyService:
    """The keys to the workspace that the caller owns.

    The secret is in one answer and nowhere else: not under an Idempotency-Key either,
    where it would be kept. Whoever has lost that answer revokes the key, or renews it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._keys = ApiKeyRepository(connection)
        self._audit = AuditRepository(connection)

    async def list(self, caller: Caller, page: PageQuery) -> Listing[ApiKeyRead]:
        """Return the workspace's keys, the newest first, those that have ended too."""
        return await self._keys.list(caller, page)

    async def create(self, caller: Caller, wanted: ApiKeyCreate) -> ApiKeyTold:
        """Make a key.

        Raises:
            ConflictError: the workspace has as many as it may have.
            ValidationError: it would have expired already.
        """
        member = await access.member(self._connection, caller)
        if await self._keys.count_kept(member) >= MOST_KEYS:
            message = f"A workspace has {MOST_KEYS} live API keys at most."
            raise ConflictError(message)
        key, key_id = KeyText.of(), new_id()
        await self._keys.add(
            member,
            key_id,
            prefix=key.prefix,
            key_hash=key.hash,
            **wanted.model_dump(),
        )
        await self._audit.add(
            member,
            "api_key.created",
            ("api_key", key_id),
            name=wanted.name,
            prefix=key.prefix,
            scopes=wanted.scopes,
        )
        return await self._told(key_id, key)

    async def rotate(self, caller: Caller, key_id: UUID) -> ApiKeyTold:
        """Give a key another secret; what was told before opens nothing from now on.

        It is then the caller's, and works as long as they own the workspace.

        Raises:
            ApiKeyNotFoundError: the workspace has none of that id.
            InvalidStateError: it has ended.
        """
        member = await access.member(self._connection, caller)
        locked = await self._keys.lock(member, key_id)
        if not locked.is_kept:
            message = "An API key that has ended stays so; make another."
            raise InvalidStateError(message)
        key = KeyText.of(locked.prefix)
        await self._keys.renew(member, key_id, key.hash)
        await self._audit.add(
            member, "api_key.rotated", ("api_key", key_id), prefix=key.prefix
        )
        return await self._told(key_id, key)

    async def revoke(self, caller: Caller, key_id: UUID) -> None:
        """Let a key open nothing any more; again is the same.

        Raises:
            ApiKeyNotFoundError: the workspace has none of that id.
        """
        member = await access.member(self._connection, caller)
        locked = await self._keys.lock(member, key_id)
        if not locked.is_kept:
            return
        await self._keys.revoke(key_id)
        await self._audit.add(
            member, "api_key.revoked", ("api_key", key_id), prefix=locked.prefix
        )

    async def _told(self, key_id: UUID, key: KeyText) -> ApiKeyTold:
        kept = await self._keys.read(key_id)
        return ApiKeyTold(**kept.model_dump(), key=key.text)
