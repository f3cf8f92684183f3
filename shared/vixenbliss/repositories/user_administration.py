"""Every query by which the platform's staff looks after accounts. Global."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    Integer,
    String,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import UnauthorizedError, UserNotFoundError
from vixenbliss.models.users import PlatformRole, User
from vixenbliss.models.workspaces import WorkspaceMember
from vixenbliss.repositories.access import (
    MEMBER,
    binds_of,
    read_as_staff,
    seen_by_staff,
)
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.user_administration import UserAccountRead

_COLUMNS = (
    User.id,
    User.email,
    User.is_active,
    User.platform_role,
    User.email_verified_at,
    User.created_at,
    User.updated_at,
    User.erased_at,
)
_email = cast(bindparam("email", type_=String()), String)
_that_match = or_(_email.is_(None), func.lower(User.email) == func.lower(_email))
_total = (
    select(func.count())
    .select_from(select(User.id).where(_that_match).subquery("matching"))
    .scalar_subquery()
)
_LIST = seen_by_staff(
    select(*_COLUMNS)
    .where(_that_match)
    .order_by(User.id.desc())
    .limit(bindparam("limit", type_=Integer()))
    .offset(bindparam("offset", type_=Integer()))
).add_columns(_total.label("_total"))
_found = (
    select(*_COLUMNS, literal(1).label("_found"))
    .where(
        User.id == bindparam("id", type_=Integer()),
        or_(MEMBER.c.user_id == User.id, MEMBER.c.platform_role != PlatformRole.MEMBER),
    )
    .correlate(MEMBER)
    .lateral("found")
)
_READ = select(MEMBER.c.user_id.label("_user_id"), _found).select_from(
    MEMBER.outerjoin(_found, true())
)
_LOCK_ADMINS = (
    select(User.id)
    .where(User.platform_role == PlatformRole.ADMIN, User.is_active)
    .order_by(User.id)
    .with_for_update()
)
_LOCK = (
    select(
        User.id,
        User.is_active,
        User.platform_role,
        User.erased_at.is_not(None).label("is_erased"),
        WorkspaceMember.workspace_id.label("home_id"),
    )
    .outerjoin(
        WorkspaceMember,
        (WorkspaceMember.user_id == User.id) & WorkspaceMember.is_home,
    )
    .where(User.id == bindparam("id"))
    .with_for_update(of=User)
)
_CHANGE = (
    update(User)
    .where(User.id == bindparam("id_"))
    .values(is_active=bindparam("active"), platform_role=bindparam("role"))
)


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """An account that nobody else changes until the transaction ends."""

    id: int
    is_active: bool
    platform_role: PlatformRole
    is_erased: bool
    home_id: UUID | None
    """The workspace that they signed up with."""


class UserAdministrationRepository:
    """The accounts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(
        self, caller: Caller, page: PageQuery, *, email: str | None
    ) -> Listing[UserAccountRead]:
        """Return the accounts, newest first; for staff.

        Raises:
            UnauthorizedError: the session has ended.
            ForbiddenError: an ordinary user asks.
        """
        rows = await read_as_staff(
            self._connection,
            caller,
            _LIST,
            email=email,
            limit=page.per_page,
            offset=(page.page - 1) * page.per_page,
        )
        items = [UserAccountRead.model_validate(dict(r)) for r in rows if r["_found"]]
        return page.listing(items, rows[0]["_total"])

    async def get(self, caller: Caller, user_id: int) -> UserAccountRead:
        """Return an account, for its owner or staff.

        Raises:
            UnauthorizedError: the session has ended.
            UserNotFoundError: there is none, or it is not the caller's affair.
        """
        row = await self._connection.one(_READ, id=user_id, **binds_of(caller))
        if row is None:
            raise UnauthorizedError
        if not row["_found"]:
            raise UserNotFoundError
        return UserAccountRead.model_validate(dict(row))

    async def lock_admins(self) -> set[int]:
        """Return the active administrators, who stay that until the transaction ends.

        Whoever closes an account or takes a role away comes by here first, so that two
        do not take each other's.
        """
        return {row["id"] for row in await self._connection.all(_LOCK_ADMINS)}

    async def lock(self, user_id: int) -> HeldAccount | None:
        """Return an account, held until the transaction ends."""
        row = await self._connection.one(_LOCK, id=user_id)
        return HeldAccount(**row) if row else None

    async def change(
        self, user_id: int, *, is_active: bool, platform_role: PlatformRole
    ) -> None:
        """Write whether an account is open, and its role on the platform."""
        await self._connection.run(
            _CHANGE, id_=user_id, active=is_active, role=platform_role
        )
