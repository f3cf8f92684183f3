"""Every statement by which somebody looks at an object of Stripe's.

A claim is a lease with a fence, both by the database's clock. Whoever holds the lease
looks; what was seen is written only under the fence that was given with it, so that
snapshots are written in the order in which they were taken. Global: Stripe knows no
workspace.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    DateTime,
    Text,
    bindparam,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from vixenbliss.database import Connection
from vixenbliss.errors import LeaseLostError
from vixenbliss.models.stripe_objects import StripeObject
from vixenbliss.repositories.terms import from_now

_wanted = func.unnest(bindparam("object_ids", type_=ARRAY(Text()))).column_valued(
    "wanted"
)
# In the order of their names, so that two who claim the same objects wait, not fight.
_named = insert(StripeObject).from_select(
    ["object_id", "fence", "lease_until"],
    select(_wanted, literal(1), from_now("lease")).order_by(_wanted),
)
_CLAIM = _named.on_conflict_do_update(
    index_elements=["object_id"],
    set_={
        "fence": StripeObject.fence + 1,
        "lease_until": _named.excluded.lease_until,
        "updated_at": func.now(),
    },
    where=or_(
        StripeObject.lease_until.is_(None), StripeObject.lease_until < func.now()
    ),
).returning(StripeObject.object_id, StripeObject.fence)
_under_its_fence = (
    StripeObject.object_id == bindparam("object_id_"),
    StripeObject.fence == bindparam("fence_"),
)
_HOLD = select(StripeObject.object_id).where(*_under_its_fence).with_for_update()
_told = bindparam("told_at_", type_=DateTime(timezone=True))
_RELEASE = (
    update(StripeObject)
    .where(*_under_its_fence)
    .values(
        lease_until=None,
        told_at=func.greatest(StripeObject.told_at, _told),
    )
)
_PAUSE = (
    update(StripeObject).where(*_under_its_fence).values(lease_until=from_now("pause"))
)
_DOUBT = (
    update(StripeObject)
    .where(StripeObject.object_id == bindparam("object_id_"))
    .values(told_at=None)
)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to look at an object, and to write what was seen."""

    object_id: str
    fence: int


class StripeObjectRepository:
    """Who is just looking at which of Stripe's objects."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def claim(
        self, object_ids: Sequence[str], *, lease: timedelta
    ) -> list[Claim]:
        """Return the objects that nobody is looking at; they are the caller's now.

        Waits for whoever is just writing one of them.
        """
        if not object_ids:
            return []
        rows = await self._connection.all(
            _CLAIM, object_ids=list(object_ids), lease=lease
        )
        return [Claim(**row) for row in rows]

    async def hold(self, claim: Claim) -> None:
        """Keep others from the object until the transaction ends; its first lock.

        Raises:
            LeaseLostError: somebody else has taken the object since.
        """
        row = await self._connection.one(
            _HOLD, object_id_=claim.object_id, fence_=claim.fence
        )
        if row is None:
            raise LeaseLostError

    async def release(self, claim: Claim, told_at: datetime | None = None) -> None:
        """Let others look; ``told_at`` is the newest event that the look answers."""
        await self._connection.run(
            _RELEASE,
            object_id_=claim.object_id,
            fence_=claim.fence,
            told_at_=told_at,
        )

    async def pause(self, claim: Claim, pause: timedelta) -> None:
        """Let nobody look for so long."""
        await self._connection.run(
            _PAUSE, object_id_=claim.object_id, fence_=claim.fence, pause=pause
        )

    async def doubt(self, object_id: str) -> None:
        """Have the next event looked at, however old it is."""
        await self._connection.run(_DOUBT, object_id_=object_id)
