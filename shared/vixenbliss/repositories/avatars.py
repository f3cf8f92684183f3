"""Every query on avatars."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, func, insert, or_, select, update

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    AvatarNotFoundError,
    ConstraintViolatedError,
    DuplicateAvatarError,
    InvalidStateError,
    PreconditionFailedError,
)
from vixenbliss.models.avatars import (
    AVATAR_MOVES,
    Avatar,
    AvatarStatus,
    BudgetMonth,
    LikenessAttestation,
)
from vixenbliss.models.content_jobs import ContentJob
from vixenbliss.models.pieces import ContentPiece
from vixenbliss.models.policy import PolicyDecision, SubjectType
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.decisions import LATEST_FIRST
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import wish
from vixenbliss.schemas.avatars import AvatarDetail, AvatarRead, AvatarStats
from vixenbliss.schemas.base import Listing, PageQuery

_COLUMNS = (
    Avatar.id,
    Avatar.avatar_name,
    Avatar.nicho,
    Avatar.aesthetic_style.label("aesthetic"),
    Avatar.bio,
    Avatar.status,
    Avatar.current_sheet_version,
    Avatar.monthly_budget_minor,
    Avatar.budget_currency,
    Avatar.version,
    Avatar.created_at,
    Avatar.updated_at,
)
THIS_MONTH = func.to_char(func.timezone("UTC", func.now()), "YYYY-MM")
"""The budget's month, by the database's clock."""

_mine = Avatar.workspace_id == MEMBER.c.workspace_id
_jobs = select(func.count()).where(ContentJob.avatar_id == Avatar.id)
# "is not null" lets the count be read off an index that is sorted as it counts.
_assets = select(func.count(ContentJob.asset_id.distinct())).where(
    ContentJob.avatar_id == Avatar.id, ContentJob.asset_id.is_not(None)
)
_pieces = select(func.count()).where(
    ContentPiece.avatar_id == Avatar.id, ContentPiece.deleted_at.is_(None)
)
_profile_verdict = (
    select(PolicyDecision.verdict)
    .where(
        PolicyDecision.workspace_id == Avatar.workspace_id,
        PolicyDecision.subject_type == SubjectType.PROFILE,
        PolicyDecision.subject_sha256 == Avatar.profile_sha256,
    )
    .order_by(*LATEST_FIRST)
    .limit(1)
    .scalar_subquery()
)
IS_ATTESTED = (
    select(LikenessAttestation.id)
    .where(
        LikenessAttestation.avatar_id == Avatar.id,
        LikenessAttestation.revoked_at.is_(None),
        or_(
            LikenessAttestation.expires_at.is_(None),
            LikenessAttestation.expires_at > func.now(),
        ),
    )
    .exists()
)
"""Whether somebody's word stands for an avatar of the statement, right now."""
_DETAIL = seen_by_member(
    select(
        *_COLUMNS,
        _profile_verdict.label("profile_verdict"),
        IS_ATTESTED.label("is_attested"),
        _jobs.scalar_subquery().label("jobs"),
        _assets.scalar_subquery().label("assets"),
        _pieces.scalar_subquery().label("pieces"),
        func.coalesce(BudgetMonth.spent_micros, 0).label("spent_this_month_micros"),
        func.coalesce(BudgetMonth.held_micros, 0).label("held_this_month_micros"),
    )
    .outerjoin(
        BudgetMonth,
        (BudgetMonth.avatar_id == Avatar.id) & (BudgetMonth.month == THIS_MONTH),
    )
    .where(_mine, Avatar.id == bindparam("id"))
    .correlate(MEMBER)
)
_LIST = page_seen_by_member(
    _COLUMNS,
    _mine,
    wish(Avatar.status, "status"),
    wish(Avatar.nicho, "nicho"),
    order_by=(Avatar.created_at.desc(), Avatar.id.desc()),
)
_ADD = insert(Avatar).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    created_by=bindparam("created_by"),
    avatar_name=bindparam("avatar_name"),
    nicho=bindparam("nicho"),
    aesthetic_style=bindparam("aesthetic_style"),
)
_STORED = select(
    Avatar.id,
    Avatar.avatar_name,
    Avatar.nicho,
    Avatar.aesthetic_style,
    Avatar.bio,
    Avatar.status,
    Avatar.current_sheet_version,
    Avatar.profile_sha256,
    Avatar.version,
)
_LOCK = _STORED.where(
    Avatar.id == bindparam("id"), Avatar.workspace_id == bindparam("workspace_id")
).with_for_update()
_LOCK_UNATTESTED = (
    _STORED.add_columns(Avatar.workspace_id)
    .where(Avatar.status == AvatarStatus.ACTIVE, ~IS_ATTESTED)
    .order_by(Avatar.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_READ = select(*_COLUMNS).where(Avatar.id == bindparam("id"))
_PAUSE_PROFILE = (
    update(Avatar)
    .where(
        Avatar.id == bindparam("id_"),
        Avatar.status == AvatarStatus.ACTIVE,
        Avatar.profile_sha256 == bindparam("profile"),
    )
    .values(status=AvatarStatus.PAUSED, version=Avatar.version + 1)
)


@dataclass(frozen=True, slots=True)
class LockedAvatar:
    """An avatar that nobody else changes until the transaction ends."""

    id: UUID
    avatar_name: str
    nicho: str
    aesthetic_style: str
    bio: str | None
    status: AvatarStatus
    current_sheet_version: int
    profile_sha256: bytes | None
    version: int


class AvatarRepository:
    """The avatars of a workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(
        self,
        member: Member,
        avatar_id: UUID,
        *,
        avatar_name: str,
        nicho: str,
        aesthetic_style: str,
    ) -> None:
        """Insert an avatar; the database decides whether the name is free.

        Raises:
            DuplicateAvatarError: a live avatar has the name, in whatever case.
        """
        try:
            await self._connection.run(
                _ADD,
                id=avatar_id,
                workspace_id=member.workspace_id,
                created_by=member.user_id,
                avatar_name=avatar_name,
                nicho=nicho,
                aesthetic_style=aesthetic_style,
            )
        except ConstraintViolatedError as error:
            raise DuplicateAvatarError from error

    async def detail(self, caller: Caller, avatar_id: UUID) -> AvatarDetail:
        """Return an avatar with its figures.

        Raises:
            AvatarNotFoundError: the workspace has none of that id.
        """
        rows = await read(self._connection, caller, _DETAIL, id=avatar_id)
        if not rows:
            raise AvatarNotFoundError
        row = dict(rows[0])
        return AvatarDetail.model_validate(
            {**row, "stats": AvatarStats.model_validate(row)}
        )

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[AvatarRead]:
        """Return the avatars that match, newest first."""
        return await read_page(
            self._connection, caller, _LIST, page, AvatarRead, **filters
        )

    async def read(self, avatar_id: UUID) -> AvatarRead:
        """Return an avatar that this transaction has changed."""
        row = await self._connection.one(_READ, id=avatar_id)
        return AvatarRead.model_validate(dict(row or {}))

    async def lock(self, member: Member, avatar_id: UUID) -> LockedAvatar:
        """Return an avatar, held until the transaction ends.

        Raises:
            AvatarNotFoundError: the workspace has none of that id.
        """
        row = await self._connection.one(
            _LOCK, id=avatar_id, workspace_id=member.workspace_id
        )
        if row is None:
            raise AvatarNotFoundError
        return LockedAvatar(**row)

    async def change(
        self, avatar: LockedAvatar, changes: dict[str, object], *, version: int
    ) -> None:
        """Change a locked avatar that is still at the version its editor saw.

        Raises:
            PreconditionFailedError: it has moved on.
            DuplicateAvatarError: a live avatar has the new name.
        """
        if avatar.version != version:
            raise PreconditionFailedError(avatar.version)
        await self.set(avatar.id, **changes)

    async def set(self, avatar_id: UUID, **changes: object) -> None:
        """Change columns of a locked avatar.

        Raises:
            DuplicateAvatarError: a live avatar has the new name.
        """
        statement = (
            update(Avatar)
            .where(Avatar.id == avatar_id)
            .values(**changes, version=Avatar.version + 1)
        )
        try:
            await self._connection.run(statement)
        except ConstraintViolatedError as error:
            raise DuplicateAvatarError from error

    async def move(self, avatar: LockedAvatar, to: AvatarStatus) -> None:
        """Take a locked avatar from one state to another.

        Raises:
            InvalidStateError: it is in no state from which one gets there.
        """
        if avatar.status not in AVATAR_MOVES[to]:
            message = f"An avatar that is {avatar.status} cannot become {to}."
            raise InvalidStateError(message)
        ended = {"archived_at": func.now()} if to is AvatarStatus.ARCHIVED else {}
        await self.set(avatar.id, status=to, **ended)

    async def lock_unattested(
        self, *, limit: int
    ) -> Sequence[tuple[UUID, LockedAvatar]]:
        """Return active avatars that nobody's word covers, with their workspaces.

        Of whichever workspace, for a schedule; held until the transaction ends.
        """
        rows = await self._connection.all(_LOCK_UNATTESTED, limit=limit)
        return [(row["workspace_id"], _locked(row)) for row in rows]

    async def pause_if_profile_is(self, avatar_id: UUID, profile_sha256: bytes) -> bool:
        """Pause an active avatar that is still described by these words."""
        changed = await self._connection.run(
            _PAUSE_PROFILE, id_=avatar_id, profile=profile_sha256
        )
        return changed == 1


def _locked(row: RowMapping) -> LockedAvatar:
    return LockedAvatar(**{f.name: row[f.name] for f in fields(LockedAvatar)})
