"""Workspaces, their members and invitations, as the outside sees them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints

from vixenbliss.callers import Role
from vixenbliss.schemas.base import NFC, SLUG, UNSENT, Flag, Input, Output, Reason, line
from vixenbliss.schemas.users import Email

Name = Annotated[str, line(at_least=1, at_most=120), NFC]
Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=60)]


def _known(timezone: str) -> str:
    if timezone not in available_timezones():
        message = "is not a time zone of the IANA database"
        raise ValueError(message)
    return timezone


Timezone = Annotated[str, line(at_most=64), NFC, AfterValidator(_known)]


class WorkspaceCreate(Input):
    """A new workspace, beside the one each user has from sign-up."""

    name: Name
    slug: Slug | None = None


class WorkspaceUpdate(Input):
    """What an owner may change; what is left out stays."""

    name: Name = UNSENT
    timezone: Timezone = UNSENT
    require_second_reviewer: Flag = UNSENT


class WorkspaceRead(Output):
    """A workspace and what the caller is in it."""

    id: UUID
    name: str
    slug: str
    timezone: str
    require_second_reviewer: bool
    publishing_paused_at: datetime | None
    """Since when nothing is published."""
    role: Role
    version: int
    created_at: datetime


class PublishingPause(Input):
    """Why nothing is to be published for now."""

    reason: Reason


class Stopped(Output):
    """How much waits for a pause to end."""

    posts: int
    """Planned, or in the hands of workers that have shown nobody anything."""
    jobs: int = 0
    """What is not published may be made: a pause stops none."""
    replies: int = 0
    """Nothing here replies yet."""


class PublishingPaused(Output):
    """Since when nothing is published, and what waits."""

    paused_at: datetime
    stopped: Stopped


class MemberRead(Output):
    """A member, for other members."""

    user_id: int
    email: str
    role: Role
    created_at: datetime


class MemberInvite(Input):
    """A seat for an address."""

    email: Email
    role: Role


class MemberUpdate(Input):
    """Another role for a member."""

    role: Role


class InvitationRead(Output):
    """An invitation, with its token this once: pass it on to the person invited."""

    id: UUID
    email: str
    role: Role
    expires_at: datetime
    token: str


class InvitationAccept(Input):
    """The invited person takes the seat."""

    token: Annotated[str, Field(min_length=1, max_length=200)]


class MembershipRead(Output):
    """What the caller has become."""

    workspace_id: UUID
    role: Role
