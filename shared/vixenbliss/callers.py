"""Who is asking, before the database has been asked whether it is true."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a member may do in a workspace."""

    OWNER = "owner"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    ANALYST = "analyst"


ANY_ROLE = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Caller:
    """What a verified token and a header claim, and which roles the route wants.

    Whether the session still lives and the user is a member of the workspace is
    decided by the very statement that reads or writes; see ``repositories.access``.
    """

    user_id: int
    session_id: UUID
    workspace_id: UUID | None = None
    """None means the caller's own workspace."""
    roles: frozenset[Role] = ANY_ROLE
    or_staff: bool = False
    """Whether the platform's staff may do this in any workspace, as its owner would."""


@dataclass(frozen=True, slots=True)
class Member:
    """A caller whom the database has confirmed, in the workspace they work in."""

    user_id: int
    workspace_id: UUID
    role: Role
