"""Avatars: made, described, and taken from state to state."""

from dataclasses import replace
from uuid import UUID

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import InvalidStateError
from vixenbliss.ids import new_id
from vixenbliss.models.avatars import AvatarStatus
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.avatars import AvatarRepository, LockedAvatar
from vixenbliss.repositories.content_jobs import ContentJobRepository
from vixenbliss.repositories.sheets import SheetRepository
from vixenbliss.repositories.subscriptions import SubscriptionRepository
from vixenbliss.schemas.avatars import (
    AvatarArchived,
    AvatarCreate,
    AvatarDetail,
    AvatarRead,
    AvatarUpdate,
    BudgetUpdate,
)
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.services import policies
from vixenbliss.services.cancelling import cancel
from vixenbliss.services.profiles import profile_subject
from vixenbliss.services.recalling import hold_back_posts
from vixenbliss.services.stage import require_presentable

ARCHIVED = "The avatar is archived."
"""Why its posts end that had not been published."""


class AvatarService:
    """The avatars of the workspace that the caller works in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._avatars = AvatarRepository(connection)
        self._audit = AuditRepository(connection)

    async def create(self, caller: Caller, wanted: AvatarCreate) -> UUID:
        """Make an avatar; return its id.

        Two requests for one name that race each other cannot both win: the database
        decides.

        Raises:
            DuplicateAvatarError: a live avatar of the workspace has the name.
            PolicyBlockedError: the floor refuses the words.
        """
        member = await access.member(self._connection, caller)
        policies.refuse_blocked(wanted.avatar_name, wanted.nicho, wanted.look)
        avatar_id = new_id()
        await self._avatars.add(
            member,
            avatar_id,
            avatar_name=wanted.avatar_name,
            nicho=wanted.nicho,
            aesthetic_style=wanted.look,
        )
        await self._audit.add(member, "avatar.created", ("avatar", avatar_id))
        return avatar_id

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[AvatarRead]:
        """Return the avatars that match, newest first."""
        return await self._avatars.list(caller, page, **filters)

    async def get(self, caller: Caller, avatar_id: UUID) -> AvatarDetail:
        """Return an avatar with its figures.

        Raises:
            AvatarNotFoundError: the workspace has none of that id.
        """
        return await self._avatars.detail(caller, avatar_id)

    async def update(
        self, caller: Caller, avatar_id: UUID, wanted: AvatarUpdate, *, version: int
    ) -> AvatarRead:
        """Change an avatar that is still at the version its editor saw.

        What it says of itself is judged anew, if there is a sheet to judge it with.

        Raises:
            AvatarNotFoundError: the workspace has none of that id.
            PreconditionFailedError: it has moved on.
            DuplicateAvatarError: a live avatar has the new name.
            PolicyBlockedError: the floor refuses the words.
        """
        member = await access.member(self._connection, caller)
        changes = wanted.model_dump(exclude_unset=True)
        policies.refuse_blocked(*changes.values())
        if "aesthetic" in changes:
            changes["aesthetic_style"] = changes.pop("aesthetic")
        avatar = await self._avatars.lock(member, avatar_id)
        _require_live(avatar)
        changed = replace(avatar, **changes)
        found = await SheetRepository(self._connection).current(avatar_id)
        if found:
            subject = profile_subject(changed, found.sheet)
            changes["profile_sha256"] = subject.sha256
            if subject.sha256 != avatar.profile_sha256:
                await policies.ask(self._connection, member.workspace_id, subject)
        await self._avatars.change(avatar, changes, version=version)
        await self._audit.add(member, "avatar.changed", ("avatar", avatar_id))
        return await self._avatars.read(avatar_id)

    async def set_budget(
        self, caller: Caller, avatar_id: UUID, wanted: BudgetUpdate
    ) -> AvatarRead:
        """Bound what an avatar may cost in a month; what is held already stays held.

        Raises:
            AvatarNotFoundError: the workspace has none of that id.
        """
        member = await access.member(self._connection, caller)
        await self._avatars.lock(member, avatar_id)
        await self._avatars.set(
            avatar_id,
            monthly_budget_minor=wanted.monthly_budget_minor,
            budget_currency=wanted.currency,
        )
        await self._audit.add(
            member,
            "avatar.budget_set",
            ("avatar", avatar_id),
            monthly_budget_minor=wanted.monthly_budget_minor,
        )
        return await self._avatars.read(avatar_id)

    async def activate(self, caller: Caller, avatar_id: UUID) -> AvatarRead:
        """Let content be made of an avatar.

        Raises:
            AvatarNotFoundError: the workspace has none of that id.
            InvalidStateError: something is missing; the error lists what.
        """
        member = await access.member(self._connection, caller)
        avatar = await self._avatars.lock(member, avatar_id)
        await require_presentable(self._connection, member.workspace_id, avatar)
        return await self._move(member, avatar, AvatarStatus.ACTIVE)

    async def pause(
        self, caller: Caller, avatar_id: UUID, *, reason: str | None
    ) -> AvatarRead:
        """Let no content be made for now; what is under way is finished.

        Raises:
            AvatarNotFoundError: the workspace has none of that id.
            InvalidStateError: it is not active.
        """
        member = await access.member(self._connection, caller)
        avatar = await self._avatars.lock(member, avatar_id)
        return await self._move(member, avatar, AvatarStatus.PAUSED, reason=reason)

    async def archive(self, caller: Caller, avatar_id: UUID) -> AvatarArchived:
        """End an avatar for good; its name is free again.

        With it end its open jobs, and its posts that nobody can have seen. It closes
        what its members pay for, so their subscriptions end before it does.

        Raises:
            AvatarNotFoundError: the workspace has none of that id.
            InvalidStateError: it is archived already, or somebody pays it still.
        """
        member = await access.member(self._connection, caller)
        avatar = await self._avatars.lock(member, avatar_id)
        subscriptions = SubscriptionRepository(self._connection)
        if await subscriptions.is_paid_to(member, avatar_id):
            message = "The avatar has members who pay; end their subscriptions first."
            raise InvalidStateError(message)
        await self._avatars.move(avatar, AvatarStatus.ARCHIVED)
        jobs = await ContentJobRepository(self._connection).lock_open_of(avatar_id)
        await cancel(self._connection, jobs)
        posts = await hold_back_posts(
            self._connection, ("avatar", avatar_id), reason=ARCHIVED
        )
        await self._audit.add(
            member,
            "avatar.archived",
            ("avatar", avatar_id),
            jobs=len(jobs),
            posts=posts,
        )
        return AvatarArchived(id=avatar_id, cancelled_jobs=len(jobs))

    async def _move(
        self,
        member: Member,
        avatar: LockedAvatar,
        to: AvatarStatus,
        *,
        reason: str | None = None,
    ) -> AvatarRead:
        await self._avatars.move(avatar, to)
        await self._audit.add(
            member, f"avatar.{to}", ("avatar", avatar.id), reason=reason
        )
        return await self._avatars.read(avatar.id)


def _require_live(avatar: LockedAvatar) -> None:
    if avatar.status is AvatarStatus.ARCHIVED:
        message = "An archived avatar does not change."
        raise InvalidStateError(message)
