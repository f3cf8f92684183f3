"""Who may: membership as a part of the question, not a question of its own.

A read joins its rows to ``MEMBER``, so that one round trip both proves that the session
lives and the caller belongs to the workspace, and brings the rows. A repository cannot
forget the check: without ``MEMBER`` its statement has no workspace to select from.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    RowMapping,
    Select,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    true,
)

from vixenbliss.callers import Caller, Member, Role
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ForbiddenError,
    UnauthorizedError,
    WorkspaceNotFoundError,
)
from vixenbliss.models.sessions import UserSession
from vixenbliss.models.users import PlatformRole, User
from vixenbliss.models.workspaces import WorkspaceMember

_workspace = bindparam("_workspace_id", type_=Uuid(), value=None)

_as_staff = and_(
    bindparam("_or_staff", type_=Boolean()), User.platform_role != PlatformRole.MEMBER
)

MEMBER = (
    select(
        User.id.label("user_id"),
        User.platform_role,
        func.coalesce(
            WorkspaceMember.workspace_id, case((_as_staff, _workspace))
        ).label("workspace_id"),
        case((_as_staff, Role.OWNER), else_=WorkspaceMember.role).label("role"),
    )
    .select_from(UserSession)
    .join(User, User.id == UserSession.user_id)
    .outerjoin(
        WorkspaceMember,
        and_(
            WorkspaceMember.user_id == User.id,
            or_(
                WorkspaceMember.workspace_id == _workspace,
                and_(_workspace.is_(None), WorkspaceMember.is_home),
            ),
        ),
    )
    .where(
        UserSession.id == bindparam("_session_id", type_=Uuid()),
        UserSession.user_id == bindparam("_user_id"),
        UserSession.revoked_at.is_(None),
        UserSession.expires_at > func.now(),
        User.is_active,
    )
    .cte("member")
)
"""One row for a live session, whose workspace is null for a stranger to it."""

_ME = select(MEMBER)


def seen_by_member(rows: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Return the statement that shows these rows to the member who asks.

    ``rows`` selects from tables that are held to ``MEMBER.c.workspace_id``; one row of
    the answer stands for the member even where nothing is found.
    """
    found = rows.add_columns(literal(1).label("_found")).lateral("found")
    return select(
        MEMBER.c.workspace_id.label("_workspace_id"),
        MEMBER.c.role.label("_role"),
        MEMBER.c.user_id.label("_user_id"),
        found,
    ).select_from(MEMBER.outerjoin(found, true()))


def seen_by_staff(rows: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Return the statement that shows these rows to the platform's staff who ask.

    One row of the answer stands for whoever asks even where nothing is found.
    """
    found = rows.add_columns(literal(1).label("_found")).lateral("found")
    is_staff = MEMBER.c.platform_role != PlatformRole.MEMBER
    return select(MEMBER.c.platform_role.label("_platform_role"), found).select_from(
        MEMBER.outerjoin(found, is_staff)
    )


async def read_as_staff(
    connection: Connection,
    caller: Caller,
    statement: Select[*tuple[Any, ...]],
    **binds: object,
) -> Sequence[RowMapping]:
    """Return a ``seen_by_staff`` statement's rows as they are: at least one.

    Raises:
        UnauthorizedError: the session has ended.
        ForbiddenError: an ordinary user asks.
    """
    rows = await connection.all(statement, **binds, **binds_of(caller))
    if not rows:
        raise UnauthorizedError
    _confirm_staff(rows[0]["_platform_role"])
    return rows


async def read(
    connection: Connection,
    caller: Caller,
    statement: Select[*tuple[Any, ...]],
    **binds: object,
) -> Sequence[RowMapping]:
    """Return the rows that a member sees.

    Raises:
        UnauthorizedError: the session has ended.
        WorkspaceNotFoundError: the caller is no member of the workspace.
        ForbiddenError: the caller's role does not suffice.
    """
    rows = await confirmed(connection, caller, statement, **binds)
    return [row for row in rows if row["_found"]]


async def confirmed(
    connection: Connection,
    caller: Caller,
    statement: Select[*tuple[Any, ...]],
    **binds: object,
) -> Sequence[RowMapping]:
    """Return the statement's rows as they are: at least one, of a confirmed member.

    Raises:
        UnauthorizedError: the session has ended.
        WorkspaceNotFoundError: the caller is no member of the workspace.
        ForbiddenError: the caller's role does not suffice.
    """
    rows = await connection.all(statement, **binds, **binds_of(caller))
    if not rows:
        raise UnauthorizedError
    _confirm(caller, rows[0]["_workspace_id"], rows[0]["_role"])
    return rows


async def member(connection: Connection, caller: Caller) -> Member:
    """Return the caller as a member, confirmed by the database.

    The first statement of every transaction that a member's request opens.

    Raises:
        UnauthorizedError: the session has ended.
        WorkspaceNotFoundError: the caller is no member of the workspace.
        ForbiddenError: the caller's role does not suffice.
    """
    row = await connection.one(_ME, **binds_of(caller))
    if row is None:
        raise UnauthorizedError
    role = _confirm(caller, row["workspace_id"], row["role"])
    return Member(row["user_id"], row["workspace_id"], role)


async def user(connection: Connection, caller: Caller) -> int:
    """Return the id of the signed-in user, whatever workspace they ask about.

    Raises:
        UnauthorizedError: the session has ended.
    """
    row = await connection.one(_ME, **binds_of(caller))
    if row is None:
        raise UnauthorizedError
    return int(row["user_id"])


async def admin(connection: Connection, caller: Caller) -> int:
    """Return the id of the platform's administrator or supporter who asks.

    Raises:
        UnauthorizedError: the session has ended.
        ForbiddenError: an ordinary user asks.
    """
    row = await connection.one(_ME, **binds_of(caller))
    if row is None:
        raise UnauthorizedError
    _confirm_staff(row["platform_role"])
    return int(row["user_id"])


def _confirm_staff(platform_role: str) -> None:
    if platform_role == PlatformRole.MEMBER:
        message = "Only the platform's own staff may do this."
        raise ForbiddenError(message)


def _confirm(caller: Caller, workspace_id: object, role: str | None) -> Role:
    if workspace_id is None or role is None:
        raise WorkspaceNotFoundError
    if role not in caller.roles:
        wanted = " or ".join(sorted(caller.roles))
        message = f"This needs the role {wanted}."
        raise ForbiddenError(message)
    return Role(role)


def binds_of(caller: Caller) -> Mapping[str, object]:
    """Return what ``MEMBER`` is bound to, for a statement that joins it by hand."""
    return {
        "_user_id": caller.user_id,
        "_session_id": caller.session_id,
        "_workspace_id": caller.workspace_id,
        "_or_staff": caller.or_staff,
    }
