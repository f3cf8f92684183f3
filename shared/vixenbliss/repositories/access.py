"""Who may: membership as a part of the question, not a question of its own.

A read joins its rows to ``MEMBER``, so that one round trip both proves that the session
or the API key lives and that the caller belongs to the workspace, and brings the rows.
A repository cannot forget the check: without ``MEMBER`` its statement has no workspace
to select from.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    LargeBinary,
    RowMapping,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
    update,
)

from vixenbliss.callers import NO_SESSION, NOBODY, Caller, Member, Role
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ForbiddenError,
    UnauthorizedError,
    WorkspaceNotFoundError,
)
from vixenbliss.models.api_keys import ApiKey
from vixenbliss.models.sessions import UserSession
from vixenbliss.models.users import PlatformRole, User
from vixenbliss.models.workspaces import WorkspaceMember

STAYS_SEEN = timedelta(hours=1)
"""How exactly it is known when a key was last used."""

_workspace = bindparam("_workspace_id", type_=Uuid(), value=None)

_is_unseen = func.coalesce(ApiKey.last_used_at <= func.now() - STAYS_SEEN, true())

_by_session = select(
    UserSession.user_id.label("user_id"),
    _workspace.label("workspace_id"),
    null().cast(Uuid()).label("api_key_id"),
    true().label("has_scope"),
    false().label("is_unseen"),
    false().label("is_elsewhere"),
).where(
    UserSession.id == bindparam("_session_id", type_=Uuid()),
    UserSession.user_id == bindparam("_user_id"),
    UserSession.revoked_at.is_(None),
    UserSession.expires_at > func.now(),
)
_by_key = select(
    ApiKey.created_by,
    ApiKey.workspace_id,
    ApiKey.id,
    bindparam("_scope", type_=Text(), value=None) == any_(ApiKey.scopes),
    _is_unseen,
    func.coalesce(ApiKey.workspace_id != _workspace, false()),
).where(
    ApiKey.key_hash == bindparam("_key_hash", type_=LargeBinary(), value=None),
    ApiKey.revoked_at.is_(None),
    or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()),
)
# What is not shown is null, and looking for null costs nothing.
_shown = union_all(_by_session, _by_key).subquery("shown")
_is_key = _shown.c.api_key_id.is_not(None)

_as_staff = and_(
    bindparam("_or_staff", type_=Boolean()),
    User.platform_role != PlatformRole.MEMBER,
    ~_is_key,
)

MEMBER = (
    select(
        User.id.label("user_id"),
        case((_is_key, PlatformRole.MEMBER), else_=User.platform_role).label(
            "platform_role"
        ),
        case(
            (_shown.c.is_elsewhere, null()),
            else_=func.coalesce(
                WorkspaceMember.workspace_id,
                case((_as_staff, _shown.c.workspace_id)),
            ),
        ).label("workspace_id"),
        case(
            (_as_staff, Role.OWNER),
            (_is_key, Role.EDITOR),
            else_=WorkspaceMember.role,
        ).label("role"),
        _shown.c.api_key_id,
        _shown.c.has_scope,
        _shown.c.is_unseen,
    )
    .select_from(_shown)
    .join(User, User.id == _shown.c.user_id)
    .outerjoin(
        WorkspaceMember,
        and_(
            WorkspaceMember.user_id == User.id,
            or_(
                WorkspaceMember.workspace_id == _shown.c.workspace_id,
                and_(_shown.c.workspace_id.is_(None), WorkspaceMember.is_home),
            ),
        ),
    )
    .where(User.is_active, or_(~_is_key, WorkspaceMember.role == Role.OWNER))
    .cte("member")
)
"""One row for a live session or key, whose workspace is null for a stranger to it.

A key works as an editor in its one workspace, as long as whoever made it is active and
owns that; never as staff.
"""

WHO = (
    MEMBER.c.workspace_id.label("_workspace_id"),
    MEMBER.c.role.label("_role"),
    MEMBER.c.api_key_id.label("_api_key_id"),
    MEMBER.c.has_scope.label("_has_scope"),
    MEMBER.c.is_unseen.label("_is_unseen"),
)
"""What a row says of the member whom it is shown to, for ``confirmed``."""

_ME = select(*WHO, MEMBER.c.user_id, MEMBER.c.platform_role)
_USED = (
    update(ApiKey)
    .where(
        ApiKey.id
        == select(ApiKey.id)
        .where(ApiKey.id == bindparam("key_id"), _is_unseen)
        .with_for_update(key_share=True, skip_locked=True)
        .scalar_subquery()
    )
    .values(last_used_at=func.now())
)
_VISITOR = Caller(user_id=NOBODY, session_id=NO_SESSION)
"""Whoever shows no token; no session is theirs."""


def seen_by_member(rows: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Return the statement that shows these rows to the member who asks.

    ``rows`` selects from tables that are held to ``MEMBER.c.workspace_id``; one row of
    the answer stands for the member even where nothing is found.
    """
    found = rows.add_columns(literal(1).label("_found")).lateral("found")
    return select(*WHO, found).select_from(MEMBER.outerjoin(found, true()))


def seen_by_visitor(rows: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Return the statement that shows these rows to whoever asks, known or not.

    One row of the answer stands for the visitor even where nothing is found.
    """
    found = rows.add_columns(literal(1).label("_found")).lateral("found")
    anybody = select(literal(1).label("one")).subquery("anybody")
    return select(MEMBER.c.user_id.label("_user_id"), found).select_from(
        anybody.outerjoin(MEMBER, true()).outerjoin(found, true())
    )


async def read_as_visitor(
    connection: Connection,
    caller: Caller | None,
    statement: Select[*tuple[Any, ...]],
    **binds: object,
) -> Sequence[RowMapping]:
    """Return the rows of a ``seen_by_visitor`` statement that were found.

    Raises:
        UnauthorizedError: a token was shown, and its session has ended.
    """
    rows = await connection.all(statement, **binds, **binds_of(caller or _VISITOR))
    if caller and rows[0]["_user_id"] is None:
        raise UnauthorizedError
    return [row for row in rows if row["_found"]]


def works_in(workspace_id: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of either table
    """Return whether whoever asks is a member of a workspace of the statement."""
    return (
        select(WorkspaceMember.user_id)
        .where(
            WorkspaceMember.workspace_id == workspace_id,
            WorkspaceMember.user_id == MEMBER.c.user_id,
            # A key works in one of its maker's workspaces, and in no other.
            or_(
                MEMBER.c.api_key_id.is_(None),
                WorkspaceMember.workspace_id == MEMBER.c.workspace_id,
            ),
        )
        .correlate_except(WorkspaceMember)
        .exists()
    )


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
        UnauthorizedError: the session, or the key, has ended.
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
        UnauthorizedError: the session, or the key, has ended.
        WorkspaceNotFoundError: the caller is no member of the workspace.
        ForbiddenError: the caller's role, or the key's scopes, do not suffice.
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
        UnauthorizedError: the session, or the key, has ended.
        WorkspaceNotFoundError: the caller is no member of the workspace.
        ForbiddenError: the caller's role, or the key's scopes, do not suffice.
    """
    rows = await connection.all(statement, **binds, **binds_of(caller))
    if not rows:
        raise UnauthorizedError
    _confirm(caller, rows[0])
    await note_use(connection, rows[0])
    return rows


async def member(connection: Connection, caller: Caller) -> Member:
    """Return the caller as a member, confirmed by the database.

    The first statement of every transaction that a member's request opens.

    Raises:
        UnauthorizedError: the session, or the key, has ended.
        WorkspaceNotFoundError: the caller is no member of the workspace.
        ForbiddenError: the caller's role, or the key's scopes, do not suffice.
    """
    row = await connection.one(_ME, **binds_of(caller))
    if row is None:
        raise UnauthorizedError
    role = _confirm(caller, row)
    await note_use(connection, row)
    return Member(row["user_id"], row["_workspace_id"], role, row["_api_key_id"])


async def user(connection: Connection, caller: Caller) -> int:
    """Return the id of the signed-in user, whatever workspace they ask about.

    Raises:
        UnauthorizedError: the session, or the key, has ended.
    """
    row = await connection.one(_ME, **binds_of(caller))
    if row is None:
        raise UnauthorizedError
    return int(row["user_id"])


async def admin(connection: Connection, caller: Caller) -> int:
    """Return the id of the platform's administrator or supporter who asks.

    Raises:
        UnauthorizedError: the session, or the key, has ended.
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


def _confirm(caller: Caller, row: RowMapping) -> Role:
    workspace_id, role = row["_workspace_id"], row["_role"]
    if workspace_id is None or role is None:
        raise WorkspaceNotFoundError
    require_scope(caller, row)
    if not caller.key and role not in caller.roles:
        wanted = " or ".join(sorted(caller.roles))
        message = f"This needs the role {wanted}."
        raise ForbiddenError(message)
    return Role(role)


def require_scope(caller: Caller, row: RowMapping) -> None:
    """Refuse a key that is not for this; a key has scopes where people have roles.

    Raises:
        ForbiddenError: the key's scopes do not suffice.
    """
    if caller.key and not row["_has_scope"]:
        message = f"This needs an API key with the scope {caller.key.scope}."
        raise ForbiddenError(message)


async def note_use(connection: Connection, row: RowMapping) -> None:
    """Note that a key was used, unless that is known for this hour.

    A statement of its own, once an hour; of many at once one writes, and nobody waits.
    """
    if row["_is_unseen"]:
        await connection.run(_USED, key_id=row["_api_key_id"])


def binds_of(caller: Caller | None) -> Mapping[str, object]:
    """Return what ``MEMBER`` is bound to, for a statement that joins it by hand.

    For nobody it is bound to nothing, and has no row.
    """
    if caller is None:
        return dict.fromkeys(("_user_id", "_session_id", "_or_staff"))
    return {
        "_user_id": caller.user_id,
        "_session_id": caller.session_id,
        "_workspace_id": caller.workspace_id,
        "_or_staff": caller.or_staff,
        "_key_hash": caller.key and caller.key.hash,
        "_scope": caller.key and caller.key.scope,
    }
