"""Whether an avatar may be shown: described, vouched for, and let through by the gate.

Asked when it goes on stage, and again whenever something is made or approved in its
name: a word that has been taken back or has run out, or a description that nobody has
judged yet, ends it without anybody's doing.
"""

from uuid import UUID

from vixenbliss.database import Connection
from vixenbliss.errors import InvalidStateError
from vixenbliss.models.policy import SubjectType
from vixenbliss.repositories.attestations import AttestationRepository
from vixenbliss.repositories.avatars import LockedAvatar
from vixenbliss.repositories.decisions import DecisionRepository


def lacking(*, has_sheet: bool, is_attested: bool, is_allowed: bool) -> list[str]:
    """Return what an avatar lacks to be shown, in words; nothing if it may be."""
    conditions = {
        "an identity sheet": has_sheet,
        "a live attestation": is_attested,
        "the policy gate's allowance of its profile": is_allowed,
    }
    return [what for what, is_there in conditions.items() if not is_there]


async def require_presentable(
    connection: Connection, workspace_id: UUID, avatar: LockedAvatar
) -> None:
    """Make sure that an avatar may be shown.

    Raises:
        InvalidStateError: something is missing; the error lists what.
    """
    missing = lacking(
        has_sheet=avatar.current_sheet_version > 0,
        is_attested=await AttestationRepository(connection).is_attested(avatar.id),
        is_allowed=await _is_allowed(connection, workspace_id, avatar),
    )
    if missing:
        message = f"The avatar lacks: {', '.join(missing)}."
        raise InvalidStateError(message, missing=tuple(missing))


async def _is_allowed(
    connection: Connection, workspace_id: UUID, avatar: LockedAvatar
) -> bool:
    if avatar.profile_sha256 is None:
        return False
    known = await DecisionRepository(connection).latest(
        workspace_id, [avatar.profile_sha256]
    )
    said = known.get((SubjectType.PROFILE, avatar.profile_sha256))
    return said is not None and said.is_publishable
