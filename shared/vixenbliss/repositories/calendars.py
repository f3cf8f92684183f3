"""When an account's posts appear: its times of day, and what is planned already."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import PieceNotFoundError, SocialAccountNotFoundError
from vixenbliss.models.pieces import ContentPiece
from vixenbliss.models.social_accounts import Platform, SocialAccount
from vixenbliss.models.workspaces import Workspace
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.post_facts import planned
from vixenbliss.repositories.terms import among

_PLAN = (
    SocialAccount.id.label("account_id"),
    SocialAccount.posting_times,
    Workspace.timezone,
)
_FIND = seen_by_member(
    select(
        *_PLAN,
        SocialAccount.platform,
        SocialAccount.platform_user_id,
        planned().label("planned"),
    )
    .join(Workspace, Workspace.id == SocialAccount.workspace_id)
    .where(
        SocialAccount.workspace_id == MEMBER.c.workspace_id,
        SocialAccount.id == bindparam("id"),
    )
    .correlate(MEMBER)
)
_PLANS = (
    select(*_PLAN)
    .join(Workspace, Workspace.id == SocialAccount.workspace_id)
    .where(
        SocialAccount.workspace_id == bindparam("workspace_id"),
        among(SocialAccount.id, "account_ids"),
    )
    .order_by(SocialAccount.id)
)
_HOLD = _PLANS.with_for_update(of=SocialAccount)
_HOLD_PIECE = (
    select(ContentPiece.id)
    .where(
        ContentPiece.id == bindparam("piece_id"),
        ContentPiece.workspace_id == bindparam("workspace_id"),
    )
    .with_for_update(read=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingPlan:
    """At which times of day an account posts, by which clock."""

    account_id: UUID
    posting_times: list[str]
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar(PostingPlan):
    """The same, and what is planned on the account."""

    platform: Platform
    platform_user_id: str
    planned: Sequence[datetime]


class CalendarRepository:
    """The calendars of a workspace's accounts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, caller: Caller, account_id: UUID) -> Calendar:
        """Return an account's calendar.

        Raises:
            SocialAccountNotFoundError: the workspace has none of that id.
        """
        rows = await read(self._connection, caller, _FIND, id=account_id)
        if not rows:
            raise SocialAccountNotFoundError
        return Calendar(**{f.name: rows[0][f.name] for f in fields(Calendar)})

    async def plans(
        self, member: Member, account_ids: Sequence[UUID]
    ) -> dict[UUID, PostingPlan]:
        """Return the plans of those of the accounts that are the workspace's."""
        rows = await self._connection.all(
            _PLANS, workspace_id=member.workspace_id, account_ids=list(account_ids)
        )
        return {row["account_id"]: PostingPlan(**row) for row in rows}

    async def hold(
        self, member: Member, piece_id: UUID, account_ids: Sequence[UUID]
    ) -> dict[UUID, PostingPlan]:
        """Return the plans, and let nobody else plan on them until the end.

        The accounts first, then the piece, as whoever comes later does: what is read
        from now on stays.

        Raises:
            PieceNotFoundError: the workspace has no such piece.
        """
        rows = await self._connection.all(
            _HOLD, workspace_id=member.workspace_id, account_ids=list(account_ids)
        )
        if not await self._connection.one(
            _HOLD_PIECE, workspace_id=member.workspace_id, piece_id=piece_id
        ):
            raise PieceNotFoundError
        return {row["account_id"]: PostingPlan(**row) for row in rows}
