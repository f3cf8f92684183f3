"""What avatars did, earned and cost, as the outside sees it, by UTC's days."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, computed_field

from vixenbliss.models.social_accounts import Platform
from vixenbliss.schemas.base import YEARS, Output

LONGEST_DAYS = 366
SPELLED = re.compile(r"^\d{4}-\d\d-\d\d$", re.ASCII)


def _as_spelled(value: object) -> object:
    """Refuse numbers and midnights, which Pydantic would take for days, too."""
    if isinstance(value, date) or (isinstance(value, str) and SPELLED.match(value)):
        return value
    message = "is told as 2026-12-24"
    raise ValueError(message)


def _in_our_time(day: date) -> date:
    if day.year in YEARS:
        return day
    message = f"is in a year from {YEARS[0]} to {YEARS[-1]}"
    raise ValueError(message)


Day = Annotated[date, AfterValidator(_in_our_time), BeforeValidator(_as_spelled)]
"""A day of UTC's."""


class SeriesInterval(StrEnum):
    """What a point of a series stands for."""

    DAY = "day"
    WEEK = "week"
    """From Monday on; the first and the last are cut to the days that are asked for."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days that are asked for, both ends included."""

    since: date
    until: date


class DailyCounts(Output):
    """What was published, and by how much numbers have grown."""

    posts: int = 0
    views: int = 0
    likes: int = 0
    comments: int = 0
    shares: int = 0


class Earnings(Output):
    """What was earned and spent in one currency, in millionths of its unit."""

    currency: str
    income_micros: int
    """Revenue less refunds, fees and disputes."""
    cost_micros: int
    """What generating content has cost."""

    @computed_field  # type: ignore[prop-decorator]  # Pydantic's own way
    @property
    def margin_micros(self) -> int:
        """Income less cost."""
        return self.income_micros - self.cost_micros


class Figures(DailyCounts):
    """Numbers and money."""

    money: list[Earnings] = Field(default_factory=list)


class AvatarFigures(Figures):
    """An avatar's figures; without one, what the books have of none."""

    avatar_id: UUID | None
    avatar_name: str | None


class NumbersGap(Output):
    """An account whose numbers were missing when they were read last, and why."""

    account_id: UUID
    avatar_id: UUID | None
    platform: Platform
    username: str
    code: str


class Told(Output):
    """Which days are told of, and how far they have been computed."""

    since: Annotated[date, Field(serialization_alias="from")]
    until: Annotated[date, Field(serialization_alias="to")]
    computed_until: date | None
    """The last of these days that has been computed."""
    computed_at: datetime | None
    """When one of them was computed last; what came later is not in yet."""


class Overview(Told):
    """All avatars of a workspace that did anything in these days."""

    items: list[AvatarFigures]
    totals: Figures
    gaps: list[NumbersGap]


class SeriesPoint(Figures):
    """The figures of a day, or of a week by its first day."""

    starts_on: date


class AvatarSeries(Told):
    """One avatar's figures over time; a point without any is left out."""

    avatar_id: UUID
    avatar_name: str
    interval: SeriesInterval
    items: list[SeriesPoint]
    totals: Figures
