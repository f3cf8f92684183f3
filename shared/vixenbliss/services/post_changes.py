"""Posts that are planned anew: changed before they set out, or tried once more."""

from typing import Any
from uuid import UUID

from vixenbliss.callers import Caller, Member
from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.errors import InvalidStateError, PreconditionFailedError
from vixenbliss.jobs.messages import publish
from vixenbliss.models.posts import PostStatus
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.posts import LockedPost, PostRepository
from vixenbliss.schemas.posts import (
    PostRead,
    PostSettings,
    PostTarget,
    PostUpdate,
    When,
)
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.planning import Plan, Planner, refuse
from vixenbliss.services.post_facts import Told

_CHANGEABLE = (PostStatus.DRAFT, PostStatus.SCHEDULED)
_UNTRIED: dict[str, Any] = dict.fromkeys(
    (
        "publish_intent_at",
        "platform_post_id",
        "permalink",
        "label_read_back",
        "published_at",
        "error_class",
        "error_code",
        "error_message",
    )
) | {"attempts": 0}
"""What a post is that sets out anew. Its handle stays, to be looked at first."""


class PostChanges:
    """Changes posts in an open transaction."""

    def __init__(self, connection: Connection, member: Member, told: Told) -> None:
        self._connection = connection
        self._posts = PostRepository(connection)
        self._planner = Planner(connection, member, told)
        self._member = member

    async def change(
        self, post_id: UUID, wanted: PostUpdate, *, version: int
    ) -> PostRead:
        """Change a post that has not set out, and is as its editor saw it.

        Its row is taken last, as by whoever has planned with its account or piece; so
        it is looked at twice. One that is given no time keeps its own, and a draft
        stays one.
        """
        found = await self._posts.find(self._member, post_id)
        _require_as_seen(found, version)
        when = wanted.scheduled_at or max(found.due_at, now())  # it may be held back
        plan = await self._planned(found, wanted.settings, when)
        post = await self._posts.lock(self._member, post_id)
        _require_as_seen(post, version)
        refuse([plan])
        changes = plan.snapshot
        if wanted.scheduled_at:
            changes |= plan.setting_out(when)
            changes["scheduled_at"] = plan.candidate.scheduled_at
        await self._posts.set(post_id, **changes)
        if when == "now":
            await self._send(post, "now")
        await AuditRepository(self._connection).add(
            self._member, "post.changed", ("post", post_id)
        )
        return (await self._posts.read([post_id]))[0]

    async def again(self, post_id: UUID) -> PostRead:
        """Let a post that has failed set out once more, from the beginning."""
        found = await self._posts.find(self._member, post_id)
        _require_failed(found)
        plan = await self._planned(found, None, "now")
        post = await self._posts.lock(self._member, post_id)
        _require_failed(post)
        refuse([plan])
        await self._posts.set(
            post_id, **plan.snapshot, **plan.setting_out("now"), **_UNTRIED
        )
        await self._send(post, "retry")
        await AuditRepository(self._connection).add(
            self._member, "post.retried", ("post", post_id)
        )
        return (await self._posts.read([post_id]))[0]

    async def _planned(
        self, post: LockedPost, settings: PostSettings | None, when: When
    ) -> Plan:
        target = PostTarget(
            account_id=post.account_id,
            format=post.format,
            settings=settings or PostSettings.model_validate(post.settings),
        )
        (plan,) = await self._planner.hold(
            post.piece_id, [target], when, besides=post.id
        )
        return plan.meant if post.allow_duplicate else plan

    async def _send(self, post: LockedPost, why: str) -> None:
        """Let a worker take a post that has just moved on by one version."""
        message = publish(post.id, f"{why}-{post.version + 1}")
        await Outbox(self._connection).send(message)


async def retry(connection: Connection, caller: Caller, post_id: UUID) -> PostRead:
    """Try a failed post once more, from the beginning, at once.

    A failed post is certainly not there; of one that is unconfirmed nobody knows.

    Raises:
        PostNotFoundError: the workspace has none of that id.
        InvalidStateError: it has not failed, or was wanted back.
        PostRefusedError: a rule is not kept; or what else ``create`` raises.
    """
    member = await access.member(connection, caller)
    return await PostChanges(connection, member, {}).again(post_id)


def _require_as_seen(post: LockedPost, version: int) -> None:
    if post.status not in _CHANGEABLE:
        message = f"A post that is {post.status} does not change any more."
        raise InvalidStateError(message)
    if post.version != version:
        raise PreconditionFailedError(post.version)


def _require_failed(post: LockedPost) -> None:
    if post.status is not PostStatus.FAILED:
        message = f"A post that is {post.status} is not tried again."
        raise InvalidStateError(message)
    if post.recall_asked_at:
        message = "A post that was wanted back is not tried again."
        raise InvalidStateError(message)
