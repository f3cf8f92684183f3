"""/api/categories: the shelves that items stand on; anybody may look."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Query, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Editor, Owner
from vixenbliss.api.dependencies import Database, locate, publish
from vixenbliss.api.responses import ENVELOPED_WRITES, failures
from vixenbliss.schemas.base import Listing, Success
from vixenbliss.schemas.categories import (
    CategoryCreate,
    CategoryDeleted,
    CategoryId,
    CategoryQuery,
    CategoryRead,
    CategoryUpdate,
)
from vixenbliss.services.categories import CategoryService
from vixenbliss.settings import settings

ALL = "/api/categories/"
ONE = "/api/categories/{category_id}"
app = create_app("Categories", needs=(settings().database, settings().jwt_secret))


async def _categories(database: Database) -> CategoryService:
    return CategoryService(database)


Categories = Annotated[CategoryService, Depends(_categories)]


@app.get(ALL, responses=failures(), tags=["shop"])
async def list_categories(
    categories: Categories,
    wanted: Annotated[CategoryQuery, Query()],
    response: Response,
) -> Success[Listing[CategoryRead]]:
    """List the categories, by their names."""
    listed = await categories.list(wanted)
    publish(response, listed)
    return Success(data=listed)


@app.get(ONE, responses=failures(HTTPStatus.NOT_FOUND), tags=["shop"])
async def read_category(
    category_id: CategoryId, categories: Categories, response: Response
) -> Success[CategoryRead]:
    """Return a category."""
    category = await categories.show(category_id)
    publish(response, category)
    return Success(data=category)


@app.post(
    ALL, status_code=HTTPStatus.CREATED, responses=ENVELOPED_WRITES, tags=["shop"]
)
async def create_category(
    body: CategoryCreate, caller: Editor, categories: Categories, response: Response
) -> Success[CategoryRead]:
    """Make a category, within another one or not."""
    made = await categories.create(caller, body)
    locate(response, f"{ALL}{made.id}")
    return Success(data=made, message="Category created successfully")


@app.patch(ONE, responses=ENVELOPED_WRITES, tags=["shop"])
async def update_category(
    category_id: CategoryId,
    body: CategoryUpdate,
    caller: Editor,
    categories: Categories,
) -> Success[CategoryRead]:
    """Rename a category, or move it with all that stands in it."""
    changed = await categories.update(caller, category_id, body)
    return Success(data=changed, message="Category updated successfully")


@app.delete(ONE, responses=ENVELOPED_WRITES, tags=["shop"])
async def delete_category(
    category_id: CategoryId, caller: Owner, categories: Categories
) -> Success[CategoryDeleted]:
    """Delete a category in which nothing stands any more."""
    await categories.delete(caller, category_id)
    return Success(data=CategoryDeleted(), message="Category deleted successfully")


handler = lambda_handler(app)
