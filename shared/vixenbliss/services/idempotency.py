"""A request that comes twice under one key has its effect once, and one answer."""

import hashlib
from collections.abc import Awaitable, Callable

from pydantic import BaseModel

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import (
    DatabaseUnavailableError,
    IdempotencyMismatchError,
    RequestInProgressError,
)
from vixenbliss.repositories import access
from vixenbliss.repositories.idempotency import IdempotencyRepository


class IdempotencyService:
    """Keeps answers in the transaction of the effect they tell of.

    The key is taken first. A second request waits for the transaction that holds it: if
    that commits, it is given the same answer; if it rolls back, it has its own try. So
    nothing is left behind by a crash, and errors are not kept.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._keys = IdempotencyRepository(connection)

    async def once[Reply: BaseModel](  # noqa: PLR0913 - who, what for, under which key
        self,
        caller: Caller,
        scope: str,
        key: str | None,
        *,
        request: BaseModel,
        reply: type[Reply],
        act: Callable[[], Awaitable[Reply]],
    ) -> Reply:
        """Act, unless this request was answered before; without a key, always act.

        A kept answer is for somebody who may still ask for it.

        Raises:
            UnauthorizedError: the session has ended.
            WorkspaceNotFoundError: the caller is no member of the workspace any more.
            ForbiddenError: the caller's role does not suffice any more.
            IdempotencyMismatchError: the key came with another request.
            RequestInProgressError: the first request runs longer than we wait.
        """
        if key is None:
            return await act()
        spelled = hashlib.sha256(request.model_dump_json().encode()).digest()
        try:
            taken = await self._keys.take(scope, caller.principal, key, spelled)
        except DatabaseUnavailableError as error:
            raise RequestInProgressError from error
        if not taken:
            await access.member(self._connection, caller)
            first, kept = await self._keys.kept(scope, caller.principal, key)
            if first != spelled:
                raise IdempotencyMismatchError
            return reply.model_validate(kept)
        answer = await act()
        kept_answer = answer.model_dump(mode="json")
        await self._keys.answer(scope, caller.principal, key, kept_answer)
        return answer
