"""Categories, as the outside sees them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from vixenbliss.errors import CategoryNotFoundError
from vixenbliss.schemas.base import (
    MAX_ID,
    MAX_PAGE_SIZE,
    NFC,
    SLUG,
    UNSENT,
    Input,
    IntegerId,
    Output,
    PageQuery,
    WholeSeconds,
    id_or,
    line,
)

MAX_SLUG = 120

CategoryId = Annotated[int, id_or(CategoryNotFoundError), Field(ge=1, le=MAX_ID)]
Name = Annotated[str, line(at_least=1, at_most=120), NFC]
Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=MAX_SLUG)]


class CategoryCreate(Input):
    """A new category; without a slug, its name makes one."""

    name: Name
    slug: Slug | None = None
    parent_id: IntegerId | None = None


class CategoryUpdate(Input):
    """What may change about a category; what is left out stays, null empties."""

    name: Name = UNSENT
    slug: Slug = UNSENT
    parent_id: IntegerId | None = UNSENT


class CategoryQuery(PageQuery):
    """Whose categories are wanted, and which page of them."""

    per_page: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = MAX_PAGE_SIZE
    workspace_id: UUID | None = None


class CategoryRead(Output):
    """A category."""

    id: int
    workspace_id: UUID
    name: str
    slug: str
    parent_id: int | None
    created_at: WholeSeconds
    updated_at: WholeSeconds


class CategoryDeleted(Output):
    """A category is not there any more."""

    deleted: bool = True
