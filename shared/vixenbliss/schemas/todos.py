"""Todos, as whoever has to do them sees them."""

from typing import Annotated

from pydantic import Field

from vixenbliss.schemas.base import (
    MAX_PAGE_SIZE,
    NFC,
    UNSENT,
    Flag,
    Input,
    Output,
    PageQuery,
    line,
)

Title = Annotated[str, line(at_least=1, at_most=255), NFC]
TodoId = Annotated[int, Field(ge=1, le=2**31 - 1)]


class TodoCreate(Input):
    """Something new to do."""

    title: Title


class TodoReplace(Input):
    """All that may change about a todo."""

    title: Title
    completed: Flag


class TodoUpdate(Input):
    """What may change about a todo; what is left out stays."""

    title: Title = UNSENT
    completed: Flag = UNSENT


class TodoRead(Output):
    """A todo: exactly these three keys."""

    id: int
    title: str
    completed: bool


class TodoPage(PageQuery):
    """Which todos are wanted, in a bare list; a full one may have a next."""

    per_page: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = MAX_PAGE_SIZE
