"""Every statement by which a user is forgotten.

What may stand in the way comes first, then what closes the account at once, then what
takes away who it was. What was paid stays in the books, of somebody without a name.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    Integer,
    String,
    bindparam,
    delete,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import aliased

from vixenbliss.callers import Caller, Role
from vixenbliss.database import Connection
from vixenbliss.errors import UnauthorizedError
from vixenbliss.models.api_keys import ApiKey
from vixenbliss.models.catalogue import Product
from vixenbliss.models.customers import Customer
from vixenbliss.models.ledger import AccountCode, LedgerAccount, LedgerEntry
from vixenbliss.models.posts import Post, PostStatus
from vixenbliss.models.social_accounts import AccountStatus, SocialAccount
from vixenbliss.models.subscriptions import LIVE, Subscription
from vixenbliss.models.users import User
from vixenbliss.models.workspaces import (
    Workspace,
    WorkspaceInvitation,
    WorkspaceMember,
)
from vixenbliss.repositories.access import MEMBER, binds_of
from vixenbliss.repositories.social_accounts import DISCONNECTED

_me = bindparam("me", type_=Integer())
_other, _others = aliased(WorkspaceMember), aliased(User)
_is_shared = (
    select(literal(1))
    .select_from(_other)
    .join(_others, _others.id == _other.user_id)
    .where(
        _other.workspace_id == WorkspaceMember.workspace_id,
        _other.user_id != _me,
        _other.role == Role.OWNER,
        _others.is_active,
    )
    .exists()
)
_alone = (
    select(WorkspaceMember.workspace_id)
    .where(
        WorkspaceMember.user_id == _me,
        WorkspaceMember.role == Role.OWNER,
        ~_is_shared,
    )
    .cte("alone")
)
"""The workspaces that have no other owner who is there."""

_ACCOUNT = select(User.id, User.email, User.hashed_password).join(
    MEMBER, MEMBER.c.user_id == User.id
)
_LOCK_ACCOUNT = (
    select(User.id)
    .where(User.id == _me, User.hashed_password == bindparam("before", type_=String()))
    .with_for_update(key_share=True)
)
_mine = select(WorkspaceMember.workspace_id).where(
    WorkspaceMember.user_id == _me, WorkspaceMember.role == Role.OWNER
)
_LOCK_OWNERS = (
    select(WorkspaceMember.user_id)
    .where(WorkspaceMember.workspace_id.in_(_mine), WorkspaceMember.role == Role.OWNER)
    .order_by(WorkspaceMember.workspace_id, WorkspaceMember.user_id)
    .with_for_update()
)
_sold = (
    select(literal("memberships").label("kind"), Workspace.name)
    .join(_alone, _alone.c.workspace_id == Workspace.id)
    .where(
        select(Subscription.id)
        .where(Subscription.workspace_id == Workspace.id, Subscription.status.in_(LIVE))
        .exists()
    )
)
_unpaid = (
    select(literal("money").label("kind"), Workspace.name)
    .distinct()
    .join(_alone, _alone.c.workspace_id == Workspace.id)
    .join(LedgerAccount, LedgerAccount.workspace_id == Workspace.id)
    .join(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
    .where(
        LedgerAccount.code.in_(
            (AccountCode.STRIPE_CLEARING, AccountCode.PAYOUT_TRANSIT)
        )
    )
    .group_by(Workspace.id, LedgerAccount.currency)
    .having(func.sum(LedgerEntry.amount_micros) != 0)
)
_planned = (
    select(literal("posts").label("kind"), Workspace.name)
    .join(_alone, _alone.c.workspace_id == Workspace.id)
    .where(
        select(Post.id)
        .where(
            Post.workspace_id == Workspace.id,
            Post.status.in_(
                (
                    PostStatus.SCHEDULED,
                    PostStatus.QUEUED,
                    PostStatus.PUBLISHING,
                    PostStatus.PROCESSING,
                )
            ),
        )
        .exists()
    )
)
_own = (
    select(literal("own").label("kind"), Product.name)
    .join(Subscription, Subscription.product_id == Product.id)
    .join(Customer, Customer.id == Subscription.customer_id)
    .where(Customer.user_id == _me, Subscription.status.in_(LIVE))
)
_all = union_all(_sold, _unpaid, _planned, _own).subquery("obstacles")
_OBSTACLES = select(_all).order_by(_all.c.kind, _all.c.name)

_STOP_SELLING = (
    update(Product)
    .where(Product.workspace_id.in_(select(_alone.c.workspace_id)), Product.is_active)
    .values(is_active=False, version=Product.version + 1)
    .returning(Product.id, Product.workspace_id)
)
_DISCONNECT = (
    update(SocialAccount)
    .where(
        SocialAccount.workspace_id.in_(select(_alone.c.workspace_id)),
        SocialAccount.status != AccountStatus.DISCONNECTED,
    )
    .values(DISCONNECTED)
    .returning(SocialAccount.id, SocialAccount.workspace_id)
)
_CLOSE = update(User).where(User.id == _me).values(is_active=False)
_END_KEYS = (
    update(ApiKey)
    .where(ApiKey.created_by == _me, ApiKey.revoked_at.is_(None))
    .values(revoked_at=func.now())
)
_FORGET_INVITED = delete(WorkspaceInvitation).where(
    WorkspaceInvitation.invited_by == _me, WorkspaceInvitation.accepted_at.is_(None)
)
_LEAVE = (
    delete(WorkspaceMember)
    .where(WorkspaceMember.user_id == _me)
    .returning(WorkspaceMember.workspace_id, WorkspaceMember.role)
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a signed-in user has to know to be forgotten."""

    id: int
    email: str
    hashed_password: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What has to be seen to before somebody may go."""

    kind: str
    """Memberships, money or posts of a workspace, or a membership of one's own."""
    name: str


@dataclass(frozen=True, slots=True)
class Seat:
    """Where somebody was a member."""

    workspace_id: UUID
    role: Role


@dataclass(frozen=True, slots=True)
class Abandoned:
    """What was in use where nobody is left to look after it."""

    kind: str
    id: UUID
    workspace_id: UUID


class ErasureRepository:
    """Users who want to be forgotten, until their account is closed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def credentials(self, caller: Caller) -> Credentials:
        """Return what the caller signs in with.

        Raises:
            UnauthorizedError: the session has ended.
        """
        row = await self._connection.one(_ACCOUNT, **binds_of(caller))
        if row is None:
            raise UnauthorizedError
        return Credentials(**row)

    async def lock(self, user: Credentials) -> bool:
        """Keep others from an account and its workspaces' owners; False if it changed.

        Of two owners who go at once, the second one finds themselves to be the last.
        """
        locked = await self._connection.one(
            _LOCK_ACCOUNT, me=user.id, before=user.hashed_password
        )
        await self._connection.all(_LOCK_OWNERS, me=user.id)
        return locked is not None

    async def obstacles(self, user_id: int) -> list[Obstacle]:
        """Return what is in the way, of all workspaces that would have no owner."""
        rows = await self._connection.all(_OBSTACLES, me=user_id)
        return [Obstacle(**row) for row in rows]

    async def leave_alone(self, user_id: int) -> list[Abandoned]:
        """Have nothing done where nobody else is an owner, and return what was stopped.

        Nothing is sold there from now on, and no social account is open to us.
        """
        products = await self._connection.all(_STOP_SELLING, me=user_id)
        accounts = await self._connection.all(_DISCONNECT, me=user_id)
        return [
            *(Abandoned("product", **row) for row in products),
            *(Abandoned("social_account", **row) for row in accounts),
        ]

    async def close(self, user_id: int) -> list[Seat]:
        """Close an account: nobody acts in its name. Returns the seats that it left."""
        for statement in (_CLOSE, _END_KEYS, _FORGET_INVITED):
            await self._connection.run(statement, me=user_id)
        rows = await self._connection.all(_LEAVE, me=user_id)
        return [Seat(row["workspace_id"], Role(row["role"])) for row in rows]
