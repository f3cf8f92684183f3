"""Posts that are planned, with what the platforms say: looked at, made, changed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import Connection, reading, transaction
from vixenbliss.ids import new_id
from vixenbliss.jobs.messages import publish
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.posts import PostRepository
from vixenbliss.schemas.posts import (
    Check,
    PostCreate,
    PostGroup,
    PostRead,
    PostTarget,
    PostUpdate,
    Preflight,
    PreflightRead,
    When,
)
from vixenbliss.services.idempotency import IdempotencyService
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.planning import Plan, Planner, refuse
from vixenbliss.services.platform_facts import PlatformFacts
from vixenbliss.services.post_changes import PostChanges
from vixenbliss.services.post_facts import Told
from vixenbliss.services.publishing_rules import Level, is_clean


class PostPlanningService:
    """Plans the posts of the workspace that the caller works in.

    It asks platforms, so it opens its transactions itself, after having asked.
    """

    def __init__(self, facts: PlatformFacts) -> None:
        self._facts = facts

    async def preflight(self, caller: Caller, wanted: Preflight) -> PreflightRead:
        """Return all that speaks against a post; nothing is written.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
            SocialAccountNotFoundError: the workspace lacks one of the accounts.
        """
        told = await self._told(caller, wanted.targets)
        async with reading() as connection:
            member = await access.member(connection, caller)
            plans = await Planner(connection, member, told).look(
                wanted.piece_id, wanted.targets, wanted.scheduled_at
            )
        plans = _meant(plans, wanted)
        return PreflightRead(
            ok=all(is_clean(plan.findings) for plan in plans),
            checks=[check for plan in plans for check in _checks(plan)],
        )

    async def create(
        self, caller: Caller, wanted: PostCreate, key: str | None
    ) -> PostGroup:
        """Have a piece posted at every target, or at none.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
            SocialAccountNotFoundError: the workspace lacks one of the accounts.
            NotApprovedError: nobody has approved the content.
            DuplicatePostError: an account has the same content, or will have.
            QuotaExceededError: a platform will not take another post then.
            PostRefusedError: another rule is not kept.
        """
        told = await self._told(caller, wanted.targets)
        async with transaction() as connection:
            return await IdempotencyService(connection).once(
                caller,
                "posts",
                key,
                request=wanted,
                reply=PostGroup,
                act=lambda: _create(connection, caller, wanted, told),
            )

    async def update(
        self, caller: Caller, post_id: UUID, wanted: PostUpdate, *, version: int
    ) -> PostRead:
        """Change a post that has not set out and is as its editor saw it.

        It takes its piece along anew, as that is approved now. Whoever lets posts set
        out holds the row, too: of the two, one is told that it is too late.

        Raises:
            PostNotFoundError: the workspace has none of that id.
            InvalidStateError: it has set out, or ended.
            PreconditionFailedError: it has moved on.
            PostRefusedError: a rule is not kept; or what else ``create`` raises.
        """
        async with reading() as connection:
            seen = await PostRepository(connection).get(caller, post_id)
        told = await self._facts.of(caller, [seen.account_id])
        async with transaction() as connection:
            member = await access.member(connection, caller)
            changes = PostChanges(connection, member, told)
            return await changes.change(post_id, wanted, version=version)

    async def _told(self, caller: Caller, targets: Sequence[PostTarget]) -> Told:
        return await self._facts.of(caller, [target.account_id for target in targets])


async def _create(
    connection: Connection, caller: Caller, wanted: PostCreate, told: Told
) -> PostGroup:
    member = await access.member(connection, caller)
    plans = await Planner(connection, member, told).hold(
        wanted.piece_id, wanted.targets, wanted.scheduled_at
    )
    plans = _meant(plans, wanted)
    refuse(plans)
    group_id = new_id()
    common = {
        "workspace_id": member.workspace_id,
        "group_id": group_id,
        "piece_id": wanted.piece_id,
        "allow_duplicate": wanted.allow_duplicate,
        "created_by": member.user_id,
    }
    rows = [common | _row(plan, wanted.scheduled_at) for plan in plans]
    posts = PostRepository(connection)
    ids = await posts.add(rows)
    if wanted.scheduled_at == "now":
        await Outbox(connection).send(*(publish(post_id, "now-1") for post_id in ids))
    await AuditRepository(connection).add(
        member, "post.created", ("piece", wanted.piece_id), posts=[str(i) for i in ids]
    )
    return PostGroup(group_id=group_id, posts=[*await posts.read(ids)])


def _meant(plans: list[Plan], wanted: Preflight) -> list[Plan]:
    """Return the plans as they are meant: a repetition may be."""
    return [plan.meant for plan in plans] if wanted.allow_duplicate else plans


def _row(plan: Plan, when: When) -> dict[str, Any]:
    return {
        "id": new_id(),
        "account_id": plan.target.account_id,
        "avatar_id": plan.known.avatar_id,
        "format": plan.target.format,
        "scheduled_at": plan.candidate.scheduled_at,
        **plan.snapshot,
        **plan.setting_out(when),
    }


def _checks(plan: Plan) -> list[Check]:
    return [
        Check(
            rule=found.rule,
            level="error" if found.level is Level.ERROR else "warning",
            target=plan.target.account_id,
            message=found.message,
            fix=found.fix,
        )
        for found in plan.findings
    ]
