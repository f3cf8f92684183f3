"""Every statement that leaves notices for users. Global: a notice is its reader's."""

from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import JSONB, insert

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.notices import Notice

_ADD = (
    insert(Notice)
    .values(
        id=bindparam("id"),
        user_id=bindparam("user_id"),
        workspace_id=bindparam("workspace_id"),
        kind=bindparam("kind"),
        dedupe_key=bindparam("dedupe_key"),
        detail=bindparam("detail", type_=JSONB),
    )
    .on_conflict_do_nothing(index_elements=["dedupe_key"])
)


class NoticeRepository:
    """Notices, as they are left."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(
        self,
        *,
        user_id: int,
        workspace_id: UUID,
        kind: str,
        dedupe_key: str,
        detail: dict[str, object],
    ) -> None:
        """Leave a notice, once however often it is left."""
        await self._connection.run(
            _ADD,
            id=new_id(),
            user_id=user_id,
            workspace_id=workspace_id,
            kind=kind,
            dedupe_key=dedupe_key,
            detail=detail,
        )
