"""How often a post is seen and answered: by and by, or as a test says."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field


class Counts(BaseModel):
    """What an audience has done up to now."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    views: int = Field(default=0, ge=0)
    likes: int = Field(default=0, ge=0)
    comments: int = Field(default=0, ge=0)
    shares: int = Field(default=0, ge=0)


class Told(Counts):
    """What a test says of a post's audience; it grows no more."""

    id: str


def grown(age: timedelta) -> Counts:
    """Return the numbers of a post of that age, which only ever grow."""
    views = int(age.total_seconds()) // 10
    return Counts(
        views=views, likes=views // 10, comments=views // 50, shares=views // 100
    )
