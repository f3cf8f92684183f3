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
EDITORS = (Role.OWNER, Role.EDITOR)
"""Who may change what is made."""


class Scope(StrEnum):
    """What an API key opens: what a team's programs read, or change."""

    AVATARS_READ = "avatars:read"
    AVATARS_WRITE = "avatars:write"
    CONTENT_READ = "content:read"
    CONTENT_WRITE = "content:write"
    ASSETS_READ = "assets:read"
    ASSETS_WRITE = "assets:write"
    PIECES_READ = "pieces:read"
    PIECES_WRITE = "pieces:write"
    POSTS_READ = "posts:read"
    POSTS_WRITE = "posts:write"
    INBOX_READ = "inbox:read"
    ANALYTICS_READ = "analytics:read"
    ITEMS_READ = "items:read"
    ITEMS_WRITE = "items:write"


@dataclass(frozen=True, slots=True)
class ShownKey:
    """An API key as somebody showed it, and what the route wants of it."""

    prefix: str
    """How it begins; as long as its hash is not found, anybody may have written it."""
    hash: bytes
    scope: Scope


NOBODY = 0
"""Where a user's id stands, as long as only the database knows whose key it is."""
NO_SESSION = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Caller:
    """What a verified token, or a key, and a header claim; what the route wants.

    Whether the session or the key still lives and its user is a member of the workspace
    is decided by the very statement that reads or writes; see ``repositories.access``.
    """

    user_id: int
    session_id: UUID
    workspace_id: UUID | None = None
    """None means the caller's own workspace, or the key's."""
    roles: frozenset[Role] = ANY_ROLE
    or_staff: bool = False
    """Whether the platform's staff may do this in any workspace, as its owner would."""
    key: ShownKey | None = None

    @classmethod
    def by_key(cls, key: ShownKey, workspace_id: UUID | None) -> "Caller":
        """Return whoever shows a key; its scope is asked for instead of a role."""
        return cls(NOBODY, NO_SESSION, workspace_id, key=key)

    @property
    def principal(self) -> str:
        """Whose requests these are, for idempotency: a key's are not its maker's."""
        if self.key:
            return f"key:{self.key.prefix}"
        return f"{self.user_id}:{self.workspace_id or 'home'}"


@dataclass(frozen=True, slots=True)
class Member:
    """A caller whom the database has confirmed, in the workspace they work in."""

    user_id: int
    workspace_id: UUID
    role: Role
    api_key_id: UUID | None = None
    """The key by which the user's program acts."""
