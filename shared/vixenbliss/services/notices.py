"""What a person should know, told once."""

from enum import StrEnum
from uuid import UUID

from vixenbliss.database import Connection
from vixenbliss.repositories.notices import NoticeRepository


class Kind(StrEnum):
    """What may be told."""

    PAYMENT_FAILED = "payment_failed"
    RENEWAL_AHEAD = "renewal_ahead"
    TRIAL_ENDS = "trial_ends"


async def tell(
    connection: Connection,
    user_id: int,
    workspace_id: UUID,
    kind: Kind,
    *,
    about: str,
    **detail: object,
) -> None:
    """Leave a notice for somebody; of one kind about one thing, once."""
    await NoticeRepository(connection).add(
        user_id=user_id,
        workspace_id=workspace_id,
        kind=kind,
        dedupe_key=f"{kind}:{about}",
        detail=detail,
    )
