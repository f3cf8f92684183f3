"""Every table, for whoever needs the whole schema: migrations and their tests.

Functions import the tables they use; only here all of them meet.
"""

from vixenbliss.models import (
    assets,
    audit,
    avatars,
    content_jobs,
    dead_letters,
    idempotency,
    inbox,
    outbox,
    pieces,
    policy,
    posts,
    sessions,
    social_accounts,
    todos,
    users,
    webhook_events,
    workspaces,
)
from vixenbliss.models.base import Base

MODULES = (
    users,
    sessions,
    workspaces,
    audit,
    outbox,
    dead_letters,
    webhook_events,
    idempotency,
    avatars,
    policy,
    assets,
    content_jobs,
    pieces,
    social_accounts,
    posts,
    todos,
    inbox,
)
metadata = Base.metadata
