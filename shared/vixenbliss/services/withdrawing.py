"""Taking back what turns out not to be fit to be shown."""

from collections.abc import Sequence
from uuid import UUID

from vixenbliss.database import Connection
from vixenbliss.models.avatars import AvatarStatus
from vixenbliss.repositories.assets import AssetRepository
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.avatars import AvatarRepository, LockedAvatar
from vixenbliss.repositories.content_jobs import ContentJobRepository
from vixenbliss.repositories.pieces import PieceRepository
from vixenbliss.services.cancelling import cancel
from vixenbliss.services.recalling import hold_back_posts

OFF_STAGE = "The avatar may not be shown any more."
"""Why posts end that had not been published."""


async def quarantine(
    connection: Connection, workspace_id: UUID, asset_id: UUID
) -> None:
    """Put an asset where nobody can use it; pieces that show it are drafts again."""
    if not await AssetRepository(connection).quarantine(asset_id):
        return
    withdrawn = await PieceRepository(connection).withdraw_showing(asset_id)
    await _tell(connection, workspace_id, withdrawn)


async def unsay(connection: Connection, workspace_id: UUID, text_sha256: bytes) -> None:
    """Make pieces with these words drafts again, approved or not."""
    withdrawn = await PieceRepository(connection).withdraw_saying(
        workspace_id, text_sha256
    )
    await _tell(connection, workspace_id, withdrawn)


async def _tell(
    connection: Connection, workspace_id: UUID, pieces: Sequence[UUID]
) -> None:
    for piece_id in pieces:
        await AuditRepository(connection).add_by_system(
            workspace_id, "piece.withdrawn", ("piece", piece_id), by="policy"
        )


async def leave_stage(connection: Connection, avatar: LockedAvatar) -> int:
    """Pause an avatar that may not be shown any more; return how many jobs ended.

    Its posts that nobody can have seen end, too; what is out stays out.
    """
    if avatar.status is AvatarStatus.ACTIVE:
        await AvatarRepository(connection).move(avatar, AvatarStatus.PAUSED)
    jobs = await ContentJobRepository(connection).lock_open_of(avatar.id)
    await cancel(connection, jobs)
    await hold_back_posts(connection, ("avatar", avatar.id), reason=OFF_STAGE)
    return len(jobs)
