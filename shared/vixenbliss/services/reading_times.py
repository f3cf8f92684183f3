"""When a post's numbers are read: often at first, then once a day, for thirty days."""

from datetime import datetime, timedelta

from vixenbliss.models.posts import PostFormat

FIRST = timedelta(hours=1)
READ_FOR = timedelta(days=30)
_EARLY = (FIRST, timedelta(hours=6), timedelta(hours=24))
_OF_STORIES = (FIRST, timedelta(hours=6), timedelta(hours=22))
"""Stories are told of for a day; the clock strikes once an hour."""
_DAY = timedelta(days=1)


def next_reading(
    published_at: datetime, form: PostFormat, *, at: datetime
) -> datetime | None:
    """Return when a post is to be read next, after an instant; None for never again.

    What was missed is not made up for: a number is of the moment it is read.
    """
    age = at - published_at
    early = _OF_STORIES if form is PostFormat.STORY else _EARLY
    after = next((one for one in early if one > age), None)
    if after is None and form is not PostFormat.STORY:
        after = (age // _DAY + 1) * _DAY
    return published_at + after if after and after <= READ_FOR else None
