"""Where somebody is signed in, as they see it."""

from uuid import UUID

from vixenbliss.schemas.base import Output, WholeSeconds


class SessionRead(Output):
    """A sign-in that has not ended."""

    id: UUID
    is_current: bool
    """Whether it is the one that asks."""
    user_agent: str | None
    ip: str | None
    created_at: WholeSeconds
    last_used_at: WholeSeconds
    """When its tokens were last renewed; an access token lasts a quarter of an hour."""
    expires_at: WholeSeconds


class SessionList(Output):
    """Where somebody is signed in."""

    items: list[SessionRead]


class SessionsRevoked(Output):
    """How many sessions were ended."""

    revoked: int
