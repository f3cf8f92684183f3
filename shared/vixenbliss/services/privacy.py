"""Users ask for a copy of their data, or to be forgotten."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from vixenbliss.callers import Caller, Member
from vixenbliss.clock import now
from vixenbliss.database import Connection, reading, transaction
from vixenbliss.errors import (
    InvalidCredentialsError,
    InvalidStateError,
)
from vixenbliss.jobs.messages import privacy
from vixenbliss.models.data_requests import DataRequestKind
from vixenbliss.providers.s3 import DOWNLOAD_LASTS, Bucket
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.data_requests import DataRequestRepository, FoundRequest
from vixenbliss.repositories.erasures import (
    Abandoned,
    Credentials,
    ErasureRepository,
    Obstacle,
    Seat,
)
from vixenbliss.repositories.user_administration import UserAdministrationRepository
from vixenbliss.repositories.user_sessions import UserSessionRepository
from vixenbliss.schemas.privacy import (
    DataRequestRead,
    ErasureBegun,
    ExportRequested,
)
from vixenbliss.services import passwords
from vixenbliss.services.outbox import Outbox

ERASURE = "erasure"
"""Why, in the audit trail."""
_STOPPED = {
    "product": "product.changed",
    "social_account": "social_account.disconnected",
}
LAST_ADMIN = "The platform needs another active administrator."
_TO_DO = {
    "memberships": "Workspace “{name}”: the memberships that it has sold must end.",
    "money": "Workspace “{name}”: its money must be paid out.",
    "posts": "Workspace “{name}”: its planned posts must be cancelled.",
    "own": "Your own membership “{name}” must end.",
}


class PrivacyService:
    """The caller's own data.

    Opens its own transactions: a password is compared outside of any.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def export(self, caller: Caller) -> ExportRequested:
        """Have a copy made of all that is known of the caller; one at a time."""
        async with transaction() as connection:
            user_id = await access.user(connection, caller)
            requests = DataRequestRepository(connection)
            request_id, is_new = await requests.add(user_id, DataRequestKind.EXPORT)
            if is_new:
                await Outbox(connection).send(privacy(request_id))
        return ExportRequested(request_id=request_id)

    async def look_up(self, caller: Caller, request_id: UUID) -> DataRequestRead:
        """Return how far a request has come, and where its copy is.

        Raises:
            DataRequestNotFoundError: there is none, or it is somebody else's.
        """
        async with reading() as connection:
            found = await DataRequestRepository(connection).look_up(caller, request_id)
        return DataRequestRead(
            id=found.id,
            kind=found.kind,
            status=found.status,
            url=self._link(found),
            expires_at=found.expires_at,
            created_at=found.created_at,
            done_at=found.done_at,
        )

    def _link(self, found: FoundRequest) -> str | None:
        """Return where a copy is, for no longer than it is kept."""
        if not (found.is_there and found.s3_key and found.expires_at):
            return None
        left = max(found.expires_at - now(), timedelta(seconds=1))
        url, _ = self._bucket.link(found.s3_key, lasts=min(left, DOWNLOAD_LASTS))
        return url

    async def erase(self, caller: Caller, password: str) -> ErasureBegun:
        """Close the caller's account at once, and have it forgotten.

        Of many at once, one does it; the others are nobody any more.

        Raises:
            UnauthorizedError: the session has ended.
            InvalidCredentialsError: the password is another one.
            InvalidStateError: somebody depends on the account; ``missing`` says who.
        """
        async with reading() as connection:
            user = await ErasureRepository(connection).credentials(caller)
        if not await passwords.matches(password, user.hashed_password):
            raise InvalidCredentialsError
        async with transaction() as connection:
            request_id = await _close(connection, caller, user)
        return ErasureBegun(confirmation_code=request_id.hex)


async def _close(connection: Connection, caller: Caller, user: Credentials) -> UUID:
    erasures = ErasureRepository(connection)
    admins = await UserAdministrationRepository(connection).lock_admins()
    is_same = await erasures.lock(user)
    await access.user(connection, caller)  # only now it is known to be the only one
    if not is_same:
        raise InvalidCredentialsError
    missing = _sentences(await erasures.obstacles(user.id))
    if admins == {user.id}:
        missing.append(LAST_ADMIN)
    if missing:
        message = "Others depend on this account."
        raise InvalidStateError(message, missing=missing)
    request_id, _ = await DataRequestRepository(connection).add(
        user.id, DataRequestKind.ERASURE
    )
    abandoned = await erasures.leave_alone(user.id)
    seats = await erasures.close(user.id)
    await UserSessionRepository(connection).revoke_all(user.id)
    await Outbox(connection).send(privacy(request_id))
    for seat in sorted(seats, key=lambda seat: seat.workspace_id):
        there = [one for one in abandoned if one.workspace_id == seat.workspace_id]
        await _write_down(connection, user.id, seat, there)
    return request_id


def _sentences(obstacles: list[Obstacle]) -> list[str]:
    return [_TO_DO[one.kind].format(name=one.name) for one in obstacles]


async def _write_down(
    connection: Connection, user_id: int, seat: Seat, abandoned: Sequence[Abandoned]
) -> None:
    audit = AuditRepository(connection)
    member = Member(user_id, seat.workspace_id, seat.role)
    for one in abandoned:
        await audit.add(member, _STOPPED[one.kind], (one.kind, one.id), reason=ERASURE)
    await audit.add(member, "member.removed", ("user", user_id), reason=ERASURE)
