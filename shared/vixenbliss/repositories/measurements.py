"""Every statement by which posts' numbers are asked for and kept; global.

A claim is a lease on the account's row, by the database's clock; every write names it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Date,
    DateTime,
    Integer,
    Interval,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from vixenbliss.database import Connection
from vixenbliss.errors import LeaseLostError
from vixenbliss.ids import new_id
from vixenbliss.models.analytics import Measurement, PostMetric, PostReading
from vixenbliss.models.posts import Post, PostFormat, PostStatus
from vixenbliss.models.social_accounts import Platform, SocialAccount
from vixenbliss.repositories.terms import among, before_now, from_now

PATIENCE = timedelta(minutes=3)
"""How long an account may be silent before the sweep looks for it."""
SWEEP_MARGIN = timedelta(seconds=15)
_COUNTED = ("views", "likes", "comments", "shares")

_first = bindparam("first", type_=Interval())
_is_there = (
    Post.status == PostStatus.PUBLISHED,
    Post.platform_post_id.is_not(None),
    Post.published_at > before_now("read_for"),
)
_is_due = PostReading.due_at <= func.now()
_ADOPT = (
    insert(PostReading)
    .from_select(
        ["post_id", "account_id", "due_at"],
        select(Post.id, Post.account_id, Post.published_at + _first).where(
            *_is_there,
            ~select(PostReading.post_id).where(PostReading.post_id == Post.id).exists(),
        ),
    )
    .on_conflict_do_nothing()
)
_is_on_its_way = (
    select(Measurement.account_id)
    .where(
        Measurement.account_id == PostReading.account_id,
        Measurement.check_at.is_not(None),
    )
    .exists()
)
_QUEUE_DUE = (
    insert(Measurement)
    .from_select(
        ["account_id", "check_at"],
        select(PostReading.account_id, func.now() + PATIENCE)
        .join(SocialAccount, SocialAccount.id == PostReading.account_id)
        .where(
            _is_due,
            ~_is_on_its_way,
            or_(
                SocialAccount.rate_limited_until.is_(None),
                SocialAccount.rate_limited_until <= func.now(),
            ),
        )
        .group_by(PostReading.account_id)
        .order_by(func.min(PostReading.due_at), PostReading.account_id)
        .limit(bindparam("limit", type_=Integer())),
    )
    .on_conflict_do_update(
        index_elements=["account_id"],
        set_={"check_at": func.now() + PATIENCE, "attempts": 0},
        where=Measurement.check_at.is_(None),
    )
    .returning(Measurement.account_id, Measurement.check_at)
)
_CLAIM = (
    update(Measurement)
    .where(
        Measurement.account_id == bindparam("id"),
        SocialAccount.id == Measurement.account_id,
        Measurement.check_at.is_not(None),
        or_(Measurement.lease_until.is_(None), Measurement.lease_until < func.now()),
    )
    .values(
        lease_token=bindparam("token"),
        lease_until=from_now("lease"),
        check_at=from_now("lease") + SWEEP_MARGIN,
    )
    .returning(
        Measurement.account_id,
        Measurement.attempts,
        Measurement.lease_token,
        SocialAccount.workspace_id,
        SocialAccount.platform,
        SocialAccount.scopes,
    )
)
_KNOWN = select(Measurement.account_id).where(among(Measurement.account_id, "ids"))
_FORGET_GONE = (
    update(PostReading)
    .where(
        PostReading.account_id == bindparam("id"),
        _is_due,
        ~select(Post.id).where(Post.id == PostReading.post_id, *_is_there).exists(),
    )
    .values(due_at=None)
)
_DUE = (
    select(Post.id, Post.platform_post_id, Post.format, Post.published_at)
    .join(PostReading, PostReading.post_id == Post.id)
    .where(PostReading.account_id == bindparam("id"), _is_due, *_is_there)
    .order_by(PostReading.due_at, Post.id)
    .limit(bindparam("limit", type_=Integer()))
)
_is_ours = (
    Measurement.account_id == bindparam("id_"),
    Measurement.lease_token == bindparam("token"),
)
_HOLD = select(Measurement.account_id).where(*_is_ours).with_for_update()
_next = (
    func.unnest(
        bindparam("post_ids", type_=ARRAY(Uuid())),
        bindparam("dues", type_=ARRAY(DateTime(timezone=True))),
    )
    .table_valued(
        column("post_id", Uuid()),
        column("due_at", DateTime(timezone=True)),
        name="next",
    )
    .render_derived()
)
_PUT_NEXT = (
    update(PostReading)
    .where(PostReading.post_id == _next.c.post_id)
    .values(due_at=_next.c.due_at)
)
_LET_GO = (
    update(Measurement)
    .where(*_is_ours)
    .values(
        lease_token=None,
        lease_until=None,
        check_at=from_now("check_in"),
        attempts=bindparam("attempts"),
    )
)
_DONE = (
    update(Measurement)
    .where(*_is_ours)
    .values(
        lease_token=None,
        lease_until=None,
        check_at=None,
        attempts=0,
        gap_code=bindparam("gap_code"),
        measured_at=func.now(),
    )
)
_today = cast(func.timezone("UTC", func.now()), Date())


@dataclass(frozen=True, slots=True)
class ClaimedAccount:
    """An account whose numbers are ours to read until the lease ends."""

    account_id: UUID
    attempts: int
    lease_token: UUID
    workspace_id: UUID
    platform: Platform
    scopes: Sequence[str]


@dataclass(frozen=True, slots=True)
class DuePost:
    """A post whose numbers are to be read."""

    id: UUID
    platform_post_id: str
    format: PostFormat
    published_at: datetime


class MeasurementRepository:
    """Accounts whose posts' numbers are read, and the numbers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def adopt(self, *, first: timedelta, read_for: timedelta) -> int:
        """Have new posts read, so long after they appeared; return how many."""
        return await self._connection.run(_ADOPT, first=first, read_for=read_for)

    async def queue_due(self, *, limit: int) -> list[tuple[UUID, datetime]]:
        """Take accounts that have posts to be read and that nobody is at.

        The longest due first; with each, when it is looked at if it stays silent.
        """
        rows = await self._connection.all(_QUEUE_DUE, limit=limit)
        return [(row["account_id"], row["check_at"]) for row in rows]

    async def known(self, ids: Sequence[UUID]) -> set[UUID]:
        """Return which of these accounts have ever been due."""
        rows = await self._connection.all(_KNOWN, ids=list(ids))
        return {row["account_id"] for row in rows}

    async def claim(
        self, account_id: UUID, *, lease: timedelta
    ) -> ClaimedAccount | None:
        """Take an account that is to be read and that nobody is reading."""
        row = await self._connection.one(
            _CLAIM, id=account_id, token=new_id(), lease=lease
        )
        return ClaimedAccount(**row) if row else None

    async def forget_gone(self, account_id: UUID, *, read_for: timedelta) -> None:
        """Read posts no more that are old, or not there."""
        await self._connection.run(_FORGET_GONE, id=account_id, read_for=read_for)

    async def due(
        self, account_id: UUID, *, read_for: timedelta, limit: int
    ) -> list[DuePost]:
        """Return an account's posts that are to be read, the longest due first."""
        rows = await self._connection.all(
            _DUE, id=account_id, read_for=read_for, limit=limit
        )
        return [DuePost(**row) for row in rows]

    async def hold(self, account: ClaimedAccount) -> None:
        """Keep others from a claimed account until the transaction ends.

        Raises:
            LeaseLostError: it is no longer ours.
        """
        row = await self._connection.one(_HOLD, **_ours(account))
        if row is None:
            raise LeaseLostError

    async def keep(self, told: Mapping[UUID, Mapping[str, int | None]]) -> None:
        """Keep what is told of posts as their numbers of today, all four of each."""
        if not told:
            return
        rows = [
            {"post_id": post_id, "day": _today, "measured_at": func.now(), **numbers}
            for post_id, numbers in sorted(told.items())
        ]
        new = insert(PostMetric).values(rows)
        changed = {name: new.excluded[name] for name in (*_COUNTED, "measured_at")}
        await self._connection.run(
            new.on_conflict_do_update(index_elements=["post_id", "day"], set_=changed)
        )

    async def put_next(self, dues: Mapping[UUID, datetime | None]) -> None:
        """Write down when posts are to be read next."""
        await self._connection.run(
            _PUT_NEXT, post_ids=list(dues), dues=list(dues.values())
        )

    async def let_go(
        self, account: ClaimedAccount, *, check_in: timedelta, tries: int = 0
    ) -> None:
        """Have the sweep bring a held account back after a while."""
        await self._connection.run(
            _LET_GO,
            **_ours(account),
            check_in=check_in,
            attempts=account.attempts + tries,
        )

    async def end(self, account: ClaimedAccount, *, gap_code: str | None) -> None:
        """Be done with a held account until posts of it are due again."""
        await self._connection.run(_DONE, **_ours(account), gap_code=gap_code)


def _ours(account: ClaimedAccount) -> dict[str, Any]:
    return {"id_": account.account_id, "token": account.lease_token}
