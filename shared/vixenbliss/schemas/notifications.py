"""Notices, as those who are told of something see them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from vixenbliss.models.base import Json
from vixenbliss.schemas.base import MAX_PAGE_SIZE, Input, Output


class NoticeRead(Output):
    """Something that a person should know."""

    id: UUID
    workspace_id: UUID | None
    kind: str
    detail: Json
    created_at: datetime
    read_at: datetime | None


class NoticesSeen(Input):
    """Which notices somebody has read; those of others are left alone."""

    ids: (
        Annotated[list[UUID], Field(min_length=1, max_length=MAX_PAGE_SIZE)]
        | Literal["all"]
    )
