"""How many posts an account has left, now and later. No I/O.

A platform counts in a window that moves on: at each instant, the posts of the last 24
hours. What it counts beyond ours was made by others at a time that nobody tells, and is
taken to have been made just now.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vixenbliss.providers.oauth import Quota
from vixenbliss.services.candidates import Candidate, Finding, error, warning

_SECOND = timedelta(seconds=1)
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Expected:
    """A post to come, and how full its window is then."""

    at: datetime
    place: int
    """The how manieth post of its window it is."""
    is_over: bool
    """Whether the platform is going to refuse it."""


class Outlook:
    """An account's posts of the last window and those to come, and their limit."""

    def __init__(
        self, quota: Quota, planned: Sequence[datetime], *, now: datetime
    ) -> None:
        self._limit, self._per = quota.limit, quota.per
        self._planned = sorted(planned)
        self._now = now
        self._others = max(0, (quota.used or 0) - self._ours(now))

    def count(self, end: datetime) -> int:
        """Return how many posts the window holds that ends at an instant."""
        are_others_in = end - self._now < self._per
        return self._ours(end) + (self._others if are_others_in else 0)

    def place(self, at: datetime) -> int:
        """Return the how manieth post one more would be.

        Of the fullest window that has it: a post may also take the place of a later
        one.
        """
        first = bisect_right(self._planned, at)
        until = bisect_left(self._planned, _after(at, self._per))
        ends = [at, *self._planned[first:until]]
        return 1 + max(self.count(end) for end in ends)

    def has_room(self, at: datetime) -> bool:
        """Tell whether the platform will take one more, as far as it can be known."""
        return self.place(at) <= self._limit

    def earliest(self, at: datetime) -> datetime | None:
        """Return when one more would be taken, not before an instant.

        In whole seconds; None where nothing ever is.
        """
        if self.has_room(at):
            return at
        changes = (self._now, *self._planned)
        instants = {_whole(one + self._per) for one in changes}
        instants |= {_whole(one) + _SECOND for one in self._planned}
        later = sorted(one for one in instants if one > at)
        return next((one for one in later if self.has_room(one)), None)

    def _ours(self, end: datetime) -> int:
        begin = bisect_right(self._planned, _before(end, self._per))
        return bisect_right(self._planned, end) - begin


def earliest(
    quota: Quota, planned: Sequence[datetime], *, at: datetime, now: datetime
) -> datetime | None:
    """Return when one more post would be taken, not before an instant; see Outlook."""
    return Outlook(quota, planned, now=now).earliest(at)


def forecast(
    quota: Quota, planned: Sequence[datetime], *, now: datetime
) -> list[Expected]:
    """Return how full the window is at each post to come, in their order."""
    outlook = Outlook(quota, planned, now=now)
    return [
        Expected(at, place := outlook.count(at), place > quota.limit)
        for at in sorted(planned)
        if at > now
    ]


def quota_rule(candidate: Candidate) -> Iterator[Finding]:
    """Find whether the platform is going to refuse one post more."""
    if not candidate.has_time:
        message = "The account has no free time in the next days."
        yield error("quota", message, "Name a time, or give it other posting times.")
        return
    quota = candidate.facts.quota if candidate.facts else None
    if quota is None:
        message = "The platform does not say how many posts are left."
        fix = "Nothing to do; it is asked again before the post is published."
        yield warning("quota", message, fix)
        return
    outlook = Outlook(quota, candidate.planned, now=candidate.now)
    if not outlook.has_room(candidate.scheduled_at):
        place = outlook.place(candidate.scheduled_at)
        message = (
            f"It would be the {_ordinal(place)} post within"
            f" {quota.per // timedelta(hours=1)} hours; {quota.limit} are allowed."
        )
        yield error("quota", message, _fix(outlook.earliest(candidate.scheduled_at)))


def _fix(at: datetime | None) -> str:
    if at is None:
        return "Publish it on another account."
    return f"The earliest time is {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}."


def _ordinal(number: int) -> str:
    is_teen = number % 100 in range(11, 14)
    ending = "th" if is_teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _before(at: datetime, by: timedelta) -> datetime:
    """Return an instant so much earlier, or the first of all."""
    return at - by if at - _FIRST > by else _FIRST


def _after(at: datetime, by: timedelta) -> datetime:
    """Return an instant so much later, or the last of all."""
    return at + by if _LAST - at > by else _LAST


def _whole(at: datetime) -> datetime:
    """Return the next whole second."""
    whole = at.replace(microsecond=0)
    return whole if whole == at else whole + _SECOND
