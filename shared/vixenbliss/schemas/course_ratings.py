"""What people think of courses, as the outside sees it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from vixenbliss.schemas.base import Input, Output, SerialId

type Stars = Literal["1", "2", "3", "4", "5"]


class RatingUpdate(Input):
    """Another rating by whoever has rated before."""

    rating: Annotated[int, Field(strict=True, ge=1, le=5)]


class RatingCreate(RatingUpdate):
    """A rating; nobody rates in another's name."""

    user_id: SerialId | None = None


class RatingRead(Output):
    """What somebody thinks of a course."""

    id: int
    course_id: int
    user_id: int
    rating: int
    created_at: datetime
    updated_at: datetime


class RatingStats(Output):
    """What all together think of a course; 0 on average while nobody has rated it."""

    average_rating: float
    """To two decimals."""
    total_ratings: int
    rating_distribution: dict[Stars, int]
