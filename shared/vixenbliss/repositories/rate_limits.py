"""Every query on how often something was tried. Global: whoever tries may be nobody."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Float, String, bindparam, case, cast, delete, extract, func
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.database import Connection
from vixenbliss.models.rate_limits import RateLimit
from vixenbliss.repositories.terms import from_now

# Lower case is the database's, as where users are found: Python knows other letters,
# and each spelling that finds the same user would be counted for itself.
_who = func.lower(bindparam("who", type_=String()))
_hash = func.encode(func.sha256(func.convert_to(_who, "UTF8")), "hex")
_first = insert(RateLimit).values(
    bucket=func.concat(bindparam("rule", type_=String()), ":", _hash),
    ends_at=from_now("window"),
    hits=1,
)
_is_over = RateLimit.ends_at <= func.now()
_COUNT = _first.on_conflict_do_update(
    index_elements=[RateLimit.bucket],
    set_={
        "hits": case((_is_over, 1), else_=RateLimit.hits + 1),
        "ends_at": case((_is_over, _first.excluded.ends_at), else_=RateLimit.ends_at),
    },
).returning(
    RateLimit.hits,
    cast(extract("epoch", RateLimit.ends_at - func.now()), Float).label("left_s"),
)
_FORGET = delete(RateLimit).where(_is_over)


@dataclass(frozen=True, slots=True)
class Count:
    """How often something was tried in the running window, this time included."""

    hits: int
    left_s: float
    """Until the window ends."""


class RateLimitRepository:
    """Counters, each for a window that begins with its first try."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def count(self, rule: str, who: str, window: timedelta) -> Count:
        """Count a try; of many at once, each counts. Who it was is kept as a hash."""
        row = await self._connection.one(_COUNT, rule=rule, who=who, window=window)
        return Count(**dict(row or {}))

    async def forget_over(self) -> int:
        """Delete the counters whose windows are over; return how many."""
        return await self._connection.run(_FORGET)
